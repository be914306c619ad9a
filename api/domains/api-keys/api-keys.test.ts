import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { problem } from '#api/contract/problem.ts'
import { type Person, type TestApi, testApi } from '#api/testing.ts'
import { getMe } from '#contracts/access'
import { listAgents } from '#contracts/agents'
import { createLiveTicket, listCalls } from '#contracts/calls'
import { changeRole, listMembers } from '#contracts/members'
import { getOrganization } from '#contracts/organizations'
import { adjustWallet, getWallet } from '#contracts/wallet'
import { createApiKey, keyPermissions, listApiKeys, revokeApiKey } from './contract.ts'

let api: TestApi
let admin: Person
let organizationId: string
beforeAll(async () => {
  api = await testApi()
})
afterAll(() => api.close())
beforeEach(async () => {
  admin = await api.aHolderOf('admin')
  organizationId = admin.organizationId ?? ''
})

const codeOf = (response: { body: string }) => problem.parse(JSON.parse(response.body)).code
const create = async (body: Partial<typeof usual> = {}) => {
  const response = await api.call(createApiKey, { body: { ...usual, ...body } }, admin)
  expect(response.statusCode).toBe(201)
  return createApiKey.response.parse(response.json())
}
const usual = {
  name: 'Reporting',
  permissions: ['members.read'] as (typeof keyPermissions)[number][],
  expiresAt: null as string | null,
}
const members = (token: string) => api.call(listMembers, { query: {} }, { token })
const audited = () =>
  api.database.query(
    'app',
    `select action, actor_kind, actor_id, subject, after from audit_entries
      where action like 'api-keys.%' order by sequence`,
    [],
    organizationId,
  )

test('a key opens what it was made for, shows its secret once and is audited', async () => {
  const { secret, ...key } = await create()
  expect(secret).toMatch(/^vox_[0-9a-f]{32}_[\w-]{43}$/)
  expect((await members(secret)).statusCode).toBe(200)

  const response = await api.call(listApiKeys, { query: {} }, admin)
  expect(listApiKeys.response.parse(response.json()).items).toEqual([
    { ...key, lastFour: secret.slice(-4), lastUsedAt: expect.any(Date) },
  ])
  expect(response.body).not.toContain(secret.slice(-43))
  expect(await audited()).toEqual([
    {
      action: 'api-keys.create',
      actor_kind: 'user',
      actor_id: admin.userId,
      subject: key.id,
      after: { permissions: ['members.read'], expiresAt: null },
    },
  ])
  const stored = await api.database.query('admin', 'select * from api_keys where id = $1', [key.id])
  expect(JSON.stringify(stored)).not.toContain(secret.slice(-43))
  expect(JSON.stringify(api.logged())).not.toContain(secret.slice(-43))
})

test('what a key does not hold, and what is for people only, is refused with 403', async () => {
  const { token } = await api.aKey(organizationId, ['members.read', 'calls.listen'])
  const refused = await api.call(getWallet, {}, { token })
  expect([refused.statusCode, codeOf(refused)]).toEqual([403, 'request.forbidden'])
  for (const response of [
    await api.call(getMe, {}, { token }),
    await api.call(listApiKeys, { query: {} }, { token }),
    await api.call(createLiveTicket, { params: { callId: crypto.randomUUID() } }, { token }),
  ])
    expect([response.statusCode, codeOf(response)]).toEqual([403, 'request.people_only'])
  const outside = { params: { organizationId }, body: adjustment }
  expect((await api.call(adjustWallet, outside, { token })).statusCode).toBe(403)
})
const adjustment = { requestId: crypto.randomUUID(), amountCents: 1, note: 'by hand' }

test('the permission to read the organization’s calls opens lists that people see their own of', async () => {
  const callId = crypto.randomUUID()
  await api.database.query(
    'app',
    `insert into calls (organization_id, id, kind, direction, from_number, to_number)
     values ($1, $2, 'agent', 'inbound', '+15550001111', '+15550002222')`,
    [organizationId, callId],
    organizationId,
  )
  const wide = await api.aKey(organizationId, ['calls.read-organization'])
  const listed = listCalls.response.parse((await api.call(listCalls, { query: {} }, wide)).json())
  expect(listed.items.map(({ id, costCents }) => ({ id, costCents }))).toEqual([
    { id: callId, costCents: null },
  ])
  const other = await api.aKey(organizationId, ['agents.read'])
  expect((await api.call(listCalls, { query: {} }, other)).statusCode).toBe(403)
  expect((await api.call(listAgents, { query: {} }, other)).statusCode).toBe(200)
})

test('a key sees its own organization only', async () => {
  const { token } = await api.aKey(await api.database.anOrganization({ name: 'Elsewhere' }), [
    'organization.read',
    'members.read',
  ])
  expect((await api.call(getOrganization, {}, { token })).json().name).toBe('Elsewhere')
  expect((await members(token)).json().items).toEqual([])
})

