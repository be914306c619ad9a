import type { FastifyInstance } from 'fastify'
import { afterEach, expect, test } from 'vitest'
import { Faults } from './faults.ts'
import { listen, vendorServer } from './http.ts'
import { Journal } from './journal.ts'
import { WebhookSender } from './webhooks.ts'

const open: FastifyInstance[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((app) => app.close()))
})

async function aVendor() {
  const journal = new Journal()
  const faults = new Faults()
  const app = vendorServer({ vendor: 'twilio', journal, faults })
  open.push(app)
  app.get('/number', async () => ({ digits: '0123456789' }))
  app.post('/number', async (request, reply) => reply.code(201).send(request.body))
  return { journal, faults, url: await listen(app, 0) }
}

const post = (url: string, body: unknown) =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })

test('every request is journaled with its method, path, body and status', async () => {
  const { journal, url } = await aVendor()
  await post(`${url}/number?x=1`, { a: 1 })
  const [entry] = journal.entries({ vendor: 'twilio', kind: 'request', path: '/number' })
  expect(entry).toMatchObject({ method: 'POST', path: '/number?x=1', body: { a: 1 }, status: 201 })
  expect(journal.entries({ vendor: 'clerk' })).toEqual([])
})

test('a status fault answers once in place of the route and is then spent', async () => {
  const { faults, url } = await aVendor()
  faults.add({
    vendor: 'twilio',
    on: 'request',
    path: '/number',
    action: { type: 'status', status: 429, body: { code: 20429 }, headers: { 'retry-after': '1' } },
  })
  const refused = await fetch(`${url}/number`)
  expect(refused.status).toBe(429)
  expect(refused.headers.get('retry-after')).toBe('1')
  expect(await refused.json()).toEqual({ code: 20429 })
  expect((await fetch(`${url}/number`)).status).toBe(200)
})

test('skip lets the first matches pass and fires on the n-th', async () => {
  const { faults, url } = await aVendor()
  faults.add({
    vendor: 'twilio',
    on: 'request',
    skip: 2,
    action: { type: 'status', status: 500 },
  })
  const statuses = []
  for (let n = 0; n < 4; n++) statuses.push((await fetch(`${url}/number`)).status)
  expect(statuses).toEqual([200, 200, 500, 200])
})

test('rules fire in the order they were added and only for their vendor, method and path', () => {
  const faults = new Faults()
  faults.add({ vendor: 'twilio', on: 'request', method: 'post', action: { type: 'hang' } })
  faults.add({ vendor: 'clerk', on: 'request', action: { type: 'drop' } })
  faults.add({ vendor: 'twilio', on: 'request', path: '/Calls\\/CA.+/', action: { type: 'lose' } })
  expect(faults.take('twilio', 'request', 'GET', '/Calls/CA1')).toEqual({ type: 'lose' })
  expect(faults.take('twilio', 'request', 'GET', '/Calls/CA1')).toBeUndefined()
  expect(faults.take('twilio', 'request', 'POST', '/x')).toEqual({ type: 'hang' })
  expect(faults.take('twilio', 'webhook', 'POST', '/x')).toBeUndefined()
})

test('a dropped request fails at the client, and a reset cuts the answer in the middle', async () => {
  const { faults, url } = await aVendor()
  faults.add({ vendor: 'twilio', on: 'request', action: { type: 'drop' } })
  await expect(fetch(`${url}/number`)).rejects.toThrow()
  faults.add({ vendor: 'twilio', on: 'request', action: { type: 'reset', afterBytes: 5 } })
  await expect(fetch(`${url}/number`).then((r) => r.text())).rejects.toThrow()
  expect((await fetch(`${url}/number`)).status).toBe(200)
})

test('a hanging request is never answered, and the server still closes', async () => {
  const { faults, url, journal } = await aVendor()
  faults.add({ vendor: 'twilio', on: 'request', action: { type: 'hang' } })
  const answer = fetch(`${url}/number`).then(
    () => 'answered',
    () => 'cut off',
  )
  await new Promise<void>((resolve) => journal.onEntry((e) => e.note && resolve()))
  await open.pop()?.close()
  expect(await answer).toBe('cut off')
})

test('a blocked request waits until its rule is released and then succeeds', async () => {
  const { faults, url, journal } = await aVendor()
  const rule = faults.add({ vendor: 'twilio', on: 'request', action: { type: 'block' } })
  const blocked = new Promise<void>((resolve) => journal.onEntry((e) => e.note && resolve()))
  let done = false
  const answer = fetch(`${url}/number`).then((r) => {
    done = true
    return r.status
  })
  await blocked
  expect(done).toBe(false)
  faults.release(rule.id)
  expect(await answer).toBe(200)
})

test('the journal forgets its oldest entries and keeps long bodies short', () => {
  const journal = new Journal()
  for (let n = 0; n < 20_005; n++) journal.record({ vendor: 'mail', kind: 'note', note: `${n}` })
  expect(journal.entries()).toHaveLength(20_000)
  expect(journal.entries()[0]?.note).toBe('5')
  const long = journal.record({ vendor: 'mail', kind: 'note', body: 'x'.repeat(50_000) })
  expect(String(long.body).length).toBeLessThan(17_000)
})

test('a webhook can be lost, doubled and overtaken by the next one', async () => {
  const { faults, journal, url } = await aVendor()
  const sender = new WebhookSender('elevenlabs', journal, faults)
  const send = (name: string) =>
    sender.send({
      url: `${url}/number`,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name }),
      timeoutMs: 2_000,
    })
  faults.add({ vendor: 'elevenlabs', on: 'webhook', action: { type: 'lose' } })
  faults.add({ vendor: 'elevenlabs', on: 'webhook', action: { type: 'duplicate' } })
  faults.add({ vendor: 'elevenlabs', on: 'webhook', action: { type: 'reorder' } })
  expect(await send('lost')).toEqual({ kind: 'lost' })
  expect(await send('doubled')).toMatchObject({ kind: 'answered', status: 201 })
  await Promise.all([send('first'), send('second')])
  const arrived = journal.entries({ vendor: 'twilio' }).map((e) => e.body)
  expect(arrived).toEqual(['doubled', 'doubled', 'second', 'first'].map((name) => ({ name })))
})

test('each webhook comes on a connection of its own', async () => {
  const { faults, journal, url } = await aVendor()
  const sender = new WebhookSender('clerk', journal, faults)
  const ports = new Set<number | undefined>()
  open[0]?.server.on('connection', (socket) => ports.add(socket.remotePort))
  for (let n = 0; n < 3; n++)
    await sender.send({ url: `${url}/number`, method: 'GET', headers: {}, timeoutMs: 2_000 })
  expect(ports.size).toBe(3)
})

test('a webhook to a closed port is told apart from one that is answered too late', async () => {
  const { faults, journal, url } = await aVendor()
  const sender = new WebhookSender('twilio', journal, faults)
  const refused = await sender.send({ url: 'http://127.0.0.1:9/', headers: {}, timeoutMs: 1_000 })
  expect(refused.kind).toBe('unreachable')
  faults.add({ vendor: 'twilio', on: 'request', action: { type: 'hang' } })
  const late = await sender.send({ url: `${url}/number`, headers: {}, timeoutMs: 50 })
  expect(late).toEqual({ kind: 'timeout' })
})
