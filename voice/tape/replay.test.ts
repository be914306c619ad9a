import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { agentSays } from '../agent/phrases-testing.ts'
import { aBridge, type BridgeBench, base64Of, mediaFrame, STREAM_SID } from '../bridge-testing.ts'
import { systemClock } from '../clock.ts'
import type { MemorySocket } from '../memory-socket.ts'
import { BlockWriter, fileHead } from './block.ts'
import { IN_PARTS, tapeKind } from './format.ts'
import { customerMessage } from './media.ts'
import { TapeReader } from './reader.ts'
import { replayCall } from './replay.ts'
import { splitCall } from './split.ts'
import { Spool } from './spool.ts'

let dir: string
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'replay-'))
})
afterAll(() => rm(dir, { recursive: true, force: true }))

const notices = {
  reconnecting: new Uint8Array(4_000).fill(0x31),
  farewell: new Uint8Array(4_000).fill(0x32),
}

type Stage = { bench: BridgeBench; agent: MemorySocket | undefined; eventId: number }
type Step = (stage: Stage) => Promise<void> | void

const steps: Record<string, Step> = {
  speak: ({ bench }) => bench.speak(30),
  'speak oddly': ({ bench }) =>
    bench.twilio.receive({ event: 'media', media: { timestamp: '99', payload: base64Of(0x12) } }),
  'say nonsense': ({ bench }) => bench.twilio.receive('{'),
  press: ({ bench }) => bench.twilio.receive({ event: 'dtmf', dtmf: { digit: '5' } }),
  wait: ({ bench }) => bench.clock.advance(3_100),
  'return marks': ({ bench }) => bench.returnMarks(),
  answer: async (stage) => {
    stage.agent = await stage.bench.answer()
  },
  refuse: async ({ bench }) => {
    bench.connecting.at(-1)!.refuse()
    await bench.settle()
  },
  'agent speaks': (stage) => {
    stage.agent?.receive(agentSays.response('one two three', ++stage.eventId))
    stage.agent?.receive(agentSays.audio(base64Of(0x41, 8_000), stage.eventId))
    stage.agent?.receive(agentSays.audio(base64Of(0x42, 3_000), stage.eventId))
  },
  'agent speaks late': (stage) => stage.agent?.receive(agentSays.audio(base64Of(0x43), 1)),
  'agent speaks oddly': (stage) =>
    stage.agent?.receive({
      audio_event: { event_id: ++stage.eventId, audio_base_64: base64Of(0x44) },
      type: 'audio',
    }),
  interruption: (stage) => stage.agent?.receive(agentSays.interruption(++stage.eventId)),
  transcript: (stage) => stage.agent?.receive(agentSays.transcript('Hello?', ++stage.eventId)),
  ping: (stage) => stage.agent?.receive(agentSays.ping(1)),
  'agent lost': (stage) => stage.agent?.drop(1011),
  'agent hangs up': (stage) => stage.agent?.drop(1000),
  'agent stalls': ({ agent, bench }) => {
    if (agent) agent.unsentBytes = 1e9
    bench.speak(3)
    if (agent) agent.unsentBytes = 0
  },
  'twilio stalls': ({ agent, bench }) => {
    bench.twilio.unsentBytes = 1e9
    agent?.receive(agentSays.audio(base64Of(0x45), 1_000))
    bench.twilio.unsentBytes = 0
  },
  notice: ({ bench }) => void bench.bridge.playNotice(notices.reconnecting, 'low balance'),
  'notices are spoken': ({ bench }) =>
    bench.bridge.takeNotices({ ...notices, reconnecting: new Uint8Array(2_000).fill(0x33) }),
  'polite end': ({ bench }) => bench.bridge.finish('funds_exhausted', notices.farewell),
}

let round = 0
async function taped(names: string[], end: (bench: BridgeBench) => void): Promise<string> {
  const own = join(dir, String(round++))
  const spool = await Spool.open({
    dir: own,
    gateway: 'g1',
    clock: systemClock,
    onError: (error) => {
      throw error
    },
  })
  const bench = aBridge({ notices, tape: spool.call('call-1') })
  const stage: Stage = { bench, agent: undefined, eventId: 0 }
  bench.bridge.start()
  for (const name of names) await steps[name]!(stage)
  end(bench)
  await spool.close()
  const target = join(own, 'call.tape')
  await splitCall({ files: spool.filesOf('call-1'), callId: 'call-1', target })
  expect(bench.ended).toHaveLength(1)
  return target
}

