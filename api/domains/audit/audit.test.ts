import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { asPlatform, type Context, forOrganization, inTransaction } from '#api/core/context.ts'
import { type TestApi, testApi } from '#api/testing.ts'
import { canonical, GENESIS, hashLink } from './chain.ts'
import * as contract from './contract.ts'
import { listAuditEntries } from './contract.ts'
import { anchorHeads, recordAudit, recordPlatformAudit, verifyChains } from './service.ts'

let api: TestApi
// Anchors of its own: an object store is shared by who names the same folder.
const dataDir = mkdtempSync(path.join(tmpdir(), 'voxcalls-audit-'))
beforeAll(async () => {
  api = await testApi({ DATA_DIR: dataDir })
})
afterAll(async () => {
  await api.close()
  rmSync(dataDir, { recursive: true })
})

const anOrganization = async () => {
  const organizationId = await api.database.anOrganization()
  return { organizationId, ctx: forOrganization(api.ctx, organizationId) }
}
const record = (ctx: Context, subject: string, after?: Record<string, unknown>) =>
  inTransaction(ctx, (tx) =>
    recordAudit(tx, { action: 'test.act', subject, ...(after && { after }) }),
  )

/** As somebody would who holds the database: past grants, policies and triggers. */
async function tamper(
  text: string,
  values: unknown[],
  table: 'audit_entries' | 'platform_audit_entries' = 'audit_entries',
): Promise<void> {
  await api.database.query('admin', `alter table ${table} disable trigger user`)
  await api.database.query('admin', text, values)
  await api.database.query('admin', `alter table ${table} enable trigger user`)
}
const findingsOf = async (organizationId: string) =>
  (await verifyChains(api.ctx)).filter((finding) => finding.organizationId === organizationId)

test('entries of an organization follow one another without gaps and verify', async () => {
  const { organizationId, ctx } = await anOrganization()
  for (const subject of ['a', 'b', 'c'])
    await record(ctx, subject, { cents: 1.5, nested: { z: 1, a: [null] } })
  const rows = await api.database.query<{ sequence: number; previous_hash: string; hash: string }>(
    'app',
    'select sequence, previous_hash, hash from audit_entries order by sequence',
    [],
    organizationId,
  )
  expect(rows.map((row) => Number(row.sequence))).toEqual([1, 2, 3])
  expect(rows[0]?.previous_hash).toBe(GENESIS)
  expect(rows[2]?.previous_hash).toBe(rows[1]?.hash)
  expect(await findingsOf(organizationId)).toEqual([])
})

test('entries written at once by many come one after another', async () => {
  const { organizationId, ctx } = await anOrganization()
  await Promise.all(Array.from({ length: 12 }, (_, index) => record(ctx, String(index))))
  const [row] = await api.database.query<{ count: number; last: number }>(
    'app',
    'select count(*)::int as count, max(sequence)::int as last from audit_entries',
    [],
    organizationId,
  )
  expect(row).toEqual({ count: 12, last: 12 })
  expect(await findingsOf(organizationId)).toEqual([])
})

test('an entry of a transaction that failed leaves no gap', async () => {
  const { organizationId, ctx } = await anOrganization()
  await record(ctx, 'kept')
  const failing = inTransaction(ctx, async (tx) => {
    await recordAudit(tx, { action: 'test.act', subject: 'lost' })
    throw new Error('no')
  })
  await expect(failing).rejects.toThrow('no')
  await record(ctx, 'next')
  expect(await findingsOf(organizationId)).toEqual([])
})

test('an admin reads the entries page by page, newest first, of one domain or one person where asked', async () => {
  const admin = await api.aHolderOf('admin')
  const ctx = forOrganization(api.ctx, admin.organizationId ?? '')
  for (const subject of ['a', 'b', 'c']) await record(ctx, subject)
  const ask = async (query: object) => {
    const response = await api.call(listAuditEntries, { query }, admin)
    return listAuditEntries.response.parse(response.json())
  }
  const first = await ask({ limit: 2 })
  expect(first.items.map(({ subject }) => subject)).toEqual(['c', 'b'])
  const rest = await ask({ limit: 2, cursor: first.nextCursor })
  expect(rest.items.map(({ action }) => action)).toEqual(['test.act', 'members.add'])
  expect(rest.nextCursor).toBeNull()
  expect((await ask({ action: 'members' })).items).toHaveLength(1)
  expect((await ask({ action: 'member' })).items).toEqual([])
  expect((await ask({ actorId: admin.userId })).items).toEqual([])
  const wrong = await api.call(listAuditEntries, { query: { cursor: 'x' } }, admin)
  expect(wrong.statusCode).toBe(400)
})

