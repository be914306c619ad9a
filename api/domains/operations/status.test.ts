import { randomUUIDv7 } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { BreakerReading, Breakers } from '#api/core/vendors.ts'
import { aCallCentre } from '#api/domains/calls/testing.ts'
import { type Person, type TestApi, testApi } from '#api/testing.ts'
import * as contract from './contract.ts'
import { type Alive, keepHeartbeat } from './heartbeat.ts'
import { verifyPlatformJob } from './jobs.ts'
import { openBreakers } from './service.ts'

/** A vendor of which a test says how it answers. */
let vendor: Server
let asked: string[]
let answer: 'well' | 'refused' | 'down' | 'never'
let api: TestApi
let root: Person

beforeEach(async () => {
  asked = []
  answer = 'well'
  // One for each test: what a test leaves unanswered is asked again in the next.
  vendor = createServer((request, response) => {
    asked.push(request.url ?? '')
    if (answer === 'never') return
    const statuses = { well: 200, refused: 401, down: 503 }
    const body = { conversations: [], has_more: false, incoming_phone_numbers: [] }
    response.writeHead(statuses[answer]).end(JSON.stringify(body))
  })
  vendor.listen(0, '127.0.0.1')
  await once(vendor, 'listening')
  const address = vendor.address()
  const port = address && typeof address === 'object' ? address.port : 0
  api = await testApi({ ELEVENLABS_BASE_URL: `http://127.0.0.1:${port}` })
  root = await api.aHolderOf('super_admin')
})
afterEach(async () => {
  vendor.closeAllConnections()
  vendor.close()
  await once(vendor, 'close')
  await api.close()
})

const status = async () =>
  contract.getPlatformStatus.response.parse(
    (await api.call(contract.getPlatformStatus, {}, root)).json(),
  )
const hop = (of: Awaited<ReturnType<typeof status>>, name: string) =>
  of.hops.find((one) => one.name === name)
const feature = (of: Awaited<ReturnType<typeof status>>, name: string) =>
  of.features.find((one) => one.name === name)
const reading = (over: Partial<BreakerReading>): BreakerReading => ({
  vendor: 'elevenlabs',
  account: null,
  state: 'open',
  openings: 1,
  ...over,
})
const saying = (...readings: BreakerReading[]): Breakers => ({ readings: () => readings })
const aProcess = (over: Partial<Alive> = {}): Alive => ({
  kind: 'worker',
  name: 'worker',
  breakers: saying(),
  isDraining: () => false,
  ...over,
})
const rows = () => api.database.query<{ id: string }>('admin', 'select id from processes')
const said = async (count: number) =>
  expect.poll(async () => (await rows()).length, { timeout: 5_000 }).toBe(count)

describe('vendors', () => {
  test('one that answers works, one without a key is not set up, one that is away says so', async () => {
    const now = await status()
    expect(hop(now, 'elevenlabs')).toEqual({
      name: 'elevenlabs',
      state: 'sandboxed',
      reason: null,
      settings: ['ELEVENLABS_API_KEY'],
    })
    expect(hop(now, 'openai')).toMatchObject({ state: 'not configured', reason: 'not_configured' })
    expect(hop(now, 'stripe')?.settings).toEqual(['STRIPE_SECRET_KEY', 'STRIPE_WEBHOOK_SECRET'])
    expect(hop(now, 'clerk')).toMatchObject({ state: 'fails', reason: 'unreachable' })
    expect(hop(now, 'database')).toMatchObject({ state: 'works' })
    expect(feature(now, 'sign-in')).toEqual({ name: 'sign-in', state: 'fails', failing: 'clerk' })
    expect(feature(now, 'top-ups')).toMatchObject({ state: 'not configured', failing: 'stripe' })
  })

  test('one that refuses us wants other credentials', async () => {
    answer = 'refused'
    expect(hop(await status(), 'elevenlabs')).toMatchObject({ state: 'fails', reason: 'refused' })
  })

  test('one that hangs holds up nobody', async () => {
    answer = 'never'
    const startedMs = performance.now()
    expect(hop(await status(), 'elevenlabs')).toMatchObject({ state: 'fails', reason: 'too_slow' })
    // Of the two seconds that are promised most is the vendor's; the rest is room for a busy machine.
    expect(performance.now() - startedMs).toBeLessThan(5_000)
  })

  test('ten who look at once cost one question', async () => {
    await Promise.all(Array.from({ length: 10 }, status))
    expect(asked.filter((url) => url.startsWith('/v1/convai/conversations'))).toHaveLength(1)
  })

  test('one whose breaker is open is degraded, and is not asked', async () => {
    answer = 'down'
    for (let i = 0; i < 4; i += 1)
      await api.ctx.vendors.elevenLabs.signedUrl('agent').catch(() => undefined)
    asked.length = 0
    expect(hop(await status(), 'elevenlabs')).toMatchObject({
      state: 'degraded',
      reason: 'breaker_open',
    })
    expect(asked.filter((url) => url.startsWith('/v1/'))).toEqual([])

    api.letVendorsRest()
    answer = 'well'
    await api.ctx.vendors.elevenLabs.listConversations({ startedAfter: new Date(), pageSize: 1 })
    expect(api.ctx.vendors.isAway('elevenlabs')).toBe(false)
  })

  test('one that another process has given up is degraded, though it answers here', async () => {
    const gateway = { calls: 3, pendingCalls: 1, unwrittenTapeBytes: 512 }
    const breakers = saying(reading({}), reading({ vendor: 'twilio', account: 'AC1' }))
    const heartbeat = keepHeartbeat(
      api.ctx,
      aProcess({ kind: 'voice', name: 'gateway-1', gateway: () => gateway, breakers }),
    )
    await said(1)
    const now = await status()
    expect(hop(now, 'elevenlabs')).toMatchObject({ state: 'degraded', reason: 'breaker_open' })
    expect(now.processes).toMatchObject([
      {
        kind: 'voice',
        name: 'gateway-1',
        version: '0.1.0',
        state: 'live',
        gateway,
        breakers: [{ vendor: 'elevenlabs', state: 'open' }],
        tenantAccountsAway: 1,
      },
    ])
    expect(JSON.stringify(now)).not.toContain('AC1')
    expect(await api.ctx.database.withPlatform(openBreakers)).toEqual(['elevenlabs'])
    await heartbeat.stop()
  })
})