describe('a tape played back through the bridge', () => {
  test('sends the same bytes as on the day, whatever happened on it', async () => {
    const script = fc.array(fc.constantFrom(...Object.keys(steps)), { minLength: 5, maxLength: 25 })
    const end = fc.constantFrom<(bench: BridgeBench) => void>(
      (bench) => bench.bridge.end('operator'),
      (bench) => bench.twilio.receive({ event: 'stop' }),
      (bench) => bench.twilio.drop(),
    )
    let compared = 0
    await fc.assert(
      fc.asyncProperty(script, end, async (names, last) => {
        const ended = (bench: BridgeBench) => {
          if (bench.ended.length === 0) last(bench)
        }
        const replay = await replayCall(await taped(['speak', 'answer', ...names], ended))
        expect(replay.difference).toBeUndefined()
        expect(replay.isIncomplete).toBe(false)
        compared += replay.compared
      }),
      { numRuns: 40 },
    )
    expect(compared).toBeGreaterThan(800)
  })

  test('sends the silence before a regained agent again', async () => {
    const names = ['answer', 'speak', 'agent speaks', 'agent lost', 'answer', 'agent speaks']
    const tape = await taped([...names, 'speak'], (bench) => bench.bridge.end('operator'))
    const replay = await replayCall(tape)
    expect(replay.difference).toBeUndefined()
    const sent: string[] = []
    for await (const block of (await TapeReader.open(tape))!.blocks())
      for (const { kind, data } of block.records())
        if (kind === tapeKind.twilioOut) sent.push(data.toString())
    expect(sent.filter((text) => text.includes(base64Of(0xff, 1_600)))).toHaveLength(1)
  })

  test("is read in its first form too, with the caller's frames as they arrived", async () => {
    const names = ['speak', 'answer', 'agent speaks', 'speak', 'speak oddly']
    const tape = await taped(names, (bench) => bench.bridge.end('operator'))
    const first = join(dir, 'first.tape')
    let expanded = 0
    const customer: number[] = [tapeKind.customerSent, tapeKind.customerHeld]
    const asArrived: Change = (kind, data, arg) => {
      if (!customer.includes(kind) || arg !== IN_PARTS) return data
      expanded++
      return customerMessage({ arg, data }, STREAM_SID)
    }
    await rewrite(tape, first, asArrived, 1)
    expect(expanded).toBe(60)
    const [now, then] = [await replayCall(tape), await replayCall(first)]
    expect(then.difference).toBeUndefined()
    expect(then.compared).toBe(now.compared)
  })

  test('shows where a bridge acts otherwise than on the day', async () => {
    const tape = await taped(
      ['speak', 'answer', 'agent speaks', 'interruption', 'speak'],
      (bench) => bench.bridge.end('operator'),
    )
    const changed = join(dir, 'changed.tape')
    await rewrite(tape, changed, (kind, data) =>
      kind === tapeKind.agentIn
        ? Buffer.from(data.toString().replace('"interruption"', '"interruptiom"'))
        : data,
    )
    const replay = await replayCall(changed)
    expect(replay.difference).toMatchObject({
      to: 'twilio',
      was: expect.stringContaining('clear'),
    })
  })

  test('is compared as far as it goes when it was torn', async () => {
    const tape = await taped(['answer', 'speak', 'agent speaks', 'return marks'], (bench) =>
      bench.bridge.end('operator'),
    )
    const torn = join(dir, 'torn.tape')
    const bytes = await readFile(tape)
    await rewrite(tape, torn, (_, data) => data)
    expect((await replayCall(torn)).compared).toBeGreaterThan(30)
    await writeFile(torn, bytes.subarray(0, bytes.length - 1))
    expect(await replayCall(torn)).toMatchObject({ isIncomplete: true, compared: 0 })
  })

  test('is refused when it is no tape of a call', async () => {
    await expect(replayCall(import.meta.filename)).rejects.toThrow('Not the tape of a call')
  })
})

type Change = (kind: number, data: Buffer, arg: number) => Buffer

/** The same tape with some records changed, which then have no argument. */
async function rewrite(
  from: string,
  to: string,
  change: Change,
  version: 1 | 2 = 2,
): Promise<void> {
  const reader = (await TapeReader.open(from))!
  const block = new BlockWriter(Buffer.alloc(4_194_304))
  for await (const read of reader.blocks())
    for (const { kind, arg, call, atUs, data } of read.records()) {
      const changed = change(kind, data, arg)
      block.append(kind, changed === data ? arg : 0, call, atUs, changed)
    }
  await writeFile(to, Buffer.concat([fileHead({ ...reader.header, version }), block.seal()]))
}

test('the frames of these tests are those that Twilio writes', () => {
  expect(JSON.parse(mediaFrame(0, 0x10))).toMatchObject({
    event: 'media',
    media: { timestamp: '0' },
  })
})
