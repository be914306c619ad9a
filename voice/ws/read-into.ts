import { Socket, type SocketConstructorOpts } from 'node:net'
import type { Duplex } from 'node:stream'
import { type StreamHandle, streamBinding } from './stream-binding.ts'

const READ_BYTES = 65_536 // as much as the kernel gives at once

// What is read is acted upon before the next read of any socket, so all can share one buffer. Windows hands buffers to
// the kernel ahead of the data, where that does not hold.
const shared = Buffer.allocUnsafeSlow(READ_BYTES)

/** Where a socket reads into: given to `onread`, it spares an allocation of 64 KiB for every read. */
export const readBuffer = (): Buffer =>
  process.platform === 'win32' ? Buffer.allocUnsafeSlow(READ_BYTES) : shared

type Handle = { readStop(): number; reading?: boolean }
type WithHandle = { _handle: Handle | null }

/**
 * Takes what comes in straight from the handle of a socket that was made to read into a buffer. Errors and the end go
 * the way they went.
 */
export function readDirect(stream: Duplex, take: (bytes: number) => void): void {
  const handle = (stream as unknown as { _handle: StreamHandle | null })._handle
  if (!streamBinding || !handle || stream.constructor !== Socket) return
  const { streamBaseState, kReadBytesOrError } = streamBinding
  const { onread } = handle
  handle.onread = function (bytes) {
    const read = streamBaseState[kReadBytesOrError]!
    return read > 0 ? take(read) : onread.call(this, bytes)
  }
}

/**
 * Moves a connection that an HTTP server has upgraded to a socket that reads into the shared buffer. Only a socket's
 * maker can ask for that, and here the server made it, so the connection's handle is taken over. A stream that is no
 * plain TCP socket is returned as it is, reading as streams do.
 */
export function readInto(stream: Duplex, take: (chunk: Buffer, bytes: number) => void): Duplex {
  const handle = handleOf(stream)
  if (!handle) return readAsStream(stream, take)
  // Asked once, the old socket remembers it: the request still tells who the peer is.
  const { remoteAddress } = stream as Socket
  if (remoteAddress === undefined) return readAsStream(stream, take)
  handle.readStop()
  handle.reading = false
  release(stream)
  const buffer = readBuffer()
  const options = {
    handle,
    allowHalfOpen: false,
    onread: {
      buffer,
      callback: (bytes: number) => {
        take(buffer, bytes)
        return true
      },
    },
  }
  // `handle` is how Node's own servers make their sockets; the types leave it out.
  const socket = new Socket(options as unknown as SocketConstructorOpts)
  socket.resume()
  readDirect(socket, (bytes) => take(buffer, bytes))
  return socket
}

function readAsStream(stream: Duplex, take: (chunk: Buffer, bytes: number) => void): Duplex {
  stream.on('data', (chunk: Buffer) => take(chunk, chunk.length))
  return stream
}

/** The handle of a TCP socket that nothing else has a hold on. */
function handleOf(stream: Duplex): Handle | undefined {
  if (stream.constructor !== Socket) return undefined
  return (stream as unknown as WithHandle)._handle ?? undefined
}

/** Leaves the old socket without its handle, so that its end closes nothing. */
function release(stream: Duplex): void {
  ;(stream as unknown as WithHandle)._handle = null
  stream.removeAllListeners()
  stream.on('error', () => stream.destroy())
  stream.destroy()
}
