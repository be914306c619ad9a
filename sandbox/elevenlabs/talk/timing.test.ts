import { once } from 'node:events'
import { afterEach, expect, test } from 'vitest'
import { readNumber, readText } from '../json.ts'
import { aBench, anAgent, type Bench, Caller, signedUrl } from '../testing.ts'
import type { Timings } from '../world.ts'

let bench: Bench
afterEach(async () => {
  await bench.vendor.close()
})

const startWith = async (timings: Partial<Timings> = {}) => {
  bench = await aBench({ timings: { chunkEveryMs: 1, ...timings } })
}

test('pings keep coming and each has an id of its own', async () => {
  await startWith({ pingMs: 50 })
  const caller = await Caller.to(bench, await anAgent(bench))
  await caller.event('ping', 3)
  const ids = caller.of('ping').map((e) => readNumber(-1, e, 'ping_event', 'event_id'))
  expect(new Set(ids).size).toBe(ids.length)
  caller.send({ type: 'pong', event_id: ids[0] ?? 0 })
  await caller.event('ping', ids.length + 1)
  await caller.hangUp()
})

test('a client that says nothing at all still gets its conversation', async () => {
  await startWith({ initiationMs: 50 })
  const caller = new Caller(bench, await signedUrl(bench, await anAgent(bench)))
  await once(caller.socket, 'open')
  await caller.response('Hello, Northwind Dental.')
  await caller.hangUp()
})

test('a transport without a message is given up with 1002', async () => {
  await startWith({ transportSilenceMs: 300 })
  const caller = await Caller.to(bench, await anAgent(bench))
  expect((await caller.end()).code).toBe(1002)
  expect(readText(caller.of('error')[0], 'error_event', 'error_type')).toBe(
    'transport_receive_timeout',
  )
})

test('the longest duration ends the call with its message, an error event and 1000', async () => {
  await startWith()
  const config = {
    agent: { max_conversation_duration_message: 'Our time is up.' },
    conversation: { max_duration_seconds: 1 },
  }
  const caller = await Caller.to(bench, await anAgent(bench, { config }))
  expect((await caller.end()).code).toBe(1000)
  expect(caller.responses()).toContain('Our time is up.')
  expect(readText(caller.of('error')[0], 'error_event', 'error_type')).toBe('max_duration_exceeded')
})

test('a silent caller is asked again, and in the end left alone', async () => {
  await startWith()
  const config = {
    agent: { first_message: 'Hi.' },
    turn: { turn_timeout: 0.2, silence_end_call_timeout: 1.5 },
  }
  const caller = await Caller.to(bench, await anAgent(bench, { config }))
  expect((await caller.end()).code).toBe(1000)
  expect(
    caller.responses().filter((text) => text === 'Are you still there?').length,
  ).toBeGreaterThan(0)
})