describe('processes', () => {
  test('what lives is told, what ended is gone, what was killed is lost', async () => {
    const [api1, worker] = [
      keepHeartbeat(api.ctx, aProcess({ kind: 'api', name: 'api' })),
      keepHeartbeat(api.ctx, aProcess({ isDraining: () => true })),
    ]
    await said(2)
    const now = await status()
    expect(now.processes.map(({ kind, state }) => `${kind} ${state}`)).toEqual([
      'api live',
      'worker draining',
    ])
    expect(hop(now, 'api')).toMatchObject({ state: 'works' })
    expect(hop(now, 'worker')).toMatchObject({ state: 'fails', reason: 'draining' })
    expect(hop(now, 'voice gateway')).toMatchObject({ state: 'fails', reason: 'no_process' })

    await worker.stop()
    expect(await rows()).toHaveLength(1)
    await api1.stop()
    expect(await rows()).toHaveLength(0)
  })

  test('one that was not heard of is lost, and after an hour forgotten', async () => {
    const insert = (name: string, unheard: string) =>
      api.database.query(
        'admin',
        `insert into processes (id, kind, name, version, started_at, seen_at, is_draining,
                                event_loop_delay_ms, breakers)
         values ($1, 'voice', $2, '1', now() - interval '1 day', now() - $3::interval, false, 1,
                 '[{"vendor":"openai","account":null,"state":"open"}]')`,
        [randomUUIDv7(), name, unheard],
      )
    await insert('gateway-1', '1 minute')
    await insert('gateway-2', '2 hours')
    const heartbeat = keepHeartbeat(api.ctx, aProcess())
    await expect
      .poll(async () => (await status()).processes.map(({ name, state }) => `${name} ${state}`), {
        timeout: 10_000,
      })
      .toEqual(['gateway-1 lost', 'worker live'])
    // The breakers of a process that is gone hold nothing back.
    expect(await api.ctx.database.withPlatform(openBreakers)).toEqual([])
    await heartbeat.stop()
  })

  test('a sign of life that cannot be given stops nothing', async () => {
    const away = { ...api.ctx, database: { ...api.ctx.database, withPlatform: () => refuse() } }
    const refuse = () => Promise.reject(new Error('the database is away'))
    const heartbeat = keepHeartbeat(away, aProcess())
    await heartbeat.stop()
    expect(await rows()).toEqual([])
  })
})

test('queues, holds, webhooks and the newest check are told', async () => {
  const centre = await aCallCentre(api)
  await api.database.query(
    'admin',
    `insert into holds (organization_id, call_id, price_per_hour_cents, amount_cents, funded_seconds)
     values ($1, $2, 3600, 60, 60), ($1, $3, 3600, 40, 40)`,
    [centre.organizationId, randomUUIDv7(), randomUUIDv7()],
  )
  const before = await status()
  expect(before.verification).toBeNull()
  expect(before.holds).toEqual({ open: 2, heldCents: 100 })
  expect(before.webhooks.map(({ vendor, open }) => `${vendor} ${open}`)).toEqual([
    'twilio 0',
    'elevenlabs 0',
    'clerk 0',
    'stripe 0',
  ])
  expect(before.queues).toMatchObject({ waiting: 0, failed: 0 })

  await verifyPlatformJob.run(api.ctx, {})
  await api.database.query(
    'admin',
    `insert into webhook_deliveries (vendor, delivery_id, kind, received_at)
     values ('stripe', 'evt_1', 'x', now() - interval '90 seconds')`,
  )
  await expect.poll(async () => (await status()).verification, { timeout: 10_000 }).not.toBeNull()
  const after = await status()
  // Holds that no call has are what a check is there to find.
  expect(after.verification).toMatchObject({ ok: false, unfinished: [] })
  expect(after.verification?.findings).toBeGreaterThan(0)
  const stripe = after.webhooks.find((one) => one.vendor === 'stripe')
  expect(stripe).toMatchObject({ open: 1, lastReceivedAt: expect.any(Date) })
  expect(stripe?.oldestOpenSeconds).toBeGreaterThanOrEqual(90)
})

test('only a super admin is told', async () => {
  for (const role of ['manager', 'admin'] as const) {
    const person = await api.aHolderOf(role)
    const refused = await api.call(contract.getPlatformStatus, {}, person)
    expect(refused.statusCode).toBe(403)
  }
})
