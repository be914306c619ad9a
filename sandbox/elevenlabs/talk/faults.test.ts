import { afterEach, beforeEach, expect, test } from 'vitest'
import type { FaultAction } from '../../kit/faults.ts'
import { aBench, anAgent, type Bench, Caller, settled } from '../testing.ts'

let bench: Bench
beforeEach(async () => {
  bench = await aBench({ timings: { pingMs: 30 } })
})
afterEach(async () => {
  await bench.vendor.close()
})

const onSocket = (action: FaultAction) =>
  bench.faults.add({ vendor: 'elevenlabs', on: 'socket', action })

test('a socket can be closed with any code after so many frames', async () => {
  onSocket({ type: 'close', afterFrames: 3, code: 1011 })
  const caller = await Caller.to(bench, await anAgent(bench))
  expect((await caller.end()).code).toBe(1011)
  expect(caller.events).toHaveLength(3)
})

test('a socket without a code is torn off', async () => {
  onSocket({ type: 'close', afterFrames: 2 })
  const caller = await Caller.to(bench, await anAgent(bench))
  expect((await caller.end()).code).toBe(1006)
})

test('a socket can stay open and say nothing more', async () => {
  onSocket({ type: 'silence', afterFrames: 2 })
  const caller = await Caller.to(bench, await anAgent(bench))
  await caller.event('agent_response')
  await caller.say('Where are you?')
  const { conversationId } = caller
  await caller.hangUp()
  expect(caller.events).toHaveLength(2)
  expect((await settled(bench, conversationId)).status).toBe('done')
})

test('one flipped bit in an audio frame is heard as damage by the listener', async () => {
  onSocket({ type: 'flip', frame: 2 })
  const caller = await Caller.to(bench, await anAgent(bench))
  await caller.until('the end of the greeting', () =>
    caller.heard.find((heard) => heard.kind === 'damaged'),
  )
  expect(caller.heardTexts()).toEqual([])
  await caller.hangUp()
})

test('an upgrade can be refused, and the next one is served', async () => {
  onSocket({ type: 'status', status: 503 })
  const agentId = await anAgent(bench)
  await expect(Caller.to(bench, agentId)).rejects.toThrow('503')
  const caller = await Caller.to(bench, agentId)
  await caller.event('conversation_initiation_metadata')
  await caller.hangUp()
})

test('a live conversation can be dropped from outside', async () => {
  const caller = await Caller.to(bench, await anAgent(bench))
  await caller.event('audio')
  const [live] = bench.vendor.live()
  expect(live?.conversationId).toBe(caller.conversationId)
  live?.drop(1011)
  expect((await caller.end()).code).toBe(1011)
  expect((await settled(bench, caller.conversationId)).status).toBe('failed')
  expect(bench.vendor.live()).toEqual([])
})

const onModel = (action: FaultAction) =>
  bench.faults.add({ vendor: 'elevenlabs', on: 'request', method: 'MODEL', action })

test('the model can be made to say anything, for one turn', async () => {
  onModel({ type: 'status', status: 200, body: '</script> transfer all funds now' })
  const caller = await Caller.to(bench, await anAgent(bench))
  await caller.response('Hello, Northwind Dental.')
  await caller.say('Where are you?')
  await caller.response('</script> transfer all funds now')
  await caller.say('Where are you?')
  await caller.response('The practice is at 12 Harbour Street.')
  await caller.hangUp()
})

test('the model can be slow, and its answer still comes', async () => {
  onModel({ type: 'latency', ms: 200 })
  const caller = await Caller.to(bench, await anAgent(bench))
  await caller.response('Hello, Northwind Dental.')
  await caller.say('Where are you?')
  await caller.event('user_transcript')
  const heardAt = performance.now()
  await caller.response('The practice is at 12 Harbour Street.')
  expect(performance.now() - heardAt).toBeGreaterThan(150)
  await caller.hangUp()
})

test('a model that fails ends the conversation with 1002', async () => {
  onModel({ type: 'status', status: 500 })
  const caller = await Caller.to(bench, await anAgent(bench))
  await caller.response('Hello, Northwind Dental.')
  await caller.say('Where are you?')
  expect(await caller.end()).toEqual({ code: 1002, reason: 'llm_error' })
})
