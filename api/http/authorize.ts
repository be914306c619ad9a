import type { FastifyRequest } from 'fastify'
import { can, type Permission, type Role } from '#api/contract/permissions.ts'
import type { Actor } from '#api/core/context.ts'
import { DomainError, forbidden, unauthenticated } from '#api/core/errors.ts'
import type { HttpDeps } from './request.ts'

export const organizationNotActive = (status: string) =>
  new DomainError('organization.not_active', 403, `This organization is ${status}.`)

/** Compares the endpoint's declared permission with the actor's roles; what is not allowed is refused. */
export function authorize(deps: HttpDeps) {
  return async (request: FastifyRequest): Promise<void> => {
    const { endpoint } = request.routeOptions.config
    if (!endpoint || endpoint.permission === 'anyone') return
    const { actor } = request.ctx
    const refusal = refusalFor(actor, endpoint.permission, request.organizationStatus)
    if (!refusal) return
    deps.metrics.refused.inc({ check: 'permission' })
    request.ctx.log.warn(
      {
        permission: endpoint.permission,
        roles: rolesOf(actor),
        route: `${endpoint.method} ${endpoint.path}`,
        code: refusal.code,
      },
      'access refused',
    )
    throw refusal
  }
}

function refusalFor(
  actor: Actor,
  permission: Permission | 'signed in',
  organizationStatus: string | null,
): DomainError | null {
  if (actor.kind !== 'user') return unauthenticated()
  if (permission === 'signed in') return null
  const { platformRole, membership } = actor
  if (platformRole && can(platformRole, permission)) return null
  if (!membership || !can(membership.role, permission)) return forbidden(permission)
  // THREATS T7: a pause takes effect with the next request.
  return organizationStatus === 'active'
    ? null
    : organizationNotActive(organizationStatus ?? 'gone')
}

function rolesOf(actor: Actor): Role[] {
  if (actor.kind !== 'user') return []
  return [actor.platformRole, actor.membership?.role].filter((role) => role != null)
}
