import { isIPv6 } from 'node:net'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Endpoint } from '#api/contract/endpoint.ts'
import { actorIdOf, type Context } from '#api/core/context.ts'
import { createRateLimiter, tooMany, type Verdict } from '#api/core/rate-limits/service.ts'
import type { HttpDeps } from './request.ts'

/** Counts requests and refuses those over a limit (THREATS X-rate). */
export type RequestLimits = {
  /** For requests whose sender is not known: those for anyone, and those that only claim to be somebody's. */
  countAnonymous(request: FastifyRequest, reply: FastifyReply): Promise<void>
  /** For requests of a person or a program, by itself and by its organization. */
  countActor(request: FastifyRequest, reply: FastifyReply): Promise<void>
  /** What an endpoint declares for itself; after the schemas, so that a typing error costs nothing. */
  countDeclared(request: FastifyRequest, reply: FastifyReply): Promise<void>
}

export function limitRequests(deps: HttpDeps): RequestLimits {
  const limiter = createRateLimiter(deps)
  const limits = deps.config.rateLimits

  async function count(
    request: FastifyRequest,
    reply: FastifyReply,
    name: keyof typeof limits,
    subject: string,
  ): Promise<void> {
    const verdict = await limiter.take(limits[name], subject)
    tell(reply, verdict)
    if (verdict.allowed) return
    deps.metrics.refused.inc({ check: 'limit' })
    request.ctx.log.warn({ limit: name, route: request.routeOptions.url }, 'too many requests')
    throw tooMany(verdict.resetSeconds)
  }

  return {
    async countAnonymous(request, reply) {
      const { endpoint, webhook } = request.routeOptions.config
      // Probes come by the clock, webhooks by the vendor's; links are counted as what they are.
      if (webhook || endpoint?.limit === 'none' || endpoint?.limit === 'signed-links') return
      await count(request, reply, 'anonymous', networkOf(request.ip))
    },
    async countActor(request, reply) {
      const { actor, organizationId } = request.ctx
      if (actor.kind !== 'user' && actor.kind !== 'key') return
      await count(request, reply, 'user', subjectOf(request.ctx))
      if (organizationId) await count(request, reply, 'organization', organizationId)
    },
    async countDeclared(request, reply) {
      const { endpoint } = request.routeOptions.config
      const name = endpoint && declaredLimit(endpoint)
      if (!name) return
      const { organizationId } = request.ctx
      const subject =
        name === 'exports'
          ? subjectOf(request.ctx)
          : name === 'invite-accept' || name === 'signed-links'
            ? networkOf(request.ip)
            : (organizationId ?? subjectOf(request.ctx))
      await count(request, reply, name, subject)
    },
  }
}

function declaredLimit(endpoint: Endpoint) {
  if (endpoint.limit) return endpoint.limit === 'none' ? null : endpoint.limit
  return endpoint.bytes?.contentTypes.includes('text/csv') ? 'exports' : null
}

const subjectOf = ({ actor }: Context): string => `${actor.kind}:${actorIdOf(actor) ?? ''}`

/** One customer of a provider: an IPv4 address, or the /64 that an IPv6 one is free to move in. */
export function networkOf(ip: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(ip)?.[1]
  if (mapped) return mapped
  if (!isIPv6(ip)) return ip
  const [head = '', tail] = ip.split('%')[0]?.split('::') ?? []
  const before = head.split(':').filter(Boolean)
  const after = tail === undefined ? [] : tail.split(':').filter(Boolean)
  const zeros = Array.from({ length: Math.max(0, 8 - before.length - after.length) }, () => '0')
  const groups = [...before, ...zeros, ...after].slice(0, 4)
  return `${groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`
}

/** Each limit that counted, in the words of the IETF's RateLimit header fields. */
function tell(reply: FastifyReply, { limit, remaining, resetSeconds }: Verdict): void {
  append(reply, 'ratelimit-policy', `"${limit.name}";q=${limit.count};w=${limit.windowSeconds}`)
  append(reply, 'ratelimit', `"${limit.name}";r=${remaining};t=${resetSeconds}`)
}

function append(reply: FastifyReply, name: string, item: string): void {
  const before = reply.getHeader(name)
  reply.header(name, before === undefined ? item : `${String(before)}, ${item}`)
}