test('the database refuses to change, delete or truncate entries, whoever asks', async () => {
  const { organizationId, ctx } = await anOrganization()
  await record(ctx, 'kept')
  for (const role of ['app', 'owner'] as const)
    for (const text of [
      `update audit_entries set action = 'x'`,
      'delete from audit_entries',
      'truncate audit_entries',
    ])
      await expect(api.database.query(role, text, [], organizationId)).rejects.toMatchObject({
        code: '42501',
      })
})

test('verification names the first bad entry, whatever was done to it', async () => {
  const spoilt: [string, (id: string) => Promise<void>, { sequence: number; problem: string }][] = [
    [
      'its content changed',
      (id) =>
        tamper(
          `update audit_entries set subject = 'x' where organization_id = $1 and sequence = 2`,
          [id],
        ),
      { sequence: 2, problem: 'content does not fit its hash' },
    ],
    [
      'it was removed',
      (id) => tamper('delete from audit_entries where organization_id = $1 and sequence = 2', [id]),
      { sequence: 3, problem: 'gap in the sequence' },
    ],
    [
      'the last was removed',
      (id) => tamper('delete from audit_entries where organization_id = $1 and sequence = 3', [id]),
      { sequence: 3, problem: 'entry missing' },
    ],
    [
      'the chain was rewritten from it on',
      (id) =>
        tamper(
          `update audit_entries set hash = repeat('a', 64) where organization_id = $1 and sequence = 3`,
          [id],
        ),
      { sequence: 3, problem: 'content does not fit its hash' },
    ],
    [
      'the head was set back',
      (id) => tamper('update audit_heads set sequence = 2 where organization_id = $1', [id]),
      { sequence: 2, problem: 'head does not fit' },
    ],
    [
      'the head was set back to an entry that once was the last',
      (id) =>
        tamper(
          `update audit_heads h set sequence = 2, hash = e.hash from audit_entries e
            where h.organization_id = $1 and e.organization_id = $1 and e.sequence = 2`,
          [id],
        ),
      { sequence: 2, problem: 'head does not fit' },
    ],
    [
      'the head was removed',
      (id) => tamper('delete from audit_heads where organization_id = $1', [id]),
      { sequence: 0, problem: 'entries without a head' },
    ],
  ]
  for (const [what, spoil, finding] of spoilt) {
    const { organizationId, ctx } = await anOrganization()
    for (const subject of ['a', 'b', 'c']) await record(ctx, subject)
    await spoil(organizationId)
    expect(await findingsOf(organizationId), what).toEqual([{ organizationId, ...finding }])
  }
})

test('the order of keys does not change a hash, and any value does', () => {
  const link = {
    organizationId: 'o',
    sequence: 1,
    id: 'i',
    at: new Date(0),
    actorKind: 'user',
    actorId: 'u',
    action: 'a.b',
    subject: 's',
    before: null,
    after: { a: 1, b: 2 },
  }
  expect(hashLink(GENESIS, { ...link, after: { b: 2, a: 1 } })).toBe(hashLink(GENESIS, link))
  expect(hashLink(GENESIS, { ...link, after: { a: 1, b: 3 } })).not.toBe(hashLink(GENESIS, link))
  expect(canonical({ b: [{ d: 1, c: 2 }], a: new Date(0) })).toBe(
    '{"a":"1970-01-01T00:00:00.000Z","b":[{"c":2,"d":1}]}',
  )
})

test('entries of the platform’s own chain follow one another, also when written at once', async () => {
  await Promise.all(
    Array.from({ length: 8 }, (_, index) =>
      asPlatform(api.ctx, (tx) =>
        recordPlatformAudit(tx, { action: 'test.act', subject: String(index) }),
      ),
    ),
  )
  const rows = await api.database.query<{ sequence: number; previous_hash: string; hash: string }>(
    'platform',
    'select sequence, previous_hash, hash from platform_audit_entries order by sequence',
  )
  expect(rows.map((row) => Number(row.sequence))).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
  expect(rows[0]?.previous_hash).toBe(GENESIS)
  for (const [index, row] of rows.slice(1).entries())
    expect(row.previous_hash).toBe(rows[index]?.hash)
})

