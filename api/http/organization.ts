import type { FastifyRequest } from 'fastify'
import type { Context } from '#api/core/context.ts'
import { unauthenticated } from '#api/core/errors.ts'
import { attempt } from '#api/core/guard.ts'
import { identify } from '#api/domains/access/service.ts'
import { noteSeen } from '#api/domains/members/service.ts'
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

/** Turns a genuine session into an actor: role and membership are read from our database each time. */
export function bindOrganization(deps: HttpDeps) {
  const { superAdminEmails } = deps.config
  return async (request: FastifyRequest): Promise<void> => {
    if (!request.identity) return
    const known = await identify(request.ctx, request.identity.clerkUserId, superAdminEmails)
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
}
