import { createHmac, randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { verifyWebhook } from '@clerk/backend/webhooks'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { asPlatform } from '#api/core/context.ts'
import { findListener } from '#api/domains/calls/service.ts'
import { refreshMember } from '#api/domains/members/service.ts'
import { type TestApi, testApi } from '#api/testing.ts'
import { createOrganization } from '#contracts/organizations'
import { type ClerkStandIn, startClerk } from '../../../sandbox/clerk/start.ts'
import { Faults } from '../../../sandbox/kit/faults.ts'
import { Journal } from '../../../sandbox/kit/journal.ts'
import { getMe } from './contract.ts'
import { keepAsClerkSays } from './from-clerk.ts'
import { grantPlatformRole, syncUser } from './service.ts'
import { verifySvix } from './svix.ts'

const secret = `whsec_${Buffer.from('sandbox webhook secret').toString('base64')}`
const origin = 'http://localhost:3000'
let folder: string
let clerk: ClerkStandIn
const faults = new Faults()
let api: TestApi

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'voxcalls-access-'))
  const journal = new Journal()
  clerk = await startClerk({
    port: 0,
    publishableKey: `pk_live_${Buffer.from('clerk.sandbox.test$').toString('base64')}`,
    secretKey: 'sk_live_sandbox',
    webhookSecret: secret,
    keyFile: path.join(folder, 'clerk.pem'),
    smtpUrl: 'smtp://127.0.0.1:1',
    journal,
    faults,
  })
  api = await testApi({ CLERK_API_URL: clerk.url, CLERK_JWT_KEY: clerk.jwtKey })
})
afterAll(async () => {
  await api.close()
  await clerk.close()
  rmSync(folder, { recursive: true })
})

const aClerkUser = () =>
  clerk.addUser({
    email: `${randomUUID()}@voxcalls.test`,
    password: 'correct horse',
    firstName: 'Ada',
    lastName: 'Low',
  })

/** A delivery as Svix makes it; `over` spoils one part. */
function deliver(
  body: string,
  over: { id?: string; ageSeconds?: number; signature?: string } = {},
) {
  const id = over.id ?? `msg_${randomUUID()}`
  const timestamp = String(Math.floor(Date.now() / 1000) - (over.ageSeconds ?? 0))
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64')
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')
  const headers = {
    'content-type': 'application/json',
    'svix-id': id,
    'svix-timestamp': timestamp,
    'svix-signature': over.signature ?? `v1,${signature}`,
  }
  return api.app.inject({ method: 'POST', url: '/webhooks/clerk', headers, payload: body })
}
const news = (type: string, id: string) => JSON.stringify({ type, data: { id } })
const rowOf = async (clerkUserId: string) => {
  const text = 'select name, email_verified, deleted_at from users where clerk_user_id = $1'
  const [row] = await api.database.query<Record<string, unknown>>('platform', text, [clerkUserId])
  return row
}

test('a new person is known after the first request, with what Clerk says', async () => {
  const { id } = await aClerkUser()
  const response = await api.call(getMe, {}, { token: clerk.sessionToken(id, origin) })
  expect(response.statusCode).toBe(200)
  expect(response.json()).toMatchObject({ name: 'Ada Low', membership: null, platformRole: null })
})

test('ten first requests at once make one user', async () => {
  const { id } = await aClerkUser()
  const token = clerk.sessionToken(id, origin)
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => api.call(getMe, {}, { token })),
  )
  expect(new Set(answers.map((answer) => answer.json().userId)).size).toBe(1)
})

test('a genuine token of somebody Clerk no longer knows is refused', async () => {
  const { id } = await aClerkUser()
  const token = clerk.sessionToken(id, origin)
  await fetch(`${clerk.url}/v1/users/${id}`, {
    method: 'DELETE',
    headers: { authorization: 'Bearer sk_live_sandbox' },
  })
  expect((await api.call(getMe, {}, { token })).statusCode).toBe(401)
})

test('a delivery brings the person up to date, once for each id', async () => {
  const { id } = await aClerkUser()
  const body = news('user.created', id)
  const delivery = { id: `msg_${randomUUID()}` }
  expect((await deliver(body, delivery)).statusCode).toBe(204)
  expect(await rowOf(id)).toMatchObject({ name: 'Ada Low', deleted_at: null })
  const synced = api.sent.filter(({ name }) => name === 'user.synced').length

  await api.database.query('platform', `update users set name = 'x' where clerk_user_id = $1`, [id])
  expect((await deliver(body, delivery)).statusCode).toBe(204)
  expect(await rowOf(id)).toMatchObject({ name: 'x' })
  expect(api.sent.filter(({ name }) => name === 'user.synced')).toHaveLength(synced)
})