test('the platform’s chain names its first bad entry, whatever was done to it', async () => {
  const platformFinding = async () =>
    (await verifyChains(api.ctx)).filter(({ organizationId }) => organizationId === null)
  expect(await platformFinding()).toEqual([])
  const table = 'platform_audit_entries'
  await tamper(`update ${table} set action = 'x.y' where sequence = 3`, [], table)
  expect(await platformFinding()).toEqual([
    { organizationId: null, sequence: 3, problem: 'content does not fit its hash' },
  ])
  await tamper(`update ${table} set action = 'test.act' where sequence = 3`, [], table)
  expect(await platformFinding()).toEqual([])
  await tamper('update platform_audit_head set sequence = sequence - 1', [])
  expect(await platformFinding()).toMatchObject([{ sequence: 7, problem: 'head does not fit' }])
  await tamper('update platform_audit_head set sequence = sequence + 1', [])
})

test('a member verifies the own chain and reads where it breaks, and nothing of other chains', async () => {
  const admin = await api.aHolderOf('admin')
  const organizationId = admin.organizationId ?? ''
  const other = await anOrganization()
  await record(other.ctx, 'a')
  await tamper(`update audit_entries set subject = 'x' where organization_id = $1`, [
    other.organizationId,
  ])
  await record(forOrganization(api.ctx, organizationId), 'a')
  const verify = async () => {
    const response = await api.call(contract.verifyAudit, {}, admin)
    return contract.verifyAudit.response.parse(response.json())
  }
  expect(await verify()).toEqual({ checked: 2, intact: true, problem: null })
  await tamper(
    `update audit_entries set before = '{"a":1}' where organization_id = $1 and sequence = 2`,
    [organizationId],
  )
  expect(await verify()).toEqual({
    checked: 1,
    intact: false,
    problem: { sequence: 2, problem: 'content does not fit its hash' },
  })
  await tamper('delete from audit_heads where organization_id = $1', [organizationId])
  expect((await verify()).problem).toEqual({ sequence: 0, problem: 'entries without a head' })

  const root = await api.aHolderOf('super_admin')
  const office = await api.call(contract.verifyPlatformAudit, {}, root)
  const verdict = contract.verifyPlatformAudit.response.parse(office.json())
  expect(verdict).toMatchObject({ intact: false, problem: null })
  expect(verdict.organizations).toContainEqual({
    organizationId: other.organizationId,
    sequence: 1,
    problem: 'content does not fit its hash',
  })
  expect(api.logged()).toContainEqual(expect.objectContaining({ alert: 'audit.chain_broken' }))
})

/** What a database's owner could do to hide an entry: every hash from it on, and the head, made to fit again. */
async function rewrite(organizationId: string, from: number, subject: string): Promise<void> {
  const rows = await api.database.query<Record<string, unknown> & { hash: string }>(
    'admin',
    `select sequence::int, id, at, actor_kind as "actorKind", actor_id as "actorId", action, subject, before, after, hash
       from audit_entries where organization_id = $1 order by sequence`,
    [organizationId],
  )
  let hash: string = GENESIS
  for (const { hash: stored, ...row } of rows) {
    const link = { ...row, organizationId } as unknown as Parameters<typeof hashLink>[1]
    const isFirst = link.sequence === from
    const next =
      link.sequence < from ? stored : hashLink(hash, isFirst ? { ...link, subject } : link)
    await tamper(
      `update audit_entries set subject = $3, previous_hash = $4, hash = $5
        where organization_id = $1 and sequence = $2`,
      [organizationId, link.sequence, isFirst ? subject : link.subject, hash, next],
    )
    hash = next
  }
  await tamper('update audit_heads set hash = $2 where organization_id = $1', [
    organizationId,
    hash,
  ])
}

test('a chain rewritten from an entry on, its head included, differs from its anchor', async () => {
  const day = (iso: string) => ({ ...api.ctx, now: () => new Date(iso) })
  const rewritten = await anOrganization()
  const shortened = await anOrganization()
  const removed = await anOrganization()
  for (const { ctx } of [rewritten, shortened, removed])
    for (const subject of ['a', 'b', 'c']) await record(ctx, subject)
  expect(await anchorHeads(day('2026-03-01T02:00:00Z'))).toBe('anchored')
  await record(rewritten.ctx, 'd')
  expect(await findingsOf(rewritten.organizationId)).toEqual([])

  await rewrite(rewritten.organizationId, 2, 'somebody else')
  await tamper('delete from audit_entries where organization_id = $1 and sequence = 3', [
    shortened.organizationId,
  ])
  await tamper(
    `update audit_heads h set sequence = 2, hash = e.hash from audit_entries e
      where h.organization_id = $1 and e.organization_id = $1 and e.sequence = 2`,
    [shortened.organizationId],
  )
  for (const table of ['audit_entries', 'audit_heads'])
    await tamper(`delete from ${table} where organization_id = $1`, [removed.organizationId])

  // The anchor of a day is not written twice, so one made after the deed does not hide it.
  expect(await anchorHeads(day('2026-03-01T23:00:00Z'))).toBe('anchored already')
  expect(await anchorHeads(day('2026-03-02T02:00:00Z'))).toBe('anchored')
  expect(await findingsOf(rewritten.organizationId)).toMatchObject([
    { sequence: 3, problem: 'differs from its anchor of 2026-03-01' },
  ])
  expect(await findingsOf(shortened.organizationId)).toMatchObject([
    { sequence: 3, problem: 'shorter than its anchor of 2026-03-01' },
  ])
  expect(await findingsOf(removed.organizationId)).toMatchObject([
    { sequence: 1, problem: 'gone since its anchor of 2026-03-01' },
  ])
})

