import { afterEach, beforeEach, expect, test } from 'vitest'
import { ScriptedCaller, type Step } from './caller.ts'
import { fastClock } from './clock.ts'
import { aRig, CALLER, OUR_NUMBER, type Rig, twiml } from './testing.ts'

let rig: Rig
beforeEach(async () => {
  rig = await aRig({ clock: fastClock(5) })
})
afterEach(() => rig.close())

async function aCall(verbs: string, steps: Step[]) {
  rig.product.on('/voice', twiml(verbs))
  const caller = new ScriptedCaller(rig.book, steps)
  const leg = await rig.twilio.dial({ from: CALLER, to: OUR_NUMBER, party: caller })
  return { caller, leg, result: await caller.done }
}

test('hear takes utterances one after the other and does not hear the same one twice', async () => {
  const { result } = await aCall('<Say>One.</Say><Say>Two.</Say><Pause length="20"/>', [
    { hear: null },
    { hear: 'two' },
    { hear: 'one', timeoutMs: 200 },
  ])
  expect(result).toMatchObject({ failedStep: 2 })
  expect(result).toMatchObject({ why: expect.stringContaining('last heard: final "One."') })
})

test('an utterance heard while something else was done is not lost', async () => {
  const { result } = await aCall('<Say>Good morning.</Say><Pause length="20"/>', [
    { pause: 700 },
    { hear: 'morning' },
    { hangUp: true },
  ])
  expect(result).toBe('finished')
})

test('what was never said in full is not heard', async () => {
  rig.product.on('/voice', twiml('<Say>This sentence is about to be cut off by us.</Say>'))
  const caller = new ScriptedCaller(rig.book, [{ hear: 'sentence' }])
  const leg = await rig.twilio.dial({ from: CALLER, to: OUR_NUMBER, party: caller })
  const began = new Promise<void>((resolve) => {
    leg.line.listen((_, heard) => heard.some((byte) => byte !== 0xff) && resolve())
  })
  await began
  leg.end('completed', 'rest')
  expect(await caller.done).toMatchObject({
    failedStep: 0,
    why: expect.stringContaining('the call ended before'),
  })
  expect(caller.heard.at(-1)?.kind).toBe('cut')
})

test('a script that fails hangs up, so no call is left over', async () => {
  const verbs = '<Say>Hi.</Say><Pause length="60"/>'
  const { result, leg } = await aCall(verbs, [{ hear: 'no', timeoutMs: 100 }])
  expect(result).toMatchObject({ failedStep: 0 })
  expect(leg.log.at(-1)).toMatchObject({ kind: 'ended', by: 'party' })
})

test('a sentence that the end of the call cut off was not said', async () => {
  const long = 'I would like to tell you at great length about everything that I need.'
  const { result, caller } = await aCall('<Say>Bye.</Say>', [{ say: long }])
  expect(result).toMatchObject({ failedStep: 0, why: expect.stringContaining('while') })
  expect(caller.said).toHaveLength(1)
})

test('a call that is refused fails the script before its first step', async () => {
  const { result } = await aCall('<Reject/>', [{ hear: null }])
  expect(result).toMatchObject({ why: expect.stringContaining('before it was answered') })
})
