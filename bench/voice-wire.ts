import type { Socket } from 'node:net'

// WebSocket by hand, for a load that must cost less than what it measures and shares no code with it.
const KEY = [0x9d, 0x37, 0xc5, 0x6b]
const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const VALUE = new Uint8Array(256)
for (let index = 0; index < BASE64.length; index++) VALUE[BASE64.charCodeAt(index)] = index

/** Of the messages with audio of one direction: twenty seconds of them in flight would still be told apart. */
export const SEQUENCES = 1_024

/** Frames as they come out of a stream, whole; the peer is trusted to keep to the protocol. */
export class Frames {
  #rest: Buffer = Buffer.alloc(0)
  #take: (text: Buffer) => void

  constructor(take: (text: Buffer) => void) {
    this.#take = take
  }

  push(chunk: Buffer): void {
    const bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk
    let at = 0
    while (bytes.length - at >= 2) {
      const isMasked = (bytes[at + 1]! & 0x80) !== 0
      let length = bytes[at + 1]! & 0x7f
      let head = isMasked ? 6 : 2
      if (length === 126) {
        if (bytes.length - at < 4) break
        length = bytes.readUInt16BE(at + 2)
        head += 2
      }
      const from = at + head
      if (bytes.length < from + length) break
      if (isMasked) {
        const key = bytes.subarray(from - 4, from)
        for (let index = 0; index < length; index++) bytes[from + index]! ^= key[index & 3]!
      }
      if ((bytes[at]! & 0x0f) === 1) this.#take(bytes.subarray(from, from + length))
      at = from + length
    }
    this.#rest = at === bytes.length ? Buffer.alloc(0) : Buffer.from(bytes.subarray(at))
  }
}

export const CLIENT_HEAD = 8
export const SERVER_HEAD = 4

/** Writes a byte into a frame, masked when it lies in a client's: `maskFrom` is where the mask starts, or -1. */
export function put(frame: Buffer, at: number, byte: number, maskFrom: number): void {
  frame[at] = maskFrom < 0 ? byte : byte ^ KEY[(at - maskFrom) & 3]!
}

/** Numbers a frame in the first two characters of its payload, which lies at `at`. */
export function putSequence(frame: Buffer, at: number, sequence: number, maskFrom: number): void {
  put(frame, at, BASE64.charCodeAt(sequence >> 6), maskFrom)
  put(frame, at + 1, BASE64.charCodeAt(sequence & 63), maskFrom)
}

export function sequenceAt(text: Buffer, at: number): number {
  return ((VALUE[text[at]!]! << 6) | VALUE[text[at + 1]!]!) % SEQUENCES
}

export function clientFrame(text: string): Buffer {
  const isShort = text.length < 126
  const head = isShort
    ? [0x81, 0x80 | text.length]
    : [0x81, 0xfe, text.length >> 8, text.length & 255]
  const frame = Buffer.concat([Buffer.from([...head, ...KEY]), Buffer.from(text)])
  const from = head.length + KEY.length
  for (let at = from; at < frame.length; at++) frame[at]! ^= KEY[(at - from) & 3]!
  return frame
}

export function serverFrame(text: string): Buffer {
  const isShort = text.length < 126
  const head = isShort ? [0x81, text.length] : [0x81, 126, text.length >> 8, text.length & 255]
  return Buffer.concat([Buffer.from(head), Buffer.from(text)])
}

/** Skips an HTTP head and gives what follows. */
export function afterHead(
  socket: Socket,
  take: (chunk: Buffer) => void,
  onHead?: (head: string) => void,
): void {
  let head: Buffer | undefined = Buffer.alloc(0)
  socket.on('error', () => socket.destroy())
  socket.on('data', (chunk: Buffer) => {
    if (head === undefined) {
      take(chunk)
      return
    }
    head = Buffer.concat([head, chunk])
    const end = head.indexOf('\r\n\r\n')
    if (end < 0) return
    const rest = head.subarray(end + 4)
    const text = head.toString('latin1', 0, end)
    head = undefined
    onHead?.(text)
    if (rest.length > 0) take(rest)
  })
}