test('a revoked key is refused with the next request; revoking again changes nothing', async () => {
  const { id, secret } = await create()
  expect((await members(secret)).statusCode).toBe(200)
  const revoke = () => api.call(revokeApiKey, { params: { apiKeyId: id } }, admin)
  const first = (await revoke()).json()
  expect(first.revokedAt).toEqual(expect.any(String))
  expect((await members(secret)).statusCode).toBe(401)
  expect((await revoke()).json()).toEqual(first)
  expect((await audited()).map(({ action }) => action)).toEqual([
    'api-keys.create',
    'api-keys.revoke',
  ])
})

test('a key ends at its time by the database’s clock', async () => {
  const { keyId, token } = await api.aKey(
    organizationId,
    ['members.read'],
    new Date(Date.now() + 3_600_000),
  )
  expect((await members(token)).statusCode).toBe(200)
  await api.database.query('admin', 'update api_keys set expires_at = now() where id = $1', [keyId])
  expect((await members(token)).statusCode).toBe(401)
})

test.each([
  ['of another key', (own: string, other: string) => own.slice(0, 37) + other.slice(37)],
  ['with one letter changed', (own: string) => own.slice(0, -1) + (own.endsWith('A') ? 'B' : 'A')],
  ['cut short', (own: string) => own.slice(0, -1)],
  ['of nobody', (own: string) => own.replace(/^vox_.{32}/, `vox_${'0'.repeat(32)}`)],
  ['that is only a prefix', () => 'vox_'],
])('a secret %s is refused with 401', async (_what, spoil) => {
  const [own, other] = [
    await api.aKey(organizationId, ['members.read']),
    await api.aKey(organizationId, ['members.read']),
  ]
  const response = await members(spoil(own.token, other.token))
  expect([response.statusCode, codeOf(response)]).toEqual([401, 'request.unauthenticated'])
})

test('a pause, an archiving and a switch bind keys as they bind people', async () => {
  const { token } = await api.aKey(organizationId, ['members.read', 'members.invite'])
  const set = (status: string) =>
    api.database.query('admin', 'update organizations set status = $2 where id = $1', [
      organizationId,
      status,
    ])
  const write = () =>
    api.call(
      changeRole,
      { params: { memberId: crypto.randomUUID() }, body: { role: 'admin' } },
      admin,
    )
  await set('paused')
  expect((await members(token)).statusCode).toBe(200)
  expect((await write()).statusCode).toBe(403)
  await set('archived')
  expect(codeOf(await members(token))).toBe('organization.not_active')
  await set('active')
  await api.database.query(
    'app',
    `insert into feature_flags (organization_id, flag, enabled) values ($1, 'api_keys', false)`,
    [organizationId],
    organizationId,
  )
  expect(codeOf(await members(token))).toBe('feature.off')
  expect(codeOf(await api.call(listApiKeys, { query: {} }, admin))).toBe('feature.off')
})

test('use is noted to the minute and costs one write a minute', async () => {
  const { keyId, token } = await api.aKey(organizationId, ['members.read'])
  const versions = async () => {
    const [row] = await api.database.query<{ last_used_at: Date; xmin: string }>(
      'admin',
      'select last_used_at, xmin::text from api_keys where id = $1',
      [keyId],
    )
    return row
  }
  await members(token)
  const first = await versions()
  expect(first?.last_used_at.getTime()).toBeTypeOf('number')
  expect((first?.last_used_at.getTime() ?? 1) % 60_000).toBe(0)
  await api.database.query(
    'admin',
    "update api_keys set last_used_at = last_used_at - interval '5 minutes' where id = $1",
    [keyId],
  )
  await Promise.all([members(token), members(token), members(token)])
  expect((await versions())?.last_used_at.getTime()).toBeGreaterThanOrEqual(
    first?.last_used_at.getTime() ?? 0,
  )
})

test.each([
  ['a permission that is not for keys', { permissions: ['members.update'] }],
  ['a platform permission', { permissions: ['wallet.adjust'] }],
  ['no permission', { permissions: [] }],
  ['no name', { name: ' ' }],
  ['an end in the past', { expiresAt: '2020-01-01T00:00:00Z' }],
])('a key with %s is not made', async (_what, over) => {
  const body = { ...usual, ...over } as typeof usual
  const response = await api.call(createApiKey, { body }, admin)
  expect([response.statusCode, codeOf(response)]).toEqual([400, 'request.invalid'])
  expect(await audited()).toEqual([])
})

test('nothing a key may is a person’s own or makes it more powerful', () => {
  expect(keyPermissions).toContain('calls.read-organization')
  for (const permission of ['organization.update', 'members.update', 'wallet.top-up'] as const)
    expect(keyPermissions).not.toContain(permission)
  expect(keyPermissions.filter((permission) => permission.endsWith('-own'))).toEqual([])
})

test('the key of another organization cannot be revoked and answers like one that is not there', async () => {
  const { keyId } = await api.aKey(await api.database.anOrganization(), ['members.read'])
  const answers = await Promise.all(
    [keyId, crypto.randomUUID()].map((apiKeyId) =>
      api.call(revokeApiKey, { params: { apiKeyId } }, admin),
    ),
  )
  const told = answers.map(({ statusCode, body }) => ({
    statusCode,
    ...JSON.parse(body),
    requestId: '',
  }))
  expect(told[0]).toEqual(told[1])
  expect(told[0].statusCode).toBe(404)
})
