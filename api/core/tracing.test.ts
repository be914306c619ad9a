import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import http from 'node:http'
import net, { type AddressInfo } from 'node:net'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { createHttp } from '#api/http/http.ts'
import { serveOperations } from '#api/http/operations.ts'
import { serve } from '#api/http/serve.ts'
import { serveWebhook } from '#api/http/serve-webhook.ts'
import { type TestApi, testApi } from '#api/testing.ts'
import { exchange } from '#api/vendors/exchange.ts'
import { createQueue } from '#db/queue.ts'
import { startWorkers } from '#db/workers.ts'
import { type Collected, startCollector } from './collector-testing.ts'
import { forOrganization, inTransaction, type Queue } from './context.ts'
import { type Job, job } from './jobs.ts'
import { createLogger } from './log.ts'
import { asStep, openSpan, startTracing, stopTracing, traceparent } from './tracing.ts'

const PHONE = '+14155550123'
const WORDS = 'my card number is in the drawer'
const quiet = createLogger({ name: 'test', level: 'silent' })
const run = promisify(execFile)

let ran = Promise.withResolvers<void>()
const note = job({
  name: 'testing.note',
  data: z.strictObject({ organizationId: z.uuid(), callId: z.uuid() }),
  retry: { limit: 1, delaySeconds: 1 },
  key: ({ callId }) => callId,
  run: async (ctx, { organizationId }) => {
    await inTransaction(forOrganization(ctx, organizationId), async () => undefined)
    ran.resolve()
  },
})
const asJob = note as unknown as Job
const things = {
  method: 'POST',
  path: '/v1/calls/:callId/things',
  permission: 'organization.read',
  summary: 'x',
  resources: { callId: 'call' },
  params: z.strictObject({ callId: z.uuid() }),
  query: z.strictObject({ to: z.string().optional() }),
  body: z.strictObject({ text: z.string() }),
  response: z.object({}),
} as const

let api: TestApi
let queue: Queue & { close(): Promise<void> }
let organizationId: string
beforeAll(async () => {
  api = await testApi()
  organizationId = await api.database.anOrganization()
  queue = await createQueue({ url: api.database.urls.app, subscriptions: [], jobs: [asJob], log })
})
afterEach(async () => {
  await stopTracing()
  vi.unstubAllEnvs()
})
afterAll(async () => {
  await queue.close()
  await api.close()
})
const log = { warn: () => undefined, error: () => undefined }

async function aCollector() {
  const collector = await startCollector()
  await startTracing({ service: 'test', endpoint: collector.url, log: quiet })
  return {
    ...collector,
    /** What has been sent when everything is. */
    async end(): Promise<Collected[]> {
      await stopTracing()
      await collector.close()
      return collector.spans()
    },
  }
}

async function aServer() {
  const { app, routes } = await createHttp({ ...api.deps, queue })
  serve(app, things, async (ctx, { params, body }) => {
    await inTransaction(ctx, (tx) => tx.enqueue(note, { organizationId, callId: params.callId }))
    if (body.text === WORDS) throw new TypeError(WORDS)
    return {}
  })
  serveOperations(app, api.deps, routes)
  serveWebhook(app, { vendor: 'stripe', path: '/webhooks/test' }, async () => undefined)
  return app
}

const named = (spans: Collected[], name: string): Collected => {
  const found = spans.find((span) => span.name === name)
  if (!found) throw new Error(`no ${name} among ${spans.map((span) => span.name).join(', ')}`)
  return found
}
const GIVEN = '0af7651916cd43dd8448eb211c80319c'

