import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { Webhook } from 'standardwebhooks'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { problem } from '#api/contract/problem.ts'
import { type Context, forOrganization } from '#api/core/context.ts'
import { type Person, type TestApi, testApi } from '#api/testing.ts'
import { setFlag } from '#contracts/system'
import * as contract from './contract.ts'
import { deliverMessageJob, pickUpOverdueJob, tellCallEndedJob } from './jobs.ts'
import { DISABLE_AFTER_FAILING_SECONDS, pauseAfter } from './retries.ts'
import { publish } from './tell.ts'

type Received = { headers: Record<string, string>; body: string }
let received: Received[] = []
let answer: number | 'hang' = 204
const receiver = http.createServer(async (request, response) => {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const headers = request.headers as Record<string, string>
  received.push({ headers, body: Buffer.concat(chunks).toString() })
  if (answer === 'hang') response.destroy()
  else response.writeHead(answer).end()
})

let api: TestApi
let url: string
let now = new Date('2026-03-02T10:00:00Z')
beforeAll(async () => {
  await new Promise<void>((done) => receiver.listen(0, '127.0.0.1', done))
  const origin = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`
  url = `${origin}/hook`
  api = await testApi({ OUTGOING_EXEMPT_ORIGINS: origin })
})
afterAll(async () => {
  await api.close()
  receiver.close()
})
beforeEach(() => {
  received = []
  answer = 204
  api.sent.length = 0
})

const CALL = '01890000-0000-7000-8000-000000000001'
const codeOf = (response: { json(): unknown }) => problem.parse(response.json()).code
const ctxOf = (admin: Person, at: Date = now): Context =>
  forOrganization({ ...api.ctx, now: () => at }, admin.organizationId ?? '')

async function anEndpoint(events: (typeof contract.webhookEvents)[number][] = ['call.ended']) {
  const admin = await api.aHolderOf('admin')
  const response = await api.call(contract.createWebhookEndpoint, { body: { url, events } }, admin)
  expect(response.statusCode, response.body).toBe(201)
  return { admin, endpoint: contract.createWebhookEndpoint.response.parse(response.json()) }
}
async function messages(admin: Person, endpointId: string) {
  const input = { params: { endpointId }, query: {} }
  const response = await api.call(contract.listWebhookMessages, input, admin)
  return contract.listWebhookMessages.response.parse(response.json()).items
}
/** Runs every delivery that was sent so far, as a worker would. */
async function work(admin: Person, at: Date = now): Promise<void> {
  const due = api.sent.splice(0).filter(({ name }) => name === deliverMessageJob.name)
  for (const { data } of due)
    await deliverMessageJob.run({ ...api.ctx, now: () => at }, deliverMessageJob.data.parse(data))
  expect(admin.organizationId).not.toBeNull()
}

test('an event reaches the address, signed so that the receiver’s own library believes it', async () => {
  now = new Date()
  const { admin, endpoint } = await anEndpoint()
  await tellCallEndedJob.run(api.ctx, { organizationId: admin.organizationId ?? '', callId: CALL })
  await work(admin)

  expect(received).toHaveLength(1)
  const { headers, body } = received[0] as Received
  expect(new Webhook(endpoint.secret).verify(body, headers)).toMatchObject({
    type: 'call.ended',
    data: { organizationId: admin.organizationId, callId: CALL },
  })
  expect(() => new Webhook(endpoint.secret).verify(`${body} `, headers)).toThrow()
  const [message] = await messages(admin, endpoint.id)
  expect(message).toMatchObject({ state: 'delivered', attempts: 1, lastStatus: 204 })
})

test('one event told twice, also at once, is written and sent once', async () => {
  const { admin, endpoint } = await anEndpoint()
  const told = { eventId: `call.ended:${CALL}`, event: 'call.ended', data: { callId: CALL } }
  await Promise.all([publish(ctxOf(admin), told), publish(ctxOf(admin), told)])
  await publish(ctxOf(admin), told)
  await work(admin)
  expect(received).toHaveLength(1)
  expect(await messages(admin, endpoint.id)).toHaveLength(1)
})

test('two workers with the same message call the address once', async () => {
  const { admin } = await anEndpoint()
  await publish(ctxOf(admin), { eventId: 'once', event: 'call.ended', data: {} })
  const sent = api.sent.splice(0).find(({ name }) => name === deliverMessageJob.name)
  const data = deliverMessageJob.data.parse(sent?.data)
  const at = { ...api.ctx, now: () => now }
  await Promise.all([deliverMessageJob.run(at, data), deliverMessageJob.run(at, data)])
  expect(received).toHaveLength(1)
})

test('events nobody asked for, and other organizations’, are not sent', async () => {
  const { admin } = await anEndpoint(['member.joined'])
  const { admin: other } = await anEndpoint(['call.ended'])
  await publish(ctxOf(admin), { eventId: 'a', event: 'call.ended', data: {} })
  await work(admin)
  expect(received).toEqual([])
  expect(other.organizationId).not.toBe(admin.organizationId)
})

test('with webhooks switched off nothing is told, and what happened meanwhile is not told later', async () => {
  const { admin, endpoint } = await anEndpoint()
  const root = await api.aHolderOf('super_admin')
  const params = { organizationId: admin.organizationId ?? '' }
  const turn = (enabled: boolean) =>
    api.call(setFlag, { params, body: { flag: 'webhooks', enabled, reason: 'test' } }, root)
  const tell = (eventId: string) =>
    publish(ctxOf(admin), { eventId, event: 'call.ended', data: { callId: CALL } })
  await turn(false)
  await tell('while off')
  await turn(true)
  await tell('while on')
  await work(admin)
  expect(received.map(({ headers }) => headers['webhook-id'])).toEqual(['while on'])
  expect(await messages(admin, endpoint.id)).toHaveLength(1)
})

test('a failing address is tried on the schedule, and the message is given up after its last try', async () => {
  answer = 500
  const { admin, endpoint } = await anEndpoint()
  let at = new Date('2026-03-02T10:00:00Z')
  await publish(ctxOf(admin, at), { eventId: 'tries', event: 'call.ended', data: {} })
  let tries = 0
  while (api.sent.length > 0) {
    await work(admin, at)
    tries++
    const [message] = await messages(admin, endpoint.id)
    expect(message?.attempts).toBe(tries)
    if (message?.nextAttemptAt) at = message.nextAttemptAt
  }
  const [message] = await messages(admin, endpoint.id)
  expect(message).toMatchObject({ state: 'failed', lastStatus: 500, lastError: 'refused' })
  expect(pauseAfter(tries)).toBeNull()
  expect(received).toHaveLength(tries)
  // The receiver knows all of them by one id.
  expect(new Set(received.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
})

test('an address that took nothing for days, or says it is gone, is switched off and its messages end', async () => {
  answer = 'hang'
  const { admin, endpoint } = await anEndpoint()
  const first = new Date('2026-03-02T10:00:00Z')
  await publish(ctxOf(admin, first), { eventId: 'first', event: 'call.ended', data: {} })
  await work(admin, first)
  const later = new Date(first.getTime() + (DISABLE_AFTER_FAILING_SECONDS + 60) * 1000)
  await publish(ctxOf(admin, later), { eventId: 'later', event: 'call.ended', data: {} })
  await work(admin, later)
  const shown = async () =>
    contract.listWebhookEndpoints.response.parse(
      (await api.call(contract.listWebhookEndpoints, { query: {} }, admin)).json(),
    ).items[0]
  expect(await shown()).toMatchObject({ state: 'disabled', disabledReason: 'failing_for_days' })
  expect((await messages(admin, endpoint.id)).map(({ state }) => state)).toEqual([
    'failed',
    'failed',
  ])

  const on = { params: { endpointId: endpoint.id }, body: { state: 'active' as const } }
  expect((await api.call(contract.updateWebhookEndpoint, on, admin)).statusCode).toBe(200)
  answer = 410
  await publish(ctxOf(admin, later), { eventId: 'gone', event: 'call.ended', data: {} })
  await work(admin, later)
  expect(await shown()).toMatchObject({ state: 'disabled', disabledReason: 'gone' })
})

test('a message whose worker died is picked up', async () => {
  const { admin } = await anEndpoint()
  const old = new Date(Date.now() - 600_000)
  await publish(ctxOf(admin, old), { eventId: 'lost', event: 'call.ended', data: {} })
  api.sent.length = 0
  await pickUpOverdueJob.run({ ...api.ctx, now: () => new Date() }, {})
  await work(admin, new Date())
  expect(received.map(({ headers }) => headers['webhook-id'])).toContain('lost')
})

test('a replay sends the old id again, and only when nothing is on its way', async () => {
  const { admin, endpoint } = await anEndpoint()
  await publish(ctxOf(admin), { eventId: 'again', event: 'call.ended', data: {} })
  const [waiting] = await messages(admin, endpoint.id)
  const params = { endpointId: endpoint.id, messageId: waiting?.id ?? '' }
  const early = await api.call(contract.replayWebhookMessage, { params }, admin)
  expect(codeOf(early)).toBe('outgoing-webhooks.still_waiting')
  await work(admin)
  expect((await api.call(contract.replayWebhookMessage, { params }, admin)).statusCode).toBe(202)
  await work(admin, new Date(Date.now() + 1_000))
  expect(received.map(({ headers }) => headers['webhook-id'])).toEqual(['again', 'again'])
})

test('a ping is sent whatever the address hears of; a rotated secret signs what comes after', async () => {
  now = new Date()
  const { admin, endpoint } = await anEndpoint(['wallet.low'])
  const params = { endpointId: endpoint.id }
  const rotated = await api.call(contract.rotateWebhookSecret, { params }, admin)
  const { secret } = contract.rotateWebhookSecret.response.parse(rotated.json())
  expect(secret).not.toBe(endpoint.secret)
  expect((await api.call(contract.pingWebhookEndpoint, { params }, admin)).statusCode).toBe(202)
  await work(admin, new Date(Date.now() + 100))
  const { headers, body } = received[0] as Received
  expect(new Webhook(secret).verify(body, headers)).toMatchObject({ type: 'test.ping' })
  expect(() => new Webhook(endpoint.secret).verify(body, headers)).toThrow()
})

test('what is stored and listed does not show a secret', async () => {
  const { admin, endpoint } = await anEndpoint()
  const listed = await api.call(contract.listWebhookEndpoints, { query: {} }, admin)
  expect(listed.body).not.toContain('whsec_')
  expect(listed.body).toContain(endpoint.secret.slice(-4))
  const [row] = await api.database.query<{ secret: string }>(
    'app',
    'select secret from webhook_endpoints where id = $1',
    [endpoint.id],
    admin.organizationId ?? '',
  )
  expect(row?.secret).toMatch(/^v1\./)
})

test('an address inside our networks, or not https, is refused with one and the same answer', async () => {
  const admin = await api.aHolderOf('admin')
  for (const bad of ['https://10.0.0.1/', 'http://example.com/', 'https://a:b@example.com/']) {
    const input = { body: { url: bad, events: ['call.ended' as const] } }
    const response = await api.call(contract.createWebhookEndpoint, input, admin)
    expect(response.statusCode).toBe(400)
    expect(codeOf(response)).toBe('outgoing-webhooks.address_not_allowed')
  }
})

test('a deleted address is not found any more and hears nothing', async () => {
  const { admin, endpoint } = await anEndpoint()
  await publish(ctxOf(admin), { eventId: 'before', event: 'call.ended', data: {} })
  const params = { endpointId: endpoint.id }
  expect((await api.call(contract.deleteWebhookEndpoint, { params }, admin)).statusCode).toBe(204)
  await work(admin)
  expect(received).toEqual([])
  expect((await api.call(contract.deleteWebhookEndpoint, { params }, admin)).statusCode).toBe(404)
})
