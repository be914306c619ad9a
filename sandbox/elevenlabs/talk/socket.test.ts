import { afterEach, beforeEach, expect, test } from 'vitest'
import { aBench, anAgent, type Bench, Caller } from '../testing.ts'

let bench: Bench
beforeEach(async () => {
  bench = await aBench()
})
afterEach(async () => {
  await bench.vendor.close()
})

test('a caller asks a question aloud and hears the sentence of the prompt that answers it', async () => {
  const caller = await Caller.to(bench, await anAgent(bench))
  await caller.response('Hello, Northwind Dental.')
  await caller.say('How much is a cleaning?')
  await caller.response('A cleaning costs ninety dollars.')
  await caller.hangUp()
  expect(bench.vendor.unrecognised).toBe(0)
})