test('a late creation after a deletion does not bring anybody back', async () => {
  const { id } = await aClerkUser()
  await deliver(news('user.created', id))
  await fetch(`${clerk.url}/v1/users/${id}`, {
    method: 'DELETE',
    headers: { authorization: 'Bearer sk_live_sandbox' },
  })
  await deliver(news('user.deleted', id))
  await deliver(news('user.updated', id))
  expect(await rowOf(id)).toMatchObject({ name: '', deleted_at: expect.any(Date) })
})

test.each<[string, Parameters<typeof deliver>[1]]>([
  ['with another signature', { signature: `v1,${Buffer.alloc(32).toString('base64')}` }],
  ['with a short signature', { signature: 'v1,AAAA' }],
  ['without a signature', { signature: '' }],
  ['from five minutes ago', { ageSeconds: 310 }],
  ['from the future', { ageSeconds: -310 }],
])('a delivery %s is refused and changes nothing', async (_what, over) => {
  const { id } = await aClerkUser()
  const response = await deliver(news('user.created', id), over)
  expect(response.statusCode).toBe(400)
  expect(await rowOf(id)).toBeUndefined()
})

test('a genuine delivery that makes no sense is refused, and one of another kind is taken', async () => {
  expect((await deliver('{"type":')).statusCode).toBe(400)
  expect((await deliver('[]')).statusCode).toBe(400)
  expect((await deliver(news('session.created', 'sess_1'))).statusCode).toBe(204)
})

test('our verification agrees with Clerk’s own, whatever the JSON’s spelling', async () => {
  for (const body of [
    '{"type":"user.created","data":{"id":"u"}}',
    '{\n "type": "user.created", "data": {"id": "ü"} }',
  ]) {
    const [id, timestamp] = ['msg_1', String(Math.floor(Date.now() / 1000))]
    const key = Buffer.from(secret.slice('whsec_'.length), 'base64')
    const signature = `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`
    const headers: Record<string, string> = {
      'svix-id': id,
      'svix-timestamp': timestamp,
      'svix-signature': signature,
    }
    const theirs = verifyWebhook(new Request('http://local/', { method: 'POST', headers, body }), {
      signingSecret: secret,
    })
    await expect(theirs).resolves.toMatchObject({ type: 'user.created' })
    const delivery = { body: Buffer.from(body), header: (name: string) => headers[name] }
    expect(verifySvix(secret, delivery, new Date())).toEqual({ genuine: true, id })
  }
})

test('while a secret is rotated a delivery carries two signatures, and one that fits is enough', () => {
  const body = Buffer.from('{}')
  const timestamp = '1000'
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64')
  const good = createHmac('sha256', key).update(`a.${timestamp}.{}`).digest('base64')
  const headers: Record<string, string> = {
    'svix-id': 'a',
    'svix-timestamp': timestamp,
    'svix-signature': `v1,${Buffer.alloc(32).toString('base64')} v1,${good}`,
  }
  const delivery = { body, header: (name: string) => headers[name] }
  expect(verifySvix(secret, delivery, new Date(1_000_000)).genuine).toBe(true)
})

const deleteAtClerk = (id: string) =>
  fetch(`${clerk.url}/v1/users/${id}`, {
    method: 'DELETE',
    headers: { authorization: 'Bearer sk_live_sandbox' },
  })
const ask = (clerkUserId: string) =>
  api.call(getMe, {}, { token: clerk.sessionToken(clerkUserId, origin) })

test('a first request and the webhook at once make one user', async () => {
  for (let round = 0; round < 3; round++) {
    const { id } = await aClerkUser()
    const [first, delivered, second] = await Promise.all([
      ask(id),
      deliver(news('user.created', id)),
      ask(id),
    ])
    expect([first.statusCode, delivered.statusCode, second.statusCode]).toEqual([200, 204, 200])
    expect(first.json().userId).toBe(second.json().userId)
    const text = 'select 1 from users where clerk_user_id = $1'
    expect(await api.database.query('platform', text, [id])).toHaveLength(1)
  }
})

