import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Context } from '#api/core/context.ts'
import { unauthenticated } from '#api/core/errors.ts'
import { attempt } from '#api/core/guard.ts'
import { identify } from '#api/domains/access/service.ts'
import { identifyKey } from '#api/domains/api-keys/service.ts'
import { noteSeen } from '#api/domains/members/service.ts'
import type { RequestLimits } from './limits.ts'
import type { HttpDeps } from './request.ts'

/** The context of somebody nobody knows yet; every request starts with it. */
export const anonymousContext = (deps: HttpDeps, requestId: string): Context => ({
  database: deps.database,
  actor: { kind: 'anyone' },
  organizationId: null,
  requestId,
  log: deps.log.child({ requestId }),
  now: deps.now,
  queue: deps.queue,
  signer: deps.signer,
  keyring: deps.keyring,
  publicWebUrl: deps.config.publicWebUrl,
  vendors: deps.vendors,
})

/** Turns a genuine session or an API key into an actor: what it may is read from our database each time. */
export function bindOrganization(deps: HttpDeps, limits: RequestLimits) {
  const { superAdminEmails } = deps.config

  async function bindPerson(request: FastifyRequest, clerkUserId: string): Promise<void> {
    const known = await identify(request.ctx, clerkUserId, superAdminEmails)
    if (!known) {
      deps.metrics.refused.inc({ check: 'user' })
      throw unauthenticated()
    }
    const { actor, organizationStatus: status, featuresOff } = known
    const organizationId = actor.membership?.organizationId ?? null
    const log = request.ctx.log.child({ userId: actor.userId, organizationId })
    request.standing = status && { status, featuresOff }
    request.ctx = { ...request.ctx, actor, organizationId, log }
    // Nobody is refused because this could not be written; it is, once an hour.
    if (organizationId)
      await attempt(log, 'note-seen', () => noteSeen(request.ctx, actor.userId, known.memberSeenAt))
  }

  async function bindProgram(
    request: FastifyRequest,
    reply: FastifyReply,
    token: string,
  ): Promise<void> {
    const known = await identifyKey(request.ctx, token)
    if (!known) {
      deps.metrics.refused.inc({ check: 'key' })
      await limits.countAnonymous(request, reply)
      throw unauthenticated()
    }
    const { actor, organizationStatus: status, featuresOff } = known
    const { keyId, organizationId } = actor
    const log = request.ctx.log.child({ keyId, organizationId })
    request.standing = { status, featuresOff }
    request.ctx = { ...request.ctx, actor, organizationId, log }
  }

  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    if (request.identity) await bindPerson(request, request.identity.clerkUserId)
    else if (request.claimedKey) await bindProgram(request, reply, request.claimedKey)
  }
}
