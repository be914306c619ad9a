import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyHttpOptions } from 'fastify'

// THREATS X-http. All three timers go through the server's own `http` options as well: Fastify alone sets
// only one of them, and a body that trickles in would be waited for without end.
const HEADERS_TIMEOUT_MS = 8_000
const REQUEST_TIMEOUT_MS = 15_000
const UPLOAD_TIMEOUT_MS = 60_000
const CHECK_INTERVAL_MS = 1_000
const KEEP_ALIVE_MS = 5_000
const MAX_HEADER_BYTES = 16 * 1024
const MAX_JSON_BYTES = 64 * 1024
const MAX_PARAM_LENGTH = 600 // a signed recording link's token is the longest parameter

export const MAX_WEBHOOK_BYTES = 1024 * 1024 // THREATS X-http: vendor webhooks

export const httpLimits = {
  bodyLimit: MAX_JSON_BYTES,
  requestTimeout: REQUEST_TIMEOUT_MS,
  keepAliveTimeout: KEEP_ALIVE_MS,
  routerOptions: { maxParamLength: MAX_PARAM_LENGTH },
  http: {
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    connectionsCheckingInterval: CHECK_INTERVAL_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
  },
  clientErrorHandler: answerBrokenRequest,
} satisfies FastifyHttpOptions<Server>

/**
 * For a server that takes files. Its timer knows no routes, so it waits as long as a file may take; bodies that are
 * no files get what is left of a request's time after the slowest head, which keeps them to the same whole.
 */
export const httpLimitsWithUploads = {
  ...httpLimits,
  requestTimeout: UPLOAD_TIMEOUT_MS,
  http: { ...httpLimits.http, requestTimeout: UPLOAD_TIMEOUT_MS },
} satisfies FastifyHttpOptions<Server>
export const BODY_TIMEOUT_MS = REQUEST_TIMEOUT_MS - HEADERS_TIMEOUT_MS

/** Answers a request that did not arrive in time and hangs up, whatever its sender goes on sending. */
export function giveUpOn(socket: Socket): void {
  answerBrokenRequest(Object.assign(new Error('too slow'), { code: TOO_SLOW }), socket)
  socket.destroySoon()
}

const TOO_SLOW = 'ERR_HTTP_REQUEST_TIMEOUT'
const BROKEN: Record<string, { status: number; title: string; code: string }> = {
  [TOO_SLOW]: { status: 408, title: 'Request Timeout', code: 'request.too_slow' },
  HPE_HEADER_OVERFLOW: {
    status: 431,
    title: 'Request Header Fields Too Large',
    code: 'request.headers_too_large',
  },
}
const MALFORMED = { status: 400, title: 'Bad Request', code: 'request.malformed' }

/** What Node could not parse never reaches a route, so its problem is written to the socket by hand. */
function answerBrokenRequest(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const { status, title, code } = BROKEN[error.code ?? ''] ?? MALFORMED
  const body = JSON.stringify({
    type: `urn:voxcalls:problem:${code}`,
    title,
    status,
    detail: 'The request could not be read.',
    code,
    requestId: '',
  })
  socket.end(
    `HTTP/1.1 ${status} ${title}\r\ncontent-type: application/problem+json\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\ncache-control: no-store\r\nconnection: close\r\n\r\n${body}`,
  )
}
