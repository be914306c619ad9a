import { isUtf8 } from 'node:buffer'

export type Role = 'server' | 'client'
export type ReaderLimits = { messageBytes: number; fragments: number }

/** What a reader finds. `data` is valid until the call returns. */
export type FrameSink = {
  message(data: Buffer, isBinary: boolean): void
  ping(data: Buffer): void
  pong(): void
  /** The peer's close frame; 1005 when it gave no code. */
  closed(code: number): void
  /** The peer broke the protocol or a limit: nothing more is read, and the socket is to be closed with this code. */
  failed(code: number): void
}

export const opcode = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const

const PROTOCOL_ERROR = 1002
const NOT_UTF8 = 1007
const TOO_BIG = 1009
const NO_CODE = 1005
const FIN = 0x80
const RESERVED = 0x70
const MASKED = 0x80
const NOT_ASCII = 0x8080_8080
const CONTROL = 8
const MAX_CONTROL_BYTES = 125
const MAX_HEAD_BYTES = 14
const HIGH_WORD = 0x1_0000_0000

/**
 * Reads RFC 6455 frames out of a byte stream, without extensions. A message that lies whole in what was read is given
 * as a view of it, unmasked in place; only what is split between reads is copied, once, into a buffer of its size.
 */
export class FrameReader {
  #isServer: boolean
  #limits: ReaderLimits
  #sink: FrameSink
  #isOver = false
  /** A frame of which not everything has come. */
  #partial: Buffer | undefined
  #partialBytes = 0
  /** Bytes of the frame at hand, or of as much of its head as tells. */
  #needed = 2
  #fragments: Buffer[] = []
  #fragmentBytes = 0
  #isBinary = false
  /** What was unmasked last is known to hold no byte above 127. */
  #isAscii = false

  constructor(role: Role, limits: ReaderLimits, sink: FrameSink) {
    this.#isServer = role === 'server'
    this.#limits = limits
    this.#sink = sink
  }

