import { type LookupAddress, lookup as lookUp } from 'node:dns'
import http from 'node:http'
import https from 'node:https'
import { isIP, type LookupFunction, type Socket } from 'node:net'
import type { TenantHttp, TenantHttpError } from '#api/core/vendors.ts'
import { type Answer, type Exchange, type ExchangeLimits, exchange, NoAnswer } from './exchange.ts'
import { isPublicAddress } from './public-address.ts'

// THREATS B7 and B8.
const limits: ExchangeLimits = { connectMs: 3_000, totalMs: 10_000, maxBytes: 64 * 2 ** 10 }

/**
 * Calls addresses that tenants typed in. Whatever we must not reach answers like what cannot be reached, so
 * that nobody learns our networks from the difference. `exemptOrigins` are the operator's own receivers, for
 * which neither https nor a public address is asked.
 */
export function tenantHttp(settings: {
  exemptOrigins: readonly string[]
  /** Name resolution; a test puts a lying one here. */
  lookup?: typeof lookUp
}): TenantHttp {
  const guarded = guardedAgents(settings.lookup ?? lookUp)
  const isExempt = (url: URL) => settings.exemptOrigins.includes(url.origin)

  const refuse: TenantHttp['refuse'] = (text) => {
    const url = URL.parse(text)
    if (!url) return 'not_a_url'
    if (url.username || url.password) return 'credentials'
    if (isExempt(url)) return null
    if (url.protocol !== 'https:') return 'not_https'
    return isForbiddenHost(url) ? 'address' : null
  }
  const send = async (
    text: string,
    request: Pick<Exchange, 'method' | 'headers' | 'body'>,
  ): Promise<Answer | { error: TenantHttpError }> => {
    if (refuse(text)) return { error: 'unreachable' }
    const url = new URL(text)
    try {
      return await exchange({ ...request, url }, limits, isExempt(url) ? openAgents : guarded)
    } catch (error) {
      if (error instanceof NoAnswer) return { error: wordOf(error) }
      throw error
    }
  }
  return {
    refuse,
    async get(url) {
      const answer = await send(url, { method: 'GET', headers: { accept: 'text/html, text/*' } })
      return 'error' in answer ? answer : { status: answer.status, bytes: answer.body }
    },
    async post(url, { headers, body }) {
      const answer = await send(url, { method: 'POST', headers, body })
      return 'error' in answer ? answer : { status: answer.status }
    },
    async request(url, request) {
      const answer = await send(url, request)
      return 'error' in answer ? answer : { status: answer.status, bytes: answer.body }
    },
  }
}

// A connection each: a tenant's server must not hold ours open.
const openAgents = { 'http:': new http.Agent(), 'https:': new https.Agent() }

/** Agents that look names up once, connect to what they checked, and check again what they are connected to. */
function guardedAgents(resolve: typeof lookUp) {
  const agent = new https.Agent({ lookup: publicOnly(resolve) } as https.AgentOptions)
  const connect = agent.createConnection.bind(agent)
  agent.createConnection = (...request: Parameters<typeof connect>) => {
    const socket = connect(...request) as Socket
    // A literal address is never looked up.
    socket.once('connect', () => {
      if (!isPublicAddress(socket.remoteAddress ?? '')) socket.destroy(new ForbiddenAddress())
    })
    return socket
  }
  return { 'http:': agent, 'https:': agent }
}

class ForbiddenAddress extends Error {}

const publicOnly =
  (resolve: typeof lookUp): LookupFunction =>
  (hostname, options, done) => {
    resolve(hostname, { ...options, all: true }, (error, found: LookupAddress[]) => {
      if (error) return done(error, [])
      // One forbidden answer among good ones is a trap, not an accident.
      const allowed = found.length > 0 && found.every(({ address }) => isPublicAddress(address))
      const [first] = found
      if (!allowed || !first) return done(new ForbiddenAddress(), [])
      if (options.all) return done(null, found)
      done(null, first.address, first.family)
    })
  }

function isForbiddenHost(url: URL): boolean {
  const host = url.hostname.replace(/^\[|\]$/g, '')
  if (isIP(host)) return !isPublicAddress(host)
  return host === 'localhost' || /\.(localhost|local|internal|home\.arpa)\.?$/.test(host)
}

function wordOf({ reason }: NoAnswer): TenantHttpError {
  if (reason === 'connect' || reason === 'broken') return 'unreachable'
  return reason
}
