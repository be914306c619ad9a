import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import type { WireSocket } from '../socket.ts'
import { acceptUpgrade } from './accept.ts'
import { connectOwn } from './connect.ts'
import type { ReaderLimits } from './frame-reader.ts'
import { connectWs, fromWs } from './library.ts'

export const codecs = ['own', 'ws'] as const
export type Codec = (typeof codecs)[number]

export type Sockets = {
  connect(url: string, signal: AbortSignal): Promise<WireSocket>
  /** For a server's `upgrade` event; a request that is no good is answered and not given. */
  accept(
    request: IncomingMessage,
    stream: Duplex,
    head: Buffer,
    given: (socket: WireSocket) => void,
  ): void
}

/** The two ways to speak WebSocket: our own, which the media path's figures rest on, and the library's, to fall back on. */
export function socketsOf(codec: Codec, limits: ReaderLimits): Sockets {
  if (codec === 'ws') {
    const server = new WebSocketServer({
      noServer: true,
      perMessageDeflate: false,
      maxPayload: limits.messageBytes,
    })
    return {
      connect: connectWs,
      accept: (request, stream, head, given) =>
        server.handleUpgrade(request, stream, head, (raw) => given(fromWs(raw))),
    }
  }
  return {
    connect: connectOwn,
    accept(request, stream, head, given) {
      const socket = acceptUpgrade(request, stream, head, limits)
      if (socket) given(socket)
    },
  }
}
