import { setTimeout as wait } from 'node:timers/promises'
import { createClerkClient, verifyToken } from '@clerk/backend'
import { verifyWebhook } from '@clerk/backend/webhooks'
import { clerkPlugin, getAuth } from '@clerk/fastify'
import Fastify, { type FastifyInstance } from 'fastify'
import { afterEach, expect, test } from 'vitest'
import { listen } from '../kit/http.ts'
import {
  aBrowser,
  aClerk,
  pageOrigin,
  publishableKey,
  secretKey,
  webhookSecret,
} from './testing.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

async function aBackend(options: Parameters<typeof aClerk>[0] = {}) {
  const bench = await aClerk(options)
  cleanups.push(bench.close)
  const api = createClerkClient({ secretKey, publishableKey, apiUrl: bench.clerk.url })
  return { ...bench, api }
}

const bo = { emailAddress: ['bo@example.com'], password: 'sandbox-pass-1', firstName: 'Bo' }

test('the real SDK makes, reads, finds, changes and deletes a user', async () => {
  const { api } = await aBackend()
  const made = await api.users.createUser({ ...bo, publicMetadata: { plan: 'a', old: 1 } })
  expect(made.primaryEmailAddress?.emailAddress).toBe('bo@example.com')
  await api.users.createUser({ ...bo, emailAddress: ['cy@example.com'], firstName: 'Cy' })

  expect((await api.users.getUser(made.id)).firstName).toBe('Bo')
  const found = await api.users.getUserList({ emailAddress: ['BO@example.com'] })
  expect([found.totalCount, found.data.map((user) => user.id)]).toEqual([1, [made.id]])
  const page = await api.users.getUserList({ orderBy: '+created_at', limit: 1, offset: 1 })
  expect([page.totalCount, page.data[0]?.firstName]).toEqual([2, 'Cy'])

  const changed = await api.users.updateUser(made.id, { lastName: 'Berg' })
  expect([changed.firstName, changed.lastName]).toEqual(['Bo', 'Berg'])
  const marked = await api.users.updateUserMetadata(made.id, {
    publicMetadata: { seat: 2, old: null },
    privateMetadata: { note: 'x' },
  })
  expect(marked.publicMetadata).toEqual({ plan: 'a', seat: 2 })
  expect(marked.privateMetadata).toEqual({ note: 'x' })

  expect(await api.users.deleteUser(made.id)).toMatchObject({ id: made.id, deleted: true })
  await expect(api.users.getUser(made.id)).rejects.toMatchObject({
    status: 404,
    errors: [{ code: 'resource_not_found' }],
  })
})

test('a user made by the backend signs in, and a deleted one is out at once', async () => {
  const { api, clerk } = await aBackend()
  const made = await api.users.createUser(bo)
  const browser = aBrowser(clerk)
  const form = { identifier: 'bo@example.com', password: bo.password }
  const signedIn = await browser.post('/v1/client/sign_ins', form)
  const tokens = `/v1/client/sessions/${signedIn.body.response?.created_session_id}/tokens`
  expect((await browser.post(tokens)).status).toBe(200)

  await api.users.deleteUser(made.id)
  expect((await browser.post(tokens)).status).toBe(401)
  expect((await browser.post('/v1/client/sign_ins', form)).status).toBe(422)
})

test('a session that the backend revokes gives no more tokens', async () => {
  const { api, clerk } = await aBackend()
  const made = await api.users.createUser(bo)
  const browser = aBrowser(clerk)
  const form = { identifier: 'bo@example.com', password: bo.password }
  await browser.post('/v1/client/sign_ins', form)
  const list = await api.sessions.getSessionList({ userId: made.id, status: 'active' })
  const [session] = list.data
  expect(list.data).toHaveLength(1)
  await api.sessions.revokeSession(session?.id ?? '')
  expect((await browser.post(`/v1/client/sessions/${session?.id}/tokens`)).status).toBe(401)
})

test('no bearer, a foreign key, a taken address and a short password are refused', async () => {
  const { api, clerk } = await aBackend()
  expect((await fetch(`${clerk.url}/v1/users`)).status).toBe(401)
  const other = createClerkClient({ secretKey: 'sk_live_other', apiUrl: clerk.url })
  await expect(other.users.getCount()).rejects.toMatchObject({
    status: 401,
    errors: [{ code: 'clerk_key_invalid' }],
  })
  await api.users.createUser(bo)
  await expect(api.users.createUser(bo)).rejects.toMatchObject({
    status: 422,
    errors: [{ code: 'form_identifier_exists' }],
  })
  const short = { emailAddress: ['di@example.com'], password: 'short' }
  await expect(api.users.createUser(short)).rejects.toMatchObject({
    errors: [{ code: 'form_password_length_too_short' }],
  })
  await expect(api.users.createUser({ emailAddress: ['none'] })).rejects.toMatchObject({
    status: 422,
  })
})

test('a token verifies against the published keys as well as against the PEM', async () => {
  const { clerk } = await aBackend()
  const { id } = await clerk.addUser({ email: 'ann@example.com' })
  const token = clerk.sessionToken(id, pageOrigin)
  const fetched = await verifyToken(token, { secretKey, apiUrl: clerk.url, skipJwksCache: true })
  expect(fetched.sub).toBe(id)
  const wrongParty = { jwtKey: clerk.jwtKey, authorizedParties: ['https://elsewhere.example'] }
  await expect(verifyToken(token, wrongParty)).rejects.toMatchObject({
    reason: 'token-invalid-authorized-parties',
  })
  expect(() => clerk.sessionToken('user_nobody', pageOrigin)).toThrow('User not found')
})

