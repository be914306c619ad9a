import { verifyToken } from '@clerk/fastify'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Config } from '#api/core/config.ts'
import { unauthenticated } from '#api/core/errors.ts'
import { isApiKey } from '#api/domains/api-keys/service.ts'
import type { RequestLimits } from './limits.ts'
import type { HttpDeps, Identity } from './request.ts'

const CLOCK_SKEW_MS = 5_000 // Clerk's own default: browsers' and our clocks differ by seconds
const MAX_TOKEN_LENGTH = 8_192 // a session token has 600-900 characters
const MAX_KNOWN_TOKENS = 5_000 // people active within a minute on one process; about 5 MB
// Clerk marks session tokens; a token made from a JWT template carries another mark and must not sign in.
const SESSION_CATEGORY = 'cl_B7d4PD111AAA'

const tokenHeader = z.object({
  alg: z.literal('RS256'),
  cat: z.literal(SESSION_CATEGORY).optional(),
})
const sessionClaims = z.object({
  sub: z.string().min(1),
  sid: z.string().min(1),
  exp: z.int(),
  iss: z.string(),
  azp: z.string(),
  // A session with an unfinished task (a second factor, say) is not signed in yet.
  sts: z.literal('active').optional(),
})

/** Refuses a request without a genuine session token or the look of an API key, unless it is for anyone. */
export function authenticate(deps: HttpDeps, limits: RequestLimits) {
  const verify = sessionVerifier(deps.config)
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const { endpoint } = request.routeOptions.config
    if (!endpoint || endpoint.permission === 'anyone') return limits.countAnonymous(request, reply)
    // The header only: a cookie would let other sites' pages act for their visitor (THREATS T21).
    const token = /^Bearer ([\w.-]+)$/i.exec(request.headers.authorization ?? '')?.[1]
    if (token && isApiKey(token)) {
      request.claimedKey = token
      return
    }
    const identity = token ? await verify(token) : null
    if (!identity) {
      deps.metrics.refused.inc({ check: 'token' })
      await limits.countAnonymous(request, reply)
      throw unauthenticated()
    }
    request.identity = identity
  }
}

/** Signature, times, issuer, page and session of a token, without a network call; null where any is wrong. */
export function sessionVerifier(
  config: Pick<Config, 'clerk' | 'publicWebUrl'>,
): (token: string) => Promise<Identity | null> {
  const { jwtKey, issuer } = config.clerk
  const authorizedParties = [new URL(config.publicWebUrl).origin]
  const known = new Map<string, { identity: Identity; expiresAtMs: number }>()

  return async (token) => {
    // A browser sends one token for most of its minute, and a signature costs more than all else of a request.
    const seen = known.get(token)
    if (seen && Date.now() < seen.expiresAtMs) return seen.identity
    known.delete(token)

    if (token.length > MAX_TOKEN_LENGTH || !isSessionToken(token)) return null
    // `verifyToken` rather than the plugin: the plugin also takes cookies, redirects browsers to a handshake
    // and asks Clerk over the network about every made-up machine token.
    const payload = await verifyToken(token, {
      jwtKey,
      authorizedParties,
      clockSkewInMs: CLOCK_SKEW_MS,
    }).catch(() => null)
    const claims = sessionClaims.safeParse(payload)
    // Clerk's SDK accepts any issuer on a bearer token and a token without a session.
    if (!claims.success || claims.data.iss !== issuer) return null

    const identity = { clerkUserId: claims.data.sub, sessionId: claims.data.sid }
    const [oldest] = known.keys()
    if (known.size >= MAX_KNOWN_TOKENS && oldest !== undefined) known.delete(oldest)
    known.set(token, { identity, expiresAtMs: claims.data.exp * 1000 })
    return identity
  }
}

function isSessionToken(token: string): boolean {
  try {
    const header: unknown = JSON.parse(
      Buffer.from(token.split('.')[0] ?? '', 'base64url').toString(),
    )
    return tokenHeader.safeParse(header).success
  } catch (error) {
    if (error instanceof SyntaxError) return false
    throw error
  }
}
