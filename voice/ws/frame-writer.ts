import { randomFillSync } from 'node:crypto'
import { opcode, type Role } from './frame-reader.ts'
import { wordsOf } from './frame-room.ts'

const FIN = 0x80
const MASKED = 0x80
const MASK_BYTES = 4
const SHORT = 125
const MEDIUM = 65_535
const MEDIUM_HEAD = 4
const LONG_HEAD = 10
const POOL_BYTES = 8_192

/** Room for the head of a frame of 126 to 65,535 bytes, as almost all of ours are. */
export const headroomOf = (role: Role): number =>
  role === 'client' ? MEDIUM_HEAD + MASK_BYTES : MEDIUM_HEAD

const pool = new Uint8Array(POOL_BYTES)
const poolWords = new Int32Array(pool.buffer)
let poolAt = POOL_BYTES

/**
 * Writes the head of a text frame into the free room before its text and masks the text in place, when the room
 * suffices; returns what is to be written, or undefined when the text is too long for the room.
 */
export function frameInPlace(frame: Buffer, role: Role): Buffer | undefined {
  const headroom = headroomOf(role)
  const length = frame.length - headroom
  if (length > MEDIUM) return undefined
  const isShort = length <= SHORT
  const from = isShort ? 2 : 0
  frame[from] = FIN | opcode.text
  if (isShort) frame[from + 1] = length
  else {
    frame[from + 1] = 126
    frame[from + 2] = length >> 8
    frame[from + 3] = length & 0xff
  }
  if (role === 'client') {
    frame[from + 1]! |= MASKED
    mask(frame, headroom - MASK_BYTES, headroom)
  }
  return isShort ? frame.subarray(from) : frame
}

/** A frame of any kind and length, copied. */
export function frameOf(code: number, data: Buffer, role: Role): Buffer {
  const { length } = data
  const lengthBytes = length <= SHORT ? 2 : length <= MEDIUM ? MEDIUM_HEAD : LONG_HEAD
  const head = lengthBytes + (role === 'client' ? MASK_BYTES : 0)
  const frame = Buffer.allocUnsafe(head + length)
  frame[0] = FIN | code
  if (length <= SHORT) frame[1] = length
  else if (length <= MEDIUM) {
    frame[1] = 126
    frame.writeUInt16BE(length, 2)
  } else {
    frame[1] = 127
    frame.writeUInt32BE(0, 2)
    frame.writeUInt32BE(length, 6)
  }
  data.copy(frame, head)
  if (role === 'client') {
    frame[1]! |= MASKED
    mask(frame, lengthBytes, head)
  }
  return frame
}

/** Puts a fresh key at `keyAt` and masks everything from `from` with it. Keys must not be guessed (section 10.3). */
function mask(bytes: Buffer, keyAt: number, from: number): void {
  if (poolAt === POOL_BYTES) {
    randomFillSync(pool)
    poolAt = 0
  }
  const a = (bytes[keyAt] = pool[poolAt]!)
  const b = (bytes[keyAt + 1] = pool[poolAt + 1]!)
  const c = (bytes[keyAt + 2] = pool[poolAt + 2]!)
  const d = (bytes[keyAt + 3] = pool[poolAt + 3]!)
  const key = poolWords[poolAt >> 2]!
  poolAt += MASK_BYTES
  const to = bytes.length
  let at = from
  const words = (from & 3) === 0 ? wordsOf(bytes) : undefined
  if (words !== undefined) {
    const lastWord = to >> 2
    for (let word = from >> 2; word < lastWord; word++) words[word]! ^= key
    at = to & ~3
  }
  for (const last = to - 3; at < last; at += 4) {
    bytes[at]! ^= a
    bytes[at + 1]! ^= b
    bytes[at + 2]! ^= c
    bytes[at + 3]! ^= d
  }
  if (at < to) bytes[at]! ^= a
  if (at + 1 < to) bytes[at + 1]! ^= b
  if (at + 2 < to) bytes[at + 2]! ^= c
}
