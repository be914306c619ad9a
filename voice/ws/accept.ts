import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { WireSocket } from '../socket.ts'
import type { ReaderLimits } from './frame-reader.ts'
import { OwnSocket } from './own.ts'
import { readInto } from './read-into.ts'

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
const KEY = /^[+/0-9A-Za-z]{22}==$/
const VERSION = '13'

/** What a server answers to a client's key (RFC 6455 section 4.2.2). */
export const acceptOf = (key: string): string =>
  createHash('sha1').update(`${key}${GUID}`).digest('base64')

/**
 * Accepts a WebSocket from a server's `upgrade` event. Undefined when the request is none, which has then been answered
 * with 400 or 426.
 */
export function acceptUpgrade(
  request: IncomingMessage,
  stream: Duplex,
  head: Buffer,
  limits: ReaderLimits,
  onError?: (error: unknown) => void,
): WireSocket | undefined {
  const key = request.headers['sec-websocket-key']
  const isWebSocket = request.headers.upgrade?.toLowerCase() === 'websocket'
  if (request.method !== 'GET' || !isWebSocket || key === undefined || !KEY.test(key)) {
    refuseUpgrade(stream, 400, 'Bad Request')
    return undefined
  }
  if (request.headers['sec-websocket-version'] !== VERSION) {
    refuseUpgrade(stream, 426, 'Upgrade Required', `Sec-WebSocket-Version: ${VERSION}\r\n`)
    return undefined
  }
  let socket: OwnSocket | undefined
  const connection = readInto(stream, (chunk, bytes) => socket?.feed(chunk, bytes))
  if (connection instanceof Socket) {
    connection.setNoDelay(true)
    // The HTTP server's time limits end with the handshake; the gate and the bridge have their own.
    connection.setTimeout(0)
  }
  connection.write(
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
      `Sec-WebSocket-Accept: ${acceptOf(key)}\r\n\r\n`,
  )
  socket = new OwnSocket(connection, 'server', limits, onError)
  socket.feed(head, head.length)
  return socket
}

/** Answers an upgrade that is not wanted. */
export function refuseUpgrade(stream: Duplex, status: number, text: string, headers = ''): void {
  stream.on('error', () => stream.destroy())
  stream.end(
    `HTTP/1.1 ${status} ${text}\r\nConnection: close\r\nContent-Length: 0\r\n${headers}\r\n`,
  )
}
