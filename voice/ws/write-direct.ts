import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'

/**
 * Writing to a TCP socket's handle, past the stream around it. A stream makes a request, a callback and a turn of the
 * tick queue for every write, which is a tenth of what a frame costs; the kernel takes nearly every frame at once, so
 * that none of them is needed. `WriteWrap` is Node's own; where it is not to be had, the stream writes.
 */
type WriteRequest = {
  oncomplete: (status: number) => void
  /** Kept until the kernel has taken it. */
  buffer?: Buffer
}
type WriteBinding = {
  WriteWrap: new () => WriteRequest
  streamBaseState: Int32Array
  kLastWriteWasAsync: number
}
type Handle = { writeBuffer(request: WriteRequest, bytes: Buffer): number }

const binding = findBinding()
/** A request is used up only by a write that has to wait. */
let spare: WriteRequest | undefined = binding && new binding.WriteWrap()

export class DirectWriter {
  #stream: Duplex
  #isPlain: boolean
  #waitingBytes = 0

  constructor(stream: Duplex) {
    this.#stream = stream
    // TLS takes one write at a time and leaves the queue to its stream.
    this.#isPlain = binding !== undefined && stream.constructor === Socket
  }

  /** What neither the stream nor the kernel's end of it has passed on yet. */
  get waitingBytes(): number {
    return this.#stream.writableLength + this.#waitingBytes
  }

  /** True when the bytes are with the kernel, and their buffer is free again. */
  write(bytes: Buffer): boolean {
    const stream = this.#stream
    const handle = this.#isPlain ? handleOf(stream) : null
    // What the stream holds goes first; what the handle holds stays in order by itself.
    if (handle === null || stream.writableLength > 0) {
      if (!stream.destroyed) stream.write(bytes)
      return false
    }
    return this.#toHandle(handle, bytes)
  }

  #toHandle(handle: Handle, bytes: Buffer): boolean {
    const { WriteWrap, streamBaseState, kLastWriteWasAsync } = binding!
    const request = spare!
    if (handle.writeBuffer(request, bytes) !== 0) {
      this.#stream.destroy()
      return true
    }
    if (streamBaseState[kLastWriteWasAsync] === 0) return true
    spare = new WriteWrap()
    this.#waitingBytes += bytes.length
    request.buffer = bytes
    request.oncomplete = (status) => {
      this.#waitingBytes -= bytes.length
      if (status < 0) this.#stream.destroy()
    }
    return false
  }
}

const handleOf = (stream: Duplex): Handle | null =>
  (stream as unknown as { _handle: Handle | null })._handle

function findBinding(): WriteBinding | undefined {
  const { binding: find } = process as unknown as { binding?: (name: string) => unknown }
  try {
    const found = find?.('stream_wrap') as Partial<WriteBinding> | undefined
    const isThere =
      typeof found?.WriteWrap === 'function' &&
      found.streamBaseState instanceof Int32Array &&
      typeof found.kLastWriteWasAsync === 'number'
    return isThere ? (found as WriteBinding) : undefined
  } catch {
    // Node was told to refuse what it is going to take away: streams write as well, only dearer.
    return undefined
  }
}
