const MAX_BYTES = 1_024 // the caller's frames; the agent's chunks come a tenth as often, and in many lengths

// By length, since nearly all frames of a direction have the same: one buffer each, at most half a mebibyte in all.
const rooms: (Buffer | undefined)[] = Array.from({ length: MAX_BYTES + 1 })
const words: (Int32Array | undefined)[] = Array.from({ length: MAX_BYTES + 1 })
const isLent = new Uint8Array(MAX_BYTES + 1)

/** A buffer of this length, to be filled and sent at once. */
export function takeRoom(bytes: number): Buffer {
  if (bytes > MAX_BYTES) return Buffer.allocUnsafe(bytes)
  const room = rooms[bytes]
  if (room === undefined || isLent[bytes] === 1) return Buffer.allocUnsafe(bytes)
  isLent[bytes] = 1
  return room
}

/** The kernel has the bytes: the next frame of this length may be written over them. */
export function returnRoom(frame: Buffer): void {
  const bytes = frame.length
  if (bytes > MAX_BYTES) return
  if (rooms[bytes] === frame) isLent[bytes] = 0
  else if (rooms[bytes] === undefined) {
    // Of its own, so that no slab of the buffer pool is held for it, and so that its words are aligned.
    const room = Buffer.allocUnsafeSlow(bytes)
    rooms[bytes] = room
    words[bytes] = new Int32Array(room.buffer, 0, bytes >> 2)
    isLent[bytes] = 0
  }
}

/** The bytes have to wait somewhere: their buffer comes back never. */
export function forgetRoom(frame: Buffer): void {
  if (rooms[frame.length] === frame) rooms[frame.length] = undefined
}

/** The same memory four bytes at a time, for buffers that were lent. */
export function wordsOf(frame: Buffer): Int32Array | undefined {
  return frame.length <= MAX_BYTES && rooms[frame.length] === frame
    ? words[frame.length]
    : undefined
}
