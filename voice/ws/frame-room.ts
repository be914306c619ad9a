const ROOM_BYTES = 65_536 // the longest frame that is written in place, and twice what an agent says at once
const VIEWED_BYTES = 8_192 // nearly all frames are shorter; a view of a longer one is made when it comes
const WORD_BYTES = 4

// Every frame is made in the same memory, since the kernel nearly always takes it before the next is begun: memory that
// stays in the processor's cache, and nothing for the garbage collector.
let memory: Buffer
let words: Int32Array
let views: (Buffer | undefined)[]
let isLent: boolean
renew()

/** A buffer of this length, to be filled and sent at once. */
export function takeRoom(bytes: number): Buffer {
  if (isLent || bytes > ROOM_BYTES) return Buffer.allocUnsafe(bytes)
  isLent = true
  return viewOf(bytes)
}

/** The kernel has the bytes, or nobody wants them: the next frame may be written over them. */
export function returnRoom(frame: Buffer): void {
  if (frame.buffer === memory.buffer) isLent = false
}

/** The bytes have to wait somewhere: their memory comes back never. */
export function forgetRoom(frame: Buffer): void {
  if (frame.buffer === memory.buffer) renew()
}

/** Both frames as one, when the first lies in the room and the second fits behind it. */
export function joined(first: Buffer, second: Buffer): Buffer | undefined {
  const from = first.byteOffset
  const end = from + first.length
  if (first.buffer !== memory.buffer || end + second.length > ROOM_BYTES) return undefined
  second.copy(memory, end)
  return from === 0 ? viewOf(end + second.length) : memory.subarray(from, end + second.length)
}

/** The frame where it may wait for as long as it takes. */
export function kept(frame: Buffer): Buffer {
  if (frame.buffer !== memory.buffer) return frame
  const copy = Buffer.from(frame)
  isLent = false
  return copy
}

/** The same memory four bytes at a time, for buffers that start where the room does. */
export function wordsOf(frame: Buffer): Int32Array | undefined {
  return frame.buffer === memory.buffer && frame.byteOffset === 0 ? words : undefined
}

function viewOf(bytes: number): Buffer {
  if (bytes > VIEWED_BYTES) return memory.subarray(0, bytes)
  return (views[bytes] ??= memory.subarray(0, bytes))
}

function renew(): void {
  // Of its own, so that no slab of the buffer pool is held for it, and so that its words are aligned.
  memory = Buffer.allocUnsafeSlow(ROOM_BYTES)
  words = new Int32Array(memory.buffer, 0, ROOM_BYTES / WORD_BYTES)
  views = Array.from({ length: VIEWED_BYTES + 1 })
  isLent = false
}
