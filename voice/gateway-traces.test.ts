import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Collector, startCollector } from '#api/core/collector-testing.ts'
import { createLogger } from '#api/core/log.ts'
import { startTracing, stopTracing } from '#api/core/tracing.ts'
import { aGateway, type GatewayBench, GREETING } from './gateway-testing.ts'

let bench: GatewayBench
let collector: Collector
beforeAll(async () => {
  collector = await startCollector()
  const log = createLogger({ name: 'test', level: 'silent' })
  await startTracing({ service: 'voice', instance: 'voice-test', endpoint: collector.url, log })
  bench = await aGateway()
})
afterAll(async () => {
  await bench?.close()
  await stopTracing()
  await collector.close()
})

test('a call is one trace from its webhook to its settlement, with one span for all its media', async () => {
  const { leg, script } = await bench.dial(
    [
      { hear: GREETING, timeoutMs: 15_000 },
      { say: 'Thank you, goodbye.' },
      { waitForEnd: true, timeoutMs: 30_000 },
    ],
    { from: '+14155550177' },
  )
  expect(await script).toBe('finished')
  const settled = () =>
    bench.rows('select id from calls where twilio_call_sid = $1 and state = $2', [
      leg.callSid,
      'settled',
    ])
  await expect.poll(settled, { timeout: 15_000 }).toHaveLength(1)
  const [row] = await settled()
  await expect.poll(() => bench.over.length, { timeout: 15_000 }).toBe(1)
  await stopTracing()

  const spans = collector.spans()
  const calls = spans.filter(({ name }) => name === 'call')
  expect(calls).toHaveLength(1)
  const [call] = calls
  expect(call).toMatchObject({
    service: 'voxcalls-voice',
    attributes: {
      'voxcalls.call_id': row?.id,
      'voxcalls.organization_id': bench.centre.organizationId,
      'voxcalls.direction': 'inbound',
      'voxcalls.end_reason': 'agent_hung_up',
    },
  })
  expect(call?.events.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['media.started', 'agent.ready', 'agent-hung-up', 'media.ended']),
  )
  expect(call?.events.every(({ attributes }) => Object.keys(attributes).length === 0)).toBe(true)
  const webhook = spans.find(({ spanId }) => spanId === call?.parentSpanId)
  expect(webhook?.name).toBe('POST /twilio/voice')
  const below = spans.filter(({ parentSpanId }) => parentSpanId === call?.spanId)
  expect(below.map(({ name }) => name)).toContain('transaction')
  // A heartbeat, a meter, a frame: none of them is a span.
  const trace = spans.filter(({ traceId }) => traceId === call?.traceId)
  expect(trace.length).toBeLessThan(40)
  const roots = spans.filter(({ parentSpanId }) => !parentSpanId)
  expect(roots.every(({ name }) => name.startsWith('POST /twilio/'))).toBe(true)
  for (const secret of ['4155550177', bench.centre.number.slice(1), 'goodbye', 'Goodbye'])
    expect(collector.sent()).not.toContain(secret)
})
