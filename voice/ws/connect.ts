import { randomBytes } from 'node:crypto'
import { connect as connectTcp, isIP, type OnReadOpts, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import type { WireSocket } from '../socket.ts'
import { acceptOf } from './accept.ts'
import type { ReaderLimits } from './frame-reader.ts'
import { OwnSocket } from './own.ts'
import { readBuffer, readDirect } from './read-into.ts'

const HANDSHAKE_MS = 3_000 // of one try to reach an agent; the bridge tries again
const HEAD_BYTES = 16_384 // what Node's own HTTP client takes
const MAX_SESSIONS = 16 // vendors' hosts
const LIMITS: ReaderLimits = { messageBytes: 1_048_576, fragments: 16 }
const NOTHING: Buffer = Buffer.alloc(0)
const END_OF_HEAD = Buffer.from('\r\n\r\n')

// A resumed TLS session saves a round trip and most of the handshake's CPU.
const sessions = new Map<string, Buffer>()

/** Opens a vendor's socket; rejects when it is refused, takes too long or is given up. */
export function connectOwn(
  address: string,
  signal: AbortSignal,
  onBroken?: (error: unknown) => void,
  limits: ReaderLimits = LIMITS,
): Promise<WireSocket> {
  return new Promise((resolve, reject) => {
    const url = new URL(address)
    const key = randomBytes(16).toString('base64')
    let head = NOTHING
    let socket: OwnSocket | undefined

    const buffer = readBuffer()
    const stream = open(url, {
      buffer,
      callback: (bytes) => {
        if (socket) socket.feed(buffer, bytes)
        else onHead(buffer.subarray(0, bytes))
        return true
      },
    })
    const giveUp = (why: string) => stream.destroy(new Error(why))
    const onAbort = () => giveUp('given up')
    const timer = setTimeout(giveUp, HANDSHAKE_MS, 'no answer in time')
    const done = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
    }
    const onError = (error: Error) => {
      done()
      reject(error)
    }
    const onClose = () => onError(new Error('closed before the handshake was done'))

    const onHead = (chunk: Buffer) => {
      head = Buffer.concat([head, chunk])
      const end = head.indexOf(END_OF_HEAD)
      if (end < 0) {
        if (head.length > HEAD_BYTES) giveUp('an answer without end')
        return
      }
      const problem = problemOf(head.toString('latin1', 0, end), acceptOf(key))
      if (problem) {
        giveUp(problem)
        return
      }
      done()
      stream.off('error', onError)
      stream.off('close', onClose)
      const opened = new OwnSocket(stream, 'client', limits, onBroken)
      socket = opened
      resolve(opened)
      const rest = head.subarray(end + END_OF_HEAD.length)
      opened.feed(rest, rest.length)
      // The call's closures keep this variable, and with it the slab its bytes came from.
      head = NOTHING
      readDirect(stream, (bytes) => opened.feed(buffer, bytes))
    }

    stream.on('error', onError)
    stream.on('close', onClose)
    stream.write(handshake(url, key))
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, { once: true })
  })
}

function open(url: URL, onread: OnReadOpts): Socket {
  const isSecure = url.protocol === 'wss:'
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const port = Number(url.port) || (isSecure ? 443 : 80)
  if (!isSecure) return connectTcp({ host, port, onread, noDelay: true })
  const session = sessions.get(url.host)
  // `tls.connect` takes every option of a TCP socket; its types do not name them all.
  const options: ConnectionOptions & { onread: OnReadOpts } = {
    host,
    port,
    onread,
    ALPNProtocols: ['http/1.1'],
    ...(isIP(host) === 0 && { servername: host }),
    ...(session && { session }),
  }
  const stream = connectTls(options)
  stream.setNoDelay(true)
  stream.on('session', (fresh) => {
    if (sessions.size < MAX_SESSIONS || sessions.has(url.host)) sessions.set(url.host, fresh)
  })
  return stream
}

const handshake = (url: URL, key: string): string =>
  `GET ${url.pathname}${url.search} HTTP/1.1\r\nHost: ${url.host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
  `Sec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13\r\n\r\n`

/** Why this answer is no handshake, or undefined when it is. */
function problemOf(head: string, accept: string): string | undefined {
  const [status = '', ...lines] = head.split('\r\n')
  if (!/^HTTP\/1\.1 101( |$)/.test(status)) return `refused: ${status.slice(0, 40)}`
  const headers = new Map(
    lines.map((line) => {
      const colon = line.indexOf(':')
      return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()]
    }),
  )
  if (headers.get('upgrade')?.toLowerCase() !== 'websocket') return 'no upgrade in the answer'
  if (headers.get('sec-websocket-accept') !== accept) return 'a wrong key in the answer'
  // We offered none, so whoever names one speaks another language.
  if (headers.has('sec-websocket-extensions') || headers.has('sec-websocket-protocol'))
    return 'an extension nobody offered'
  return undefined
}