test('a request, its transaction and the job it sends are one trace, which says nothing of a person', async () => {
  const collector = await aCollector()
  const app = await aServer()
  const person = await api.aHolderOf('admin', organizationId)
  const callId = randomUUID()
  ran = Promise.withResolvers()
  const answer = await app.inject({
    method: 'POST',
    url: `/v1/calls/${callId}/things?to=${encodeURIComponent(PHONE)}`,
    headers: {
      authorization: `Bearer ${person.token}`,
      traceparent: `00-${GIVEN}-b7ad6b7169203331-01`,
      baggage: `phone=${encodeURIComponent(PHONE)}`,
    },
    payload: { text: PHONE },
  })
  expect(answer.statusCode).toBe(200)
  const workers = await startWorkers({
    ownerUrl: api.database.urls.owner,
    jobs: [asJob],
    contextFor: () => ({ ...api.ctx, requestId: 'of-the-job' }),
    log,
  })
  await ran.promise
  await workers.stop(5)
  await app.close()

  const spans = await collector.end()
  const request = named(spans, 'POST /v1/calls/:callId/things')
  const jobSpan = named(spans, 'job testing.note')
  const sending = spans.find(({ spanId }) => spanId === jobSpan.parentSpanId)
  const working = spans.find(({ parentSpanId }) => parentSpanId === jobSpan.spanId)
  expect(request).toMatchObject({
    service: 'voxcalls-test',
    traceId: GIVEN,
    parentSpanId: 'b7ad6b7169203331',
    attributes: {
      'http.response.status_code': 200,
      'voxcalls.request_id': answer.headers['x-request-id'],
      'voxcalls.organization_id': organizationId,
      'voxcalls.call_id': callId,
      'voxcalls.actor': 'user',
    },
  })
  expect(sending).toMatchObject({ name: 'transaction', parentSpanId: request.spanId })
  expect(jobSpan.attributes).toMatchObject({
    'voxcalls.call_id': callId,
    'voxcalls.attempt': 1,
    'voxcalls.request_id': 'of-the-job',
  })
  expect(working).toMatchObject({ name: 'transaction', traceId: GIVEN })
  expect(jobSpan.traceId).toBe(GIVEN)
  for (const secret of [PHONE.slice(1), person.token, 'sandbox', 'Test Person'])
    expect(collector.sent()).not.toContain(secret)
})

test('what fails is named by its kind, without its words', async () => {
  const collector = await aCollector()
  const app = await aServer()
  const person = await api.aHolderOf('admin', organizationId)
  const failed = await app.inject({
    method: 'POST',
    url: `/v1/calls/${randomUUID()}/things`,
    headers: { authorization: `Bearer ${person.token}` },
    payload: { text: WORDS },
  })
  expect(failed.statusCode).toBe(500)
  await expect(
    openSpan('outer', { kind: 'job', traceparent: undefined, facts: {} }).within(() =>
      asStep('inner', {}, async () => {
        throw new TypeError(WORDS)
      }),
    ),
  ).rejects.toThrow(WORDS)
  await app.close()

  const spans = await collector.end()
  expect(named(spans, 'POST /v1/calls/:callId/things')).toMatchObject({
    status: { code: 2 },
    attributes: { 'error.type': '500' },
  })
  expect(named(spans, 'inner')).toMatchObject({
    status: { code: 2 },
    attributes: { 'error.type': 'TypeError' },
  })
  expect(collector.sent()).not.toContain(WORDS)
})

test('a path that is no id, a refusal and a probe: named by the route, no failure, no trace', async () => {
  const collector = await aCollector()
  const app = await aServer()
  const person = await api.aHolderOf('admin', organizationId)
  const headers = { authorization: `Bearer ${person.token}` }
  const url = `/v1/calls/${encodeURIComponent(PHONE)}/things`
  const refused = await app.inject({ method: 'POST', url, headers, payload: { text: 'a' } })
  expect(refused.statusCode).toBe(400)
  const unknown = await app.inject({ url: `/nowhere/${encodeURIComponent(PHONE)}` })
  expect(unknown.statusCode).toBe(404)
  expect((await app.inject('/livez')).statusCode).toBe(200)
  await app.close()

  const spans = await collector.end()
  const request = named(spans, 'POST /v1/calls/:callId/things')
  expect(request.status.code ?? 0).toBe(0)
  expect(request.attributes).not.toHaveProperty('voxcalls.call_id')
  expect(named(spans, 'GET unknown').attributes['http.response.status_code']).toBe(404)
  expect(spans.filter(({ kind }) => kind === 2)).toHaveLength(2)
  expect(collector.sent()).not.toContain(PHONE.slice(1))
})

test('a vendor that sends a webhook does not say which trace it belongs to', async () => {
  const collector = await aCollector()
  const app = await aServer()
  const headers = { traceparent: `00-${GIVEN}-b7ad6b7169203331-01` }
  await app.inject({ method: 'POST', url: '/webhooks/test', headers, payload: 'x' })
  await app.close()
  const span = named(await collector.end(), 'POST /webhooks/test')
  expect(span.traceId).not.toBe(GIVEN)
  expect(span.parentSpanId ?? '').toBe('')
})