test('a Fastify server with the real plugin knows who asks, and who does not say', async () => {
  const { clerk } = await aBackend()
  const { id } = await clerk.addUser({ email: 'ann@example.com' })
  const app = Fastify()
  cleanups.push(() => app.close())
  // The plugin hands its options on whole, but its type does not name `authorizedParties`.
  const options = {
    publishableKey,
    secretKey,
    jwtKey: clerk.jwtKey,
    apiUrl: clerk.url,
    authorizedParties: [pageOrigin],
  }
  await app.register(clerkPlugin, options)
  app.get('/me', async (request) => ({ userId: getAuth(request).userId }))
  const ask = async (headers: Record<string, string>) =>
    (await app.inject({ method: 'GET', url: '/me', headers })).json()

  const bearer = `Bearer ${clerk.sessionToken(id, pageOrigin)}`
  expect(await ask({ authorization: bearer })).toEqual({ userId: id })
  const foreign = `Bearer ${clerk.sessionToken(id, 'https://elsewhere.example')}`
  expect(await ask({ authorization: foreign })).toEqual({ userId: null })
  expect(await ask({})).toEqual({ userId: null })
})

type Arrival = { id: string; verified: boolean; type: string; data: unknown }

/** A receiver that verifies with the real SDK and answers as told, 204 when nothing is left to say. */
async function aReceiver(statuses: number[] = []) {
  const app: FastifyInstance = Fastify()
  cleanups.push(() => app.close())
  const arrivals: Arrival[] = []
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) =>
    done(null, body),
  )
  app.post('/webhooks/clerk', async (request, reply) => {
    const headers = Object.entries(request.headers).map(
      ([k, v]) => [k, String(v)] as [string, string],
    )
    const given = new Request('http://local/', {
      method: 'POST',
      headers,
      body: String(request.body),
    })
    const event = await verifyWebhook(given, { signingSecret: webhookSecret }).catch(
      () => undefined,
    )
    arrivals.push({
      id: String(request.headers['svix-id']),
      verified: event !== undefined,
      type: event?.type ?? '',
      data: event?.data,
    })
    return reply.code(statuses.shift() ?? 204).send()
  })
  return { arrivals, url: `${await listen(app, 0)}/webhooks/clerk` }
}

test('every change of a user arrives as a webhook that the real SDK verifies', async () => {
  const receiver = await aReceiver()
  const { api, clerk } = await aBackend({ webhookUrl: receiver.url })
  const made = await api.users.createUser(bo)
  await clerk.webhooksIdle()
  await api.users.updateUser(made.id, { firstName: 'Bob' })
  await clerk.webhooksIdle()
  await api.users.deleteUser(made.id)
  await clerk.webhooksIdle()

  expect(receiver.arrivals.every((arrival) => arrival.verified)).toBe(true)
  expect(receiver.arrivals.map(({ type, data }) => ({ type, data }))).toMatchObject([
    { type: 'user.created', data: { id: made.id, first_name: 'Bo' } },
    { type: 'user.updated', data: { id: made.id, first_name: 'Bob' } },
    { type: 'user.deleted', data: { id: made.id, deleted: true } },
  ])
})

test('a webhook that is refused is sent again under the same id until it is taken', async () => {
  const receiver = await aReceiver([500, 503])
  const { clerk } = await aBackend({ webhookUrl: receiver.url, webhookRetryDelaysMs: [5, 5, 5] })
  await clerk.addUser({ email: 'ann@example.com' })
  await clerk.webhooksIdle()
  expect(receiver.arrivals).toHaveLength(3)
  expect(new Set(receiver.arrivals.map((arrival) => arrival.id)).size).toBe(1)
})

test('a receiver that never takes it is given up after the last retry, and the journal says so', async () => {
  const receiver = await aReceiver([500, 500, 500])
  const { clerk, journal } = await aBackend({
    webhookUrl: receiver.url,
    webhookRetryDelaysMs: [5, 5],
  })
  await clerk.addUser({ email: 'ann@example.com' })
  await clerk.webhooksIdle()
  expect(receiver.arrivals).toHaveLength(3)
  expect(journal.entries({ vendor: 'clerk', kind: 'note' })[0]?.note).toMatch(
    /^webhook msg_.* given up/,
  )
})

test('a fault switch doubles a webhook or loses it', async () => {
  const receiver = await aReceiver()
  const { clerk, faults } = await aBackend({ webhookUrl: receiver.url })
  faults.add({ vendor: 'clerk', on: 'webhook', action: { type: 'duplicate' } })
  faults.add({ vendor: 'clerk', on: 'webhook', action: { type: 'lose' } })
  await clerk.addUser({ email: 'ann@example.com' })
  await clerk.webhooksIdle()
  await clerk.addUser({ email: 'bo@example.com' })
  await clerk.webhooksIdle()
  expect(receiver.arrivals.map((arrival) => arrival.type)).toEqual(['user.created', 'user.created'])
  expect(receiver.arrivals[0]?.id).toBe(receiver.arrivals[1]?.id)
})

test('closing does not wait for a webhook that has hours of retries before it', async () => {
  const receiver = await aReceiver([500])
  const { clerk } = await aBackend({ webhookUrl: receiver.url, webhookRetryDelaysMs: [3_600_000] })
  await clerk.addUser({ email: 'ann@example.com' })
  await Promise.race([
    clerk.close(),
    wait(2_000, undefined, { ref: false }).then(() => Promise.reject(new Error('still open'))),
  ])
})

test('a development key is refused at start, with the reason', async () => {
  const key = `pk_test_${Buffer.from('able-fox-11.clerk.accounts.dev$').toString('base64')}`
  await expect(aClerk({ publishableKey: key })).rejects.toThrow('must be pk_live_')
})
