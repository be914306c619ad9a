import { afterAll, beforeAll, expect, test } from 'vitest'
import { asPlatform, type Context, forOrganization, inTransaction } from '#api/core/context.ts'
import { type TestApi, testApi } from '#api/testing.ts'
import { canonical, GENESIS, hashLink } from './chain.ts'
import { listAuditEntries } from './contract.ts'
import { recordAudit, recordPlatformAudit, verifyChains } from './service.ts'

let api: TestApi
beforeAll(async () => {
  api = await testApi()
})
afterAll(() => api.close())

const anOrganization = async () => {
  const organizationId = await api.database.anOrganization()
  return { organizationId, ctx: forOrganization(api.ctx, organizationId) }
}
const record = (ctx: Context, subject: string, after?: Record<string, unknown>) =>
  inTransaction(ctx, (tx) =>
    recordAudit(tx, { action: 'test.act', subject, ...(after && { after }) }),
  )

/** As somebody would who holds the database: past grants, policies and triggers. */
async function tamper(text: string, values: unknown[]): Promise<void> {
  await api.database.query('admin', 'alter table audit_entries disable trigger user')
  await api.database.query('admin', text, values)
  await api.database.query('admin', 'alter table audit_entries enable trigger user')
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
