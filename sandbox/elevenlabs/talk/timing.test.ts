import { once } from 'node:events'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readText } from '../json.ts'
import { aBench, anAgent, type Bench, Caller, signedUrl } from '../testing.ts'

let bench: Bench
beforeEach(async () => {
  bench = await aBench({
    timings: { pingMs: 50, transportSilenceMs: 300, initiationMs: 50, chunkEveryMs: 1 },
  })
})
afterEach(async () => {
  await bench.vendor.close()
})

test('pings keep coming and each has an id of its own', async () => {
  const caller = await Caller.to(bench, await anAgent(bench))
  await caller.event('ping', 3)
  caller.send({ type: 'pong', event_id: 1 })
  await caller.hangUp()
})

test('a client that says nothing at all still gets its conversation', async () => {
  const caller = new Caller(bench, await signedUrl(bench, await anAgent(bench)))
  await once(caller.socket, 'open')
  await caller.response('Hello, Northwind Dental.')
  await caller.hangUp()
})

test('a transport without a message is given up with 1002', async () => {
  const caller = await Caller.to(bench, await anAgent(bench))
  expect((await caller.end()).code).toBe(1002)
  expect(readText(caller.of('error')[0], 'error_event', 'error_type')).toBe(
    'transport_receive_timeout',
  )
})

test('the longest duration ends the call with its message, an error event and 1000', async () => {
  const config = {
    agent: { max_conversation_duration_message: 'Our time is up.' },
    conversation: { max_duration_seconds: 1 },
  }
  const caller = await Caller.to(bench, await anAgent(bench, { config }))
  const alive = setInterval(() => caller.send({ type: 'user_activity' }), 100)
  const { code } = await caller.end().finally(() => clearInterval(alive))
  expect(code).toBe(1000)
  expect(caller.responses()).toContain('Our time is up.')
  expect(readText(caller.of('error')[0], 'error_event', 'error_type')).toBe('max_duration_exceeded')
})

test('a silent caller is asked again, and in the end left alone', async () => {
  const config = {
    agent: { first_message: 'Hi.' },
    turn: { turn_timeout: 0.2, silence_end_call_timeout: 1.5 },
  }
  const caller = await Caller.to(bench, await anAgent(bench, { config }))
  const alive = setInterval(() => caller.quiet(20), 20)
  const { code } = await caller.end().finally(() => clearInterval(alive))
  expect(code).toBe(1000)
  expect(
    caller.responses().filter((text) => text === 'Are you still there?').length,
  ).toBeGreaterThan(0)
})