test.each([
  'rubbish',
  `00-${'0'.repeat(32)}-b7ad6b7169203331-01`,
  `00-${GIVEN}-${'0'.repeat(16)}-01`,
  `00-${GIVEN.toUpperCase()}-b7ad6b7169203331-01`,
  undefined,
])('a trace begins anew where the hop before says %s', async (given) => {
  const collector = await aCollector()
  openSpan('job x', { kind: 'job', traceparent: given, facts: {} }).end()
  const [span] = await collector.end()
  expect(span?.parentSpanId ?? '').toBe('')
  expect(span?.traceId).toMatch(/^[0-9a-f]{32}$/)
})

test('a trace that was not sampled where it began is not sent from here either', async () => {
  const collector = await aCollector()
  const span = openSpan('job x', {
    kind: 'job',
    traceparent: `00-${GIVEN}-b7ad6b7169203331-00`,
    facts: {},
  })
  expect(span.within(traceparent)).toMatch(new RegExp(`^00-${GIVEN}-[0-9a-f]{16}-00$`))
  span.end()
  expect(await collector.end()).toEqual([])
})

test('a request to a vendor is a step of its trace without address, secret or a header of ours', async () => {
  const collector = await aCollector()
  let heard: http.IncomingHttpHeaders = {}
  const vendor = http.createServer((request, response) => {
    heard = request.headers
    response.writeHead(404).end()
  })
  vendor.listen(0, '127.0.0.1')
  await once(vendor, 'listening')
  const url = new URL(
    `http://127.0.0.1:${(vendor.address() as AddressInfo).port}/${PHONE}?key=hidden`,
  )
  const asked = { method: 'GET', url, headers: { authorization: 'Bearer hidden' } } as const
  const span = openSpan('job x', { kind: 'job', traceparent: undefined, facts: {} })
  expect((await span.within(() => exchange(asked))).status).toBe(404)
  span.end()
  // Of nobody's trace: a heartbeat, say.
  await exchange(asked)
  vendor.closeAllConnections()
  vendor.close()

  const spans = await collector.end()
  expect(spans.map(({ name }) => name).sort()).toEqual(['job x', 'vendor request'])
  expect(named(spans, 'vendor request')).toMatchObject({
    kind: 3,
    attributes: {
      'http.request.method': 'GET',
      'server.address': '127.0.0.1',
      'http.response.status_code': 404,
    },
  })
  expect(heard).not.toHaveProperty('traceparent')
  expect(collector.sent()).not.toMatch(/hidden|4155550123/)
})

test('a collector that is not there costs one line in the log', async () => {
  vi.stubEnv('OTEL_BSP_SCHEDULE_DELAY', '10')
  vi.stubEnv('OTEL_EXPORTER_OTLP_TIMEOUT', '100')
  const lines: string[] = []
  const destination = { write: (line: string) => void lines.push(line) }
  const closed = net.createServer().listen(0, '127.0.0.1')
  await once(closed, 'listening')
  const { port } = closed.address() as AddressInfo
  closed.close()
  await startTracing({
    service: 'test',
    endpoint: `http://127.0.0.1:${port}/v1/traces`,
    log: createLogger({ name: 'test', destination }),
  })
  const one = () => openSpan('job x', { kind: 'job', traceparent: undefined, facts: {} }).end()
  one()
  await vi.waitFor(() => expect(lines.length).toBeGreaterThan(0), 10_000)
  for (let tries = 0; tries < 5; tries++) {
    one()
    await new Promise((resolve) => setTimeout(resolve, 30))
  }
  expect(lines.map((line) => JSON.parse(line).msg)).toEqual(['traces could not be sent'])
})

test('a collector that never answers does not hold up the end of a process', async () => {
  const silent = net.createServer(() => undefined).listen(0, '127.0.0.1')
  await once(silent, 'listening')
  const endpoint = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/v1/traces`
  await startTracing({ service: 'test', endpoint, log: quiet })
  openSpan('job x', { kind: 'job', traceparent: undefined, facts: {} }).end()
  await stopTracing()
  // Twice is once, and what is still open when it ends hurts nobody.
  await stopTracing()
  expect(traceparent()).toBeUndefined()
  silent.close()
})

test('without an endpoint nothing of the library is loaded', { timeout: 60_000 }, async () => {
  const program = path.join(import.meta.dirname, 'fixtures/loaded-tracing.mjs')
  const loadedWith = async (...endpoint: string[]) =>
    Number((await run(process.execPath, [program, ...endpoint])).stdout)
  expect(await loadedWith()).toBe(0)
  expect(await loadedWith('http://127.0.0.1:1/v1/traces')).toBeGreaterThan(0)
})
