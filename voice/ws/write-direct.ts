import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { forgetRoom, kept, returnRoom } from './frame-room.ts'
import { type StreamHandle, streamBinding, type WriteRequest } from './stream-binding.ts'

/** A request is used up only by a write that has to wait. */
let spare: WriteRequest | undefined = streamBinding && new streamBinding.WriteWrap()

/** Writes to a TCP socket's handle, past the stream around it: the kernel takes nearly every frame at once. */
export class DirectWriter {
  #stream: Duplex
  #isPlain: boolean
  #waitingBytes = 0
  /** The stream was written to, and was not seen empty since: asking it costs more than knowing. */
  #mayHold = true

  constructor(stream: Duplex) {
    this.#stream = stream
    // TLS takes one write at a time and leaves the queue to its stream.
    this.#isPlain = streamBinding !== undefined && stream.constructor === Socket
  }

  /** What neither the stream nor the kernel's end of it has passed on yet. */
  get waitingBytes(): number {
    return (this.#mayHold ? this.#stream.writableLength : 0) + this.#waitingBytes
  }

  /** Takes the bytes over, and gives their room back once the kernel has them. */
  write(bytes: Buffer): void {
    const stream = this.#stream
    const handle = this.#isPlain ? handleOf(stream) : null
    // What the stream holds goes first; what the handle holds stays in order by itself.
    if (handle === null || (this.#mayHold && !this.#isEmpty())) {
      this.#mayHold = true
      const own = kept(bytes)
      if (!stream.destroyed) stream.write(own)
      return
    }
    // A peer that has stopped reading must not cost a room for every frame.
    this.#toHandle(handle, this.#waitingBytes > 0 ? kept(bytes) : bytes)
  }

  #isEmpty(): boolean {
    if (this.#stream.writableLength > 0) return false
    this.#mayHold = false
    return true
  }

  #toHandle(handle: StreamHandle, bytes: Buffer): void {
    const { WriteWrap, streamBaseState, kLastWriteWasAsync } = streamBinding!
    const request = spare!
    if (handle.writeBuffer(request, bytes) !== 0) {
      this.#stream.destroy()
      returnRoom(bytes)
      return
    }
    if (streamBaseState[kLastWriteWasAsync] === 0) {
      returnRoom(bytes)
      return
    }
    forgetRoom(bytes)
    spare = new WriteWrap()
    this.#waitingBytes += bytes.length
    request.buffer = bytes
    request.oncomplete = (status) => {
      this.#waitingBytes -= bytes.length
      if (status < 0) this.#stream.destroy()
    }
  }
}

const handleOf = (stream: Duplex): StreamHandle | null =>
  (stream as unknown as { _handle: StreamHandle | null })._handle
