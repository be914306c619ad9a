import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { agentSays } from '../agent/phrases-testing.ts'
import { DECODE } from '../audio/mulaw.ts'
import { base64Of, mediaFrame, STREAM_SID } from '../bridge-testing.ts'
import { BlockWriter, fileHead } from './block.ts'
import { type TapeKind, tapeKind } from './format.ts'
import { type RenderedCall, renderCall } from './render.ts'

let dir: string
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'render-'))
})
afterAll(() => rm(dir, { recursive: true, force: true }))

const SECOND = 8_000
const HEAD_BYTES = 44
const FRAME_MS = 20

type Line = [kind: TapeKind, atMs: number, data?: object | string, leg?: number]

async function rendered(
  lines: Line[],
): Promise<RenderedCall & { at(ms: number): [number, number] }> {
  const tape = join(dir, 'call.tape')
  const pieces = [fileHead(header)]
  const block = new BlockWriter(Buffer.alloc(4_194_304))
  for (const [kind, atMs, data, leg = 0] of lines) {
    const text = typeof data === 'object' ? JSON.stringify(data) : (data ?? '')
    if (!block.hasRoomFor(text.length)) {
      pieces.push(Buffer.from(block.seal()))
      block.reset()
    }
    block.append(kind, 0, leg, Math.round(atMs * 1_000), Buffer.from(text))
  }
  await writeFile(tape, Buffer.concat([...pieces, block.seal()]))
  const wav = join(dir, 'call.wav')
  const call = await renderCall(tape, wav)
  const bytes = await readFile(wav)
  expect(bytes.length).toBe(HEAD_BYTES + call.durationMs * 8 * 4)
  return {
    ...call,
    at(ms) {
      const offset = HEAD_BYTES + Math.round(ms * 8) * 4
      return [bytes.readInt16LE(offset), bytes.readInt16LE(offset + 2)]
    },
  }
}
const header = {
  version: 1,
  holds: 'call',
  callId: 'c',
  legs: [{ gateway: 'g1', instance: 'i', wallMs: 0 }],
}

/** The caller's frames from `from` until `to`, arriving on time. */
const caller = (from: number, to: number, byte = 0xff, delayMs = 0): Line[] =>
  Array.from({ length: to - from }, (_, index): Line => {
    const frame = from + index
    return [tapeKind.customerSent, (frame + 1) * FRAME_MS + delayMs, mediaFrame(frame, byte)]
  })
const clear = { event: 'clear', streamSid: STREAM_SID }
const CUSTOMER = DECODE[0x10]!
const AGENT = DECODE[0x41]!