  /** Takes `chunk[0, end)`; the chunk may be used again when it returns. */
  push(chunk: Buffer, end: number = chunk.length): void {
    if (this.#isOver) return
    let at = this.#partial ? this.#fill(chunk, end) : 0
    while (at < end && !this.#isOver) {
      const next = this.#read(chunk, at, end)
      if (next < 0) {
        if (!this.#isOver) this.#keep(chunk, at, end)
        return
      }
      at = next
    }
  }

  stop(): void {
    this.#isOver = true
    this.#partial = undefined
    this.#fragments = []
  }

  /** Adds to the frame that was begun, as far as it goes; returns where in the chunk that ends. */
  #fill(chunk: Buffer, end: number): number {
    let at = 0
    while (this.#partial && at < end) {
      const bytes = Math.min(this.#needed - this.#partialBytes, end - at)
      chunk.copy(this.#partial, this.#partialBytes, at, at + bytes)
      this.#partialBytes += bytes
      at += bytes
      if (this.#partialBytes < this.#needed) return at
      const partial = this.#partial
      const next = this.#read(partial, 0, this.#partialBytes)
      if (this.#isOver) return end
      if (next < 0) this.#keep(partial, 0, this.#partialBytes)
      else this.#partial = undefined
    }
    return at
  }

  #keep(source: Buffer, from: number, to: number): void {
    // The head says how long the frame is, so a frame that drips in byte by byte is copied once all the same.
    const partial = Buffer.allocUnsafe(Math.max(this.#needed, MAX_HEAD_BYTES))
    source.copy(partial, 0, from, to)
    this.#partial = partial
    this.#partialBytes = to - from
  }

  /** Reads one frame; returns where the next begins, or -1 when `#needed` bytes are not there. */
  #read(chunk: Buffer, at: number, end: number): number {
    if (!this.#has(at, end, 2)) return -1
    const first = chunk[at]!
    const second = chunk[at + 1]!
    const isMasked = (second & MASKED) !== 0
    if ((first & RESERVED) !== 0 || isMasked !== this.#isServer) return this.#fail(PROTOCOL_ERROR)

    let length = second & 0x7f
    let head = 2
    if (length === 126) {
      if (!this.#has(at, end, 4)) return -1
      length = chunk.readUInt16BE(at + 2)
      head = 4
    } else if (length === 127) {
      if (!this.#has(at, end, 10)) return -1
      length = chunk.readUInt32BE(at + 2) * HIGH_WORD + chunk.readUInt32BE(at + 6)
      head = 10
    }
    const code = first & 0x0f
    const isFinal = (first & FIN) !== 0
    const problem = this.#check(code, isFinal, length)
    if (problem !== 0) return this.#fail(problem)

    const maskAt = at + head
    if (isMasked) head += 4
    if (!this.#has(at, end, head + length)) return -1
    const from = at + head
    const to = from + length
    this.#isAscii = isMasked && (unmask(chunk, maskAt, from, to) & NOT_ASCII) === 0
    this.#take(code, isFinal, viewOf(chunk, from, to))
    return to
  }

  #has(at: number, end: number, bytes: number): boolean {
    if (end - at >= bytes) return true
    this.#needed = bytes
    return false
  }

  /** The close code that a frame with this head deserves, or 0. */
  #check(code: number, isFinal: boolean, length: number): number {
    if (code >= CONTROL) {
      const isKnown = code <= opcode.pong
      return isKnown && isFinal && length <= MAX_CONTROL_BYTES ? 0 : PROTOCOL_ERROR
    }
    if (code > opcode.binary) return PROTOCOL_ERROR
    const isContinued = this.#fragments.length > 0
    if ((code === opcode.continuation) !== isContinued) return PROTOCOL_ERROR
    if (this.#fragmentBytes + length > this.#limits.messageBytes) return TOO_BIG
    if (this.#fragments.length >= this.#limits.fragments) return TOO_BIG
    return 0
  }

  #take(code: number, isFinal: boolean, data: Buffer): void {
    switch (code) {
      case opcode.ping:
        this.#sink.ping(data)
        break
      case opcode.pong:
        this.#sink.pong()
        break
      case opcode.close:
        this.#closed(data)
        break
      default:
        if (isFinal && this.#fragments.length === 0) this.#message(data, code === opcode.binary)
        else this.#fragment(code, isFinal, data)
    }
  }

  #fragment(code: number, isFinal: boolean, data: Buffer): void {
    if (code !== opcode.continuation) this.#isBinary = code === opcode.binary
    this.#fragments.push(Buffer.from(data))
    this.#fragmentBytes += data.length
    if (!isFinal) return
    const whole = Buffer.concat(this.#fragments, this.#fragmentBytes)
    this.#fragments = []
    this.#fragmentBytes = 0
    this.#isAscii = false
    this.#message(whole, this.#isBinary)
  }

  #message(data: Buffer, isBinary: boolean): void {
    if (isBinary || this.#isAscii || isUtf8(data)) this.#sink.message(data, isBinary)
    else this.#fail(NOT_UTF8)
  }

  #closed(data: Buffer): void {
    if (data.length === 1) {
      this.#fail(PROTOCOL_ERROR)
      return
    }
    const code = data.length === 0 ? NO_CODE : data.readUInt16BE(0)
    if (data.length > 0 && !isCloseCode(code)) this.#fail(PROTOCOL_ERROR)
    else if (!isUtf8(data.subarray(2))) this.#fail(NOT_UTF8)
    else {
      this.stop()
      this.#sink.closed(code)
    }
  }

  #fail(code: number): number {
    this.stop()
    this.#sink.failed(code)
    return -1
  }
}

/** Codes that may stand in a close frame (RFC 6455 section 7.4). */
function isCloseCode(code: number): boolean {
  if (code >= 3000) return code < 5000
  return code >= 1000 && code <= 1014 && code !== 1004 && code !== 1005 && code !== 1006
}

const MAX_VIEW_BYTES = 4_096 // longer messages come seldom, in many lengths
const SHARED_BYTES = 65_536 // the buffer that sockets read into; others are not seen twice
const CLIENT_HEAD = 8 // of a message of 126 bytes and more that stands first in the buffer
const SERVER_HEAD = 4
let viewsFrom: Buffer | undefined
const clientViews: (Buffer | undefined)[] = Array.from({ length: MAX_VIEW_BYTES + 1 })
const serverViews: (Buffer | undefined)[] = Array.from({ length: MAX_VIEW_BYTES + 1 })

/**
 * `chunk[from, to)`. One view serves all messages of a length at the front of the shared buffer: a view is only good
 * until the next read anyway, and making one a message keeps the garbage collector at work.
 */
function viewOf(chunk: Buffer, from: number, to: number): Buffer {
  const length = to - from
  if (length > MAX_VIEW_BYTES || chunk.length < SHARED_BYTES) return chunk.subarray(from, to)
  const views = from === CLIENT_HEAD ? clientViews : from === SERVER_HEAD ? serverViews : undefined
  if (views === undefined) return chunk.subarray(from, to)
  if (chunk !== viewsFrom) {
    viewsFrom = chunk
    clientViews.fill(undefined)
    serverViews.fill(undefined)
  }
  return (views[length] ??= chunk.subarray(from, to))
}

/** The words of the buffer that was read from last: nearly always the one that all sockets share. */
let wordsFrom: ArrayBufferLike | undefined
let words: Int32Array = new Int32Array(0)

/** Unmasks in place; returns the bits that occur in any of the four places. */
function unmask(bytes: Buffer, maskAt: number, from: number, to: number): number {
  const a = bytes[maskAt]!
  const b = bytes[maskAt + 1]!
  const c = bytes[maskAt + 2]!
  const d = bytes[maskAt + 3]!
  let at = from
  let bits = 0
  const { buffer, byteOffset } = bytes
  if (((byteOffset + from) & 3) === 0) {
    if (buffer !== wordsFrom) {
      wordsFrom = buffer
      words = new Int32Array(buffer, 0, buffer.byteLength >> 2)
    }
    const key = a | (b << 8) | (c << 16) | (d << 24)
    const lastWord = (byteOffset + to) >> 2
    for (let word = (byteOffset + from) >> 2; word < lastWord; word++) bits |= words[word]! ^= key
    at = (lastWord << 2) - byteOffset
  }
  for (const last = to - 3; at < last; at += 4) {
    bits |= bytes[at]! ^= a
    bits |= bytes[at + 1]! ^= b
    bits |= bytes[at + 2]! ^= c
    bits |= bytes[at + 3]! ^= d
  }
  if (at < to) bits |= bytes[at]! ^= a
  if (at + 1 < to) bits |= bytes[at + 1]! ^= b
  if (at + 2 < to) bits |= bytes[at + 2]! ^= c
  return bits
}
