import type { Duplex } from 'node:stream'
import { type RawData, WebSocket } from 'ws'
import { ABNORMAL_CLOSE, type WireSocket } from '../socket.ts'
import { ReadGatherer } from './read-gatherer.ts'

const MESSAGE_BYTES = 1_048_576 // an agent's longest message: half a minute of speech with its alignment
const HANDSHAKE_MS = 3_000
const INTERNAL_CLOSE = 1011
const MAX_EARLY = 64 // messages between the handshake and the first listener, which come in the same tick
const TEXT = { binary: false, compress: false }

const gatherer = new ReadGatherer()

/**
 * A socket of the `ws` library, once it is open. `onError` hears once of a listener that threw. `stream` is what lies
 * under the socket: without it, frames that are to leave together leave one by one.
 */
export function fromWs(
  socket: WebSocket,
  onError: (error: unknown) => void = () => {},
  stream?: Duplex,
): WireSocket {
  let isBroken = false
  const guard = (what: () => void): void => {
    try {
      what()
    } catch (error) {
      // A throw in a `ws` listener ends the process; it may cost this socket only. The bridge reports its own faults.
      socket.close(INTERNAL_CLOSE)
      if (!isBroken) onError(error)
      isBroken = true
    }
  }
  let early: [data: Buffer, isBinary: boolean][] | undefined = []
  let onMessage: (data: Buffer, isBinary: boolean) => void = () => {}
  let onClose: (code: number) => void = () => {}
  let onPong: () => void = () => {}
  socket.on('message', (data: RawData, isBinary: boolean) => {
    gatherer.read()
    if (early === undefined) guard(() => onMessage(asBuffer(data), isBinary))
    else if (early.push([asBuffer(data), isBinary]) > MAX_EARLY) socket.terminate()
  })
  socket.on('close', (code) => guard(() => onClose(code)))
  socket.on('pong', () => guard(() => onPong()))
  // An error is followed by its close, which is what we act upon; without a listener it would end the process.
  socket.on('error', () => socket.terminate())
  const isOpen = () => socket.readyState === WebSocket.OPEN
  return {
    headroom: 0,
    send(frame) {
      if (isOpen()) socket.send(frame, TEXT)
    },
    cork: () => stream?.cork(),
    uncork: () => stream?.uncork(),
    bufferedBytes: () => socket.bufferedAmount,
    close: (code, reason) => socket.close(code, reason),
    ping() {
      if (isOpen()) socket.ping()
    },
    onMessage(listener) {
      onMessage = listener
      // What came before somebody listened, once whoever sets a listener has set the others too.
      const waiting = early ?? []
      process.nextTick(() => {
        early = undefined
        for (const [data, isBinary] of waiting.splice(0)) guard(() => onMessage(data, isBinary))
      })
    },
    onClose(listener) {
      onClose = listener
    },
    onPong(listener) {
      onPong = listener
    },
  }
}

/** Opens a vendor's socket; rejects when it is refused, takes too long or is given up. */
export function connectWs(
  url: string,
  signal: AbortSignal,
  onBroken?: (error: unknown) => void,
): Promise<WireSocket> {
  return new Promise((resolve, reject) => {
    // The library offers compression by default; a vendor that accepts it costs us half as much CPU again.
    const socket = new WebSocket(url, {
      perMessageDeflate: false,
      maxPayload: MESSAGE_BYTES,
      handshakeTimeout: HANDSHAKE_MS,
    })
    const giveUp = () => socket.terminate()
    const refuse = (error: Error) => {
      signal.removeEventListener('abort', giveUp)
      reject(error)
    }
    socket.once('error', refuse)
    socket.once('close', (code) => refuse(new Error(`closed with ${code || ABNORMAL_CLOSE}`)))
    socket.once('open', () => {
      signal.removeEventListener('abort', giveUp)
      socket.removeAllListeners()
      resolve(fromWs(socket, onBroken))
    })
    if (signal.aborted) giveUp()
    else signal.addEventListener('abort', giveUp, { once: true })
  })
}

// `binaryType` is left at its default, so the library gives one Buffer.
const asBuffer = (data: RawData): Buffer => data as Buffer