describe('the recording of a call', () => {
  test('has the caller on the left and the agent on the right, each where it was heard', async () => {
    const call = await rendered([
      ...caller(0, 50),
      ...caller(50, 100, 0x10),
      [tapeKind.agentSent, 2_000, agentSays.audio(base64Of(0x41, SECOND), 1)],
      ...caller(100, 200),
      [tapeKind.end, 4_000, {}],
    ])
    expect(call.durationMs).toBe(4_000)
    expect([call.at(990), call.at(1_001), call.at(1_999), call.at(2_010)]).toEqual([
      [0, 0],
      [CUSTOMER, 0],
      [CUSTOMER, 0],
      [0, AGENT],
    ])
    expect([call.at(2_999), call.at(3_001)]).toEqual([
      [0, AGENT],
      [0, 0],
    ])
    expect(call.spans).toEqual([
      { eventId: 1, fromMs: 2_000, toMs: 3_000, plannedToMs: 3_000, heard: 'heard' },
    ])
  })

  test('plays chunks that came at once one after the other', async () => {
    const chunk = (byte: number): Line => [
      tapeKind.agentSent,
      1_000,
      agentSays.audio(base64Of(byte, SECOND), 1),
    ]
    const call = await rendered([...caller(0, 50), chunk(0x41), chunk(0x42), ...caller(50, 200)])
    expect([call.at(1_500)[1], call.at(2_500)[1], call.at(3_001)[1]]).toEqual([
      AGENT,
      DECODE[0x42],
      0,
    ])
    expect(call.spans).toHaveLength(1)
  })

  test('goes silent at a clear, and tells what was cut and what was never played', async () => {
    const call = await rendered([
      ...caller(0, 50),
      [tapeKind.agentSent, 1_000, agentSays.audio(base64Of(0x41, SECOND), 1)],
      [tapeKind.agentSent, 1_000, agentSays.audio(base64Of(0x42, SECOND), 2)],
      ...caller(50, 75),
      [tapeKind.twilioOut, 1_500, clear],
      [tapeKind.agentSent, 1_500, agentSays.audio(base64Of(0x43, SECOND / 2), 4)],
      ...caller(75, 200),
    ])
    expect([call.at(1_490)[1], call.at(1_510)[1], call.at(2_010)[1]]).toEqual([
      AGENT,
      DECODE[0x43],
      0,
    ])
    expect(call.spans).toEqual([
      { eventId: 1, fromMs: 1_000, toMs: 1_500, plannedToMs: 2_000, heard: 'cut' },
      { eventId: 2, fromMs: 2_000, toMs: 2_000, plannedToMs: 3_000, heard: 'never_played' },
      { eventId: 4, fromMs: 1_500, toMs: 2_000, plannedToMs: 2_000, heard: 'heard' },
    ])
  })

  test('ends with the stream, and what Twilio had not played by then was not heard', async () => {
    const call = await rendered([
      ...caller(0, 50),
      [tapeKind.agentSent, 1_000, agentSays.audio(base64Of(0x41, 5 * SECOND), 1)],
      ...caller(50, 100),
      [tapeKind.twilioClosed, 2_000],
    ])
    expect(call.durationMs).toBe(2_000)
    expect(call.spans).toMatchObject([{ toMs: 2_000, heard: 'cut' }])
  })

  test('has notices, and held audio where it was let go', async () => {
    const notice = {
      event: 'media',
      streamSid: STREAM_SID,
      media: { payload: base64Of(0x51, SECOND) },
    }
    const call = await rendered([
      ...caller(0, 50),
      [tapeKind.twilioOut, 1_000, notice],
      [tapeKind.agentHeld, 1_100, agentSays.audio(base64Of(0x41, SECOND), 1)],
      [tapeKind.agentHeld, 1_100, agentSays.audio(base64Of(0x42, SECOND), 2)],
      [tapeKind.agentHeldDropped, 1_200],
      ...caller(50, 100),
      [tapeKind.agentHeldSent, 2_000],
      ...caller(100, 200),
    ])
    expect([call.at(1_500)[1], call.at(2_500)[1]]).toEqual([DECODE[0x51], DECODE[0x42]])
    expect(call.spans).toMatchObject([{ fromMs: 1_000 }, { eventId: 2, fromMs: 2_000 }])
  })

  test('fills what is missing of the caller with silence and keeps his place', async () => {
    const call = await rendered([...caller(0, 50, 0x10), ...caller(100, 150, 0x10)])
    expect([call.at(999)[0], call.at(1_500)[0], call.at(2_001)[0]]).toEqual([CUSTOMER, 0, CUSTOMER])
    expect(call.durationMs).toBe(3_000)
  })

  test('does not follow a stamp that cannot be true', async () => {
    const call = await rendered([
      ...caller(0, 50),
      [tapeKind.customerSent, 1_020, mediaFrame(10_000_000, 0x10)],
    ])
    expect(call.durationMs).toBe(1_020)
  })

  test('of a call that moved between gateways goes on after the gap', async () => {
    const second = caller(0, 50, 0x11, 5_000).map(
      ([kind, atMs, data]): Line => [kind, atMs, data ?? '', 1],
    )
    const call = await rendered([...caller(0, 50, 0x10), ...second])
    expect([call.at(500)[0], call.at(3_000)[0], call.at(5_500)[0]]).toEqual([
      CUSTOMER,
      0,
      DECODE[0x11],
    ])
    expect(call.durationMs).toBe(6_000)
  })

  test('is empty when there was no media', async () => {
    const call = await rendered([
      [tapeKind.setup, 0, {}],
      [tapeKind.end, 5_000, {}],
    ])
    expect(call).toMatchObject({ durationMs: 0, spans: [], peaks: { customer: [], agent: [] } })
  })
})

test('the peaks show where somebody spoke, in at most two thousand stretches', async () => {
  const short = await rendered([...caller(0, 50), ...caller(50, 100, 0x10)])
  expect(short.peaks.stretchMs).toBe(20)
  expect(short.peaks.customer.slice(0, 50)).toEqual(Array(50).fill(0))
  expect(Math.min(...short.peaks.customer.slice(50))).toBeGreaterThan(0.3)
  const long = await rendered([...caller(0, 1), ...caller(4_999, 5_000)])
  expect(long.peaks.customer).toHaveLength(2_000)
})

test('an hour drifts by less than 20 ms, though frames come late and the clocks run apart', async () => {
  const HOUR_FRAMES = 180_000
  const skew = 1 + 80e-6 // our clock gains 80 ppm on Twilio's: 288 ms an hour
  const lines: Line[] = []
  const truths: number[] = []
  let arrived = 0
  for (let frame = 0; frame < HOUR_FRAMES; frame++) {
    // A pseudo-random delay of up to 60 ms, in order as a socket is.
    const jitterMs = ((frame * 7_919) % 61) * ((frame * 31) % 7 === 0 ? 1 : 0.1)
    arrived = Math.max(arrived, (frame + 1) * FRAME_MS * skew + jitterMs)
    lines.push([tapeKind.customerSent, arrived, tinyFrame(frame)])
    if (frame % 3_000 !== 2_999) continue
    lines.push([tapeKind.agentSent, arrived, agentSays.audio(base64Of(0x41, 80), frame)])
    // Where the caller's media was at that moment: a frame of a millisecond arrives 19 ms after its end.
    truths.push(arrived / skew - (FRAME_MS - 1))
  }
  const call = await rendered(lines)
  const errors = call.spans.map(({ fromMs }, index) => Math.abs(fromMs - truths[index]!))
  expect(errors).toHaveLength(60)
  expect(Math.max(...errors)).toBeLessThan(20)
})

/** A frame with one millisecond of audio: an hour of them fits into a test. */
const tinyFrame = (index: number): string =>
  `{"event":"media","sequenceNumber":"2","media":{"track":"inbound","chunk":"1","timestamp":"${index * FRAME_MS}",` +
  `"payload":"${base64Of(0xff, 8)}"},"streamSid":"${STREAM_SID}"}`