test('while Clerk is away whom we know goes on working, and a newcomer is asked to come again', async () => {
  const [known, newcomer] = [await aClerkUser(), await aClerkUser()]
  expect((await ask(known.id)).statusCode).toBe(200)
  const away = faults.add({
    vendor: 'clerk',
    on: 'request',
    path: '/v1/users/',
    times: 1_000,
    action: { type: 'status', status: 503 },
  })
  expect((await ask(known.id)).statusCode).toBe(200)
  const refused = await ask(newcomer.id)
  expect(refused.statusCode).toBe(503)
  expect(refused.headers['retry-after']).toBeDefined()
  expect((await deliver(news('user.created', newcomer.id))).statusCode).toBe(503)
  expect(await rowOf(newcomer.id)).toBeUndefined()
  faults.remove(away.id)
  expect((await ask(newcomer.id)).statusCode).toBe(200)
})

test('what Clerk said before a deletion brings nobody back, neither to a request nor by a webhook', async () => {
  // Fetched before the deletion, written after it: as a slow request or delivery does.
  for (const wasKnown of [true, false]) {
    const { id } = await aClerkUser()
    const before = await api.ctx.vendors.clerk.fetchUser(id)
    if (!before) throw new Error('Clerk does not know whom it has just made')
    if (wasKnown) await deliver(news('user.created', id))
    const token = clerk.sessionToken(id, origin)
    await deleteAtClerk(id)
    await deliver(news('user.deleted', id))
    await asPlatform(api.ctx, async (tx) => {
      expect(await keepAsClerkSays(tx, id, before)).toBe('outdated')
    })
    await syncUser(api.ctx, before)
    expect(await rowOf(id)).toMatchObject({ name: '', deleted_at: expect.any(Date) })
    expect((await api.call(getMe, {}, { token })).statusCode).toBe(401)
  }
})

test('older news does not overwrite newer, whichever is written last', async () => {
  const { id } = await aClerkUser()
  const old = await api.ctx.vendors.clerk.fetchUser(id)
  if (!old) throw new Error('Clerk does not know whom it has just made')
  const fresh = { ...old, name: 'Ada Newname', updatedAt: new Date(old.updatedAt.getTime() + 1) }
  await Promise.all([syncUser(api.ctx, fresh), syncUser(api.ctx, old), syncUser(api.ctx, old)])
  await syncUser(api.ctx, old)
  expect(await rowOf(id)).toMatchObject({ name: 'Ada Newname' })
})

test('a deletion ends access at once and takes role and membership away, the last admin’s too', async () => {
  const { id } = await aClerkUser()
  const token = clerk.sessionToken(id, origin)
  const founded = await api.call(
    createOrganization,
    { body: { name: 'Ownerless', timeZone: 'UTC' } },
    { token },
  )
  const organizationId = String(founded.json().id)
  const { userId } = (await api.call(getMe, {}, { token })).json()
  await grantPlatformRole(api.ctx, userId, 'manager')
  const colleague = await api.aPerson({ organizationId, role: 'org_manager' })
  expect(await findListener(api.ctx, organizationId, userId)).toEqual({ showsCost: true })

  await deleteAtClerk(id)
  const [first, again] = await Promise.all([
    deliver(news('user.deleted', id)),
    deliver(news('user.deleted', id)),
  ])
  expect([first.statusCode, again.statusCode]).toEqual([204, 204])
  expect((await api.call(getMe, {}, { token })).statusCode).toBe(401)
  // What every live socket asks again within five seconds.
  expect(await findListener(api.ctx, organizationId, userId)).toBeNull()
  expect(
    api.sent.filter((one) => one.name === 'user.synced' && dataOf(one).userId === userId),
  ).toHaveLength(1)

  await Promise.all([refreshMember(api.ctx, userId), refreshMember(api.ctx, userId)])
  const query = (text: string) => api.database.query('app', text, [], organizationId)
  expect(await query('select user_id, role from memberships')).toEqual([
    { user_id: colleague.userId, role: 'org_manager' },
  ])
  expect(await query(`select before from audit_entries where action = 'members.remove'`)).toEqual([
    { before: { userId, role: 'admin' } },
  ])
  expect(api.logged().filter(({ alert }) => alert === 'organization.without-admin')).toHaveLength(1)
  expect(
    await api.database.query('platform', 'select 1 from platform_admins where user_id = $1', [
      userId,
    ]),
  ).toEqual([])
})

const dataOf = (sent: { data: unknown }) => sent.data as { userId?: string }
