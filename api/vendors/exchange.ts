import http, { type IncomingHttpHeaders } from 'node:http'
import https from 'node:https'
import { asStep } from '#api/core/tracing.ts'

/** One request to a vendor and its whole answer. */
export type Exchange = {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  url: URL
  headers: Record<string, string>
  body?: string
}
export type Answer = { status: number; headers: IncomingHttpHeaders; body: Buffer }
export type ExchangeLimits = { connectMs: number; totalMs: number; maxBytes: number }

/** There is no answer to speak of. `delivered` says that the vendor may have acted all the same. */
export class NoAnswer extends Error {
  readonly reason: 'connect' | 'timeout' | 'broken' | 'too_large' | 'redirect'
  readonly delivered: boolean
  constructor(reason: NoAnswer['reason'], delivered: boolean, cause?: unknown) {
    super(`no answer: ${reason}`, { cause })
    this.name = 'NoAnswer'
    this.reason = reason
    this.delivered = delivered
  }
}

// THREATS B7. An answer of ours is a few kilobytes; a long conversation's transcript about one megabyte.
export const usualLimits: ExchangeLimits = {
  connectMs: 3_000,
  totalMs: 10_000,
  maxBytes: 4 * 2 ** 20,
}
const MAX_SOCKETS = 50 // to one vendor at once; more callers wait in line within their own deadline
const IDLE_MS = 4_000 // below the five seconds after which servers close idle connections

type Agents = Record<'http:' | 'https:', http.Agent>
const usualAgents: Agents = {
  'http:': new http.Agent({ keepAlive: true, maxSockets: MAX_SOCKETS, timeout: IDLE_MS }),
  'https:': new https.Agent({ keepAlive: true, maxSockets: MAX_SOCKETS, timeout: IDLE_MS }),
}

/**
 * Sends one request under deadlines for the connection and for the whole, follows no redirect and
 * reads no more than the cap. Any status is an answer; everything else is a `NoAnswer`.
 */
export function exchange(
  sent: Exchange,
  limits: ExchangeLimits = usualLimits,
  agents: Agents = usualAgents,
): Promise<Answer> {
  // The path stays out, since it names accounts and numbers, and so does a tenant's own host, which may name a person.
  // A vendor is no hop of ours, so it learns of no trace.
  const facts = {
    'http.request.method': sent.method,
    'server.address': agents === usualAgents ? sent.url.hostname : undefined,
  }
  return asStep('vendor request', facts, async (step) => {
    const answer = await send(sent, limits, agents)
    step.set({ 'http.response.status_code': answer.status })
    return answer
  })
}

function send(sent: Exchange, limits: ExchangeLimits, agents: Agents): Promise<Answer> {
  const { protocol } = sent.url
  if (protocol !== 'http:' && protocol !== 'https:') throw new Error(`cannot speak ${protocol}`)
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  let connected = false
  const fail = (reason: NoAnswer['reason'], cause?: unknown) => {
    reject(new NoAnswer(reason, connected, cause))
    request.destroy()
  }
  const total = setTimeout(() => fail(connected ? 'timeout' : 'connect'), limits.totalMs)
  const connect = setTimeout(() => fail('connect'), limits.connectMs)
  const onConnected = () => {
    connected = true
    clearTimeout(connect)
  }

  const request = (protocol === 'https:' ? https : http).request(sent.url, {
    method: sent.method,
    agent: agents[protocol],
    headers: {
      ...sent.headers,
      ...(sent.body !== undefined && { 'content-length': String(Buffer.byteLength(sent.body)) }),
    },
  })
  request.once('socket', (socket) => {
    if (!socket.connecting) onConnected()
    else socket.once(protocol === 'https:' ? 'secureConnect' : 'connect', onConnected)
  })
  request.on('error', (error) => fail(connected ? 'broken' : 'connect', error))
  request.once('response', (response) => {
    const status = response.statusCode ?? 0
    // A redirect could carry our credentials to another host.
    if (status >= 300 && status < 400) return fail('redirect')
    const chunks: Buffer[] = []
    let sizeBytes = 0
    response.on('data', (chunk: Buffer) => {
      sizeBytes += chunk.length
      if (sizeBytes > limits.maxBytes) return fail('too_large')
      chunks.push(chunk)
    })
    response.once('error', (error) => fail('broken', error))
    response.once('close', () => {
      if (!response.complete) return fail('broken')
      resolve({ status, headers: response.headers, body: Buffer.concat(chunks) })
    })
  })
  request.end(sent.body)
  return promise.finally(() => {
    clearTimeout(total)
    clearTimeout(connect)
  })
}