test('entries are found by subject and time, with the name of a person who is a member', async () => {
  const admin = await api.aHolderOf('admin')
  const ctx = forOrganization(api.ctx, admin.organizationId ?? '')
  const as = (at: string): Context => ({
    ...ctx,
    now: () => new Date(at),
    actor: {
      kind: 'user',
      userId: admin.userId,
      email: '',
      platformRole: null,
      membership: null,
    },
  })
  await record(as('2026-01-01T00:00:00Z'), 'thing-1')
  await record(as('2026-02-01T00:00:00Z'), 'thing-2')
  const ask = async (query: object) => {
    const response = await api.call(listAuditEntries, { query }, admin)
    return listAuditEntries.response.parse(response.json()).items
  }
  expect(await ask({ subject: 'thing-1' })).toMatchObject([
    { subject: 'thing-1', actorKind: 'user', actorId: admin.userId, actorName: 'Test Person' },
  ])
  const in2026 = { from: '2026-01-01T00:00:00Z', to: '2026-02-01T00:00:00Z' }
  expect((await ask(in2026)).map(({ subject }) => subject)).toEqual(['thing-1'])
  expect(await ask({ actorId: admin.userId })).toHaveLength(2)
  expect((await ask({ action: 'members.add' }))[0]).toMatchObject({
    actorKind: 'anyone',
    actorName: null,
  })
})

test('the office reads its own entries or one organization’s, with the names of its people', async () => {
  const root = await api.aHolderOf('super_admin')
  const { organizationId, ctx } = await anOrganization()
  const actor = {
    kind: 'user',
    userId: root.userId,
    email: '',
    platformRole: 'super_admin',
    membership: null,
  } as const
  await record({ ...ctx, actor }, 'theirs')
  await asPlatform({ ...api.ctx, actor }, (tx) =>
    recordPlatformAudit(tx, { action: 'test.office', subject: 'ours' }),
  )
  const ask = async (query: object) => {
    const response = await api.call(contract.listPlatformAuditEntries, { query }, root)
    return contract.listPlatformAuditEntries.response.parse(response.json())
  }
  expect((await ask({ organizationId })).items).toMatchObject([
    { action: 'test.act', subject: 'theirs', actorName: 'Test Person' },
  ])
  const own = await ask({ limit: 1 })
  expect(own.items).toMatchObject([{ action: 'test.office', actorName: 'Test Person' }])
  expect(own.nextCursor).not.toBeNull()
  const next = await ask({ limit: 1, cursor: own.nextCursor })
  expect(next.items[0]?.sequence).toBe((own.items[0]?.sequence ?? 0) - 1)
  expect((await ask({ organizationId: crypto.randomUUID() })).items).toEqual([])
})

test('the export holds every entry of the filter, with a mark for spreadsheets and nothing they would run', async () => {
  const admin = await api.aHolderOf('admin')
  const ctx = forOrganization(api.ctx, admin.organizationId ?? '')
  await inTransaction(ctx, async (tx) => {
    for (let index = 0; index < 600; index++)
      await recordAudit(tx, { action: 'test.act', subject: index === 0 ? '=1+1' : `s-${index}` })
  })
  const response = await api.call(
    contract.exportAuditEntries,
    { query: { action: 'test.act' } },
    admin,
  )
  expect(response.headers['content-type']).toBe('text/csv; charset=utf-8')
  expect(response.body.startsWith('\uFEFFsequence,at,')).toBe(true)
  const lines = response.body.trimEnd().split('\r\n')
  expect(lines).toHaveLength(601)
  expect(new Set(lines.slice(1).map((line) => line.split(',')[0])).size).toBe(600)
  expect(lines.at(-1)).toContain(`"'=1+1"`)
  const root = await api.aHolderOf('super_admin')
  const office = await api.call(
    contract.exportPlatformAuditEntries,
    { query: { organizationId: admin.organizationId ?? '', action: 'members' } },
    root,
  )
  expect(office.body.trimEnd().split('\r\n')).toHaveLength(2)
})
