import { describe, expect, test } from 'vitest'
import { delaysOf } from './voice-capture.ts'
import type { Passage } from './voice-types.ts'
import { CLIENT_HEAD, clientFrame, putSequence, SERVER_HEAD, serverFrame } from './voice-wire.ts'

const CALLER = 40_001
const GATEWAY = 8_080
const AT_AGENT = 40_002
const AGENT = 9_090
const ENTERING = `{"in":"${'A'.repeat(160)}"}`
const LEAVING = `{"to_agent":"${'A'.repeat(160)}"}`
const MARK = '{"event":"mark"}'
const shapeOf = (text: string) => ({ length: text.length, at: text.indexOf('A'.repeat(160)) })
const passage: Passage = {
  enters: { from: CALLER, to: GATEWAY, media: shapeOf(ENTERING) },
  leaves: { from: AT_AGENT, to: AGENT, media: shapeOf(LEAVING) },
}

/** As it is between a caller and a gateway: the caller's frames are masked, and numbered. */
const entering = (sequence: number): Buffer => {
  const frame = clientFrame(ENTERING)
  putSequence(frame, CLIENT_HEAD + shapeOf(ENTERING).at, sequence, CLIENT_HEAD)
  return frame
}
const leaving = (sequence: number): Buffer => {
  const frame = serverFrame(LEAVING)
  putSequence(frame, SERVER_HEAD + shapeOf(LEAVING).at, sequence, -1)
  return frame
}

/** What tcpdump writes: a head, then each packet with its time, its length and the heads of Ethernet, IPv4 and TCP. */
class Recording {
  #parts: Buffer[] = [Buffer.alloc(24)]
  #positions = new Map<string, number>()

  packet(from: number, to: number, ms: number, data: Buffer): this {
    const stream = `${from} ${to}`
    const position = this.#positions.get(stream) ?? 0xffff_ff00 // and past the end of what 32 bits number
    const head = Buffer.alloc(16 + 14 + 20 + 20)
    head.writeUInt32LE(Math.floor(ms / 1_000), 0)
    head.writeUInt32LE(Math.round((ms % 1_000) * 1_000), 4)
    head.writeUInt32LE(head.length - 16 + data.length, 8)
    head[30] = 0x45
    head.writeUInt16BE(40 + data.length, 32)
    head.writeUInt16BE(from, 50)
    head.writeUInt16BE(to, 52)
    head.writeUInt32BE(position, 54)
    head[62] = 0x50
    this.#parts.push(head, Buffer.from(data))
    return this.missed(from, to, data.length)
  }

  missed(from: number, to: number, bytes: number): this {
    const stream = `${from} ${to}`
    const position = this.#positions.get(stream) ?? 0xffff_ff00
    this.#positions.set(stream, (position + bytes) >>> 0)
    return this
  }

  delays(): number[] {
    const rounded = (ms: number) => Math.round(ms * 1_000) / 1_000
    return delaysOf(Buffer.concat(this.#parts), [passage]).map(rounded)
  }
}

describe('delays by the packets at a gateway', () => {
  test('are from the last byte that came to the last that left', () => {
    const [first, second] = [leaving(7), leaving(8)]
    const delays = new Recording()
      .packet(CALLER, GATEWAY, 1_000, entering(7).subarray(0, 50))
      .packet(AT_AGENT, AGENT, 1_000.5, serverFrame(MARK))
      .packet(CALLER, GATEWAY, 1_001.25, entering(7).subarray(50))
      .packet(CALLER, GATEWAY, 1_002, Buffer.concat([clientFrame(MARK), entering(8)]))
      .packet(AT_AGENT, AGENT, 1_004, Buffer.concat([first, second.subarray(0, 30)]))
      .packet(AT_AGENT, AGENT, 1_009.75, second.subarray(30))
      .delays()
    expect(delays).toEqual([2.75, 7.75])
  })

  test('begin where a message does, also after a gap, and are only of what was seen twice', () => {
    const delays = new Recording()
      .packet(CALLER, GATEWAY, 1_000, entering(1).subarray(100))
      .packet(AT_AGENT, AGENT, 1_001, leaving(1))
      .packet(CALLER, GATEWAY, 1_010, entering(2))
      .packet(CALLER, GATEWAY, 1_020, entering(3).subarray(0, 20))
      .missed(CALLER, GATEWAY, entering(3).length - 20)
      .packet(CALLER, GATEWAY, 1_030, entering(4))
      .packet(AT_AGENT, AGENT, 1_031, leaving(2))
      .packet(AT_AGENT, AGENT, 1_032, leaving(3))
      .packet(AT_AGENT, AGENT, 1_033, leaving(4))
      .packet(CALLER, 55_555, 1_040, entering(5))
      .packet(AT_AGENT, AGENT, 1_041, leaving(5))
      .delays()
    expect(delays).toEqual([21, 3])
  })
})
