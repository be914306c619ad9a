import type { FastifyRequest } from 'fastify'
import type { Endpoint } from '#api/contract/endpoint.ts'
import type { FeatureFlag } from '#api/contract/features.ts'
import { can, type Permission, type Role } from '#api/contract/permissions.ts'
import type { Actor } from '#api/core/context.ts'
import { DomainError, forbidden, unauthenticated } from '#api/core/errors.ts'
import { keyMay } from './matrix.ts'
import type { HttpDeps, Standing } from './request.ts'

export const organizationNotActive = (status: string) =>
  new DomainError('organization.not_active', 403, `This organization is ${status}.`)
export const forPeopleOnly = () =>
  new DomainError('request.people_only', 403, 'API keys may not do this: a person must sign in.')
export const featureOff = (feature: FeatureFlag) =>
  new DomainError('feature.off', 403, `The feature ${feature} is switched off here.`)

/** Compares the endpoint's declared permission with what the actor holds; what is not allowed is refused. */
export function authorize(deps: HttpDeps) {
  return async (request: FastifyRequest): Promise<void> => {
    const { endpoint } = request.routeOptions.config
    if (!endpoint || endpoint.permission === 'anyone') return
    const { actor } = request.ctx
    const refusal = refusalFor(endpoint, endpoint.permission, actor, request.standing)
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
  endpoint: Endpoint,
  permission: Permission | 'signed in',
  actor: Actor,
  standing: Standing | null,
): DomainError | null {
  if (actor.kind === 'key') {
    if (endpoint.peopleOnly || permission === 'signed in') return forPeopleOnly()
    if (!keyMay(actor.permissions, permission)) return forbidden(permission)
    // Without the feature an organization's keys are worth nothing, whatever they ask for.
    return refusalInside(endpoint, standing) ?? refusalWithout('api_keys', standing)
  }
  if (actor.kind !== 'user') return unauthenticated()
  const { platformRole, membership } = actor
  // Who one is stays readable; what one does counts as the organization's.
  if (permission === 'signed in')
    return membership && endpoint.method !== 'GET' ? refusalInside(endpoint, standing) : null
  // The platform's people act from outside: a pause or a switch does not bind them.
  if (platformRole && can(platformRole, permission)) return null
  if (!membership || !can(membership.role, permission)) return forbidden(permission)
  return refusalInside(endpoint, standing)
}

/** THREATS T7: a pause or a switched-off feature takes effect with the next request. */
function refusalInside(endpoint: Endpoint, standing: Standing | null): DomainError | null {
  const isRead = endpoint.method === 'GET'
  const isOpen = standing?.status === 'active' || (standing?.status === 'paused' && isRead)
  if (!isOpen) return organizationNotActive(standing?.status ?? 'gone')
  return endpoint.feature ? refusalWithout(endpoint.feature, standing) : null
}

const refusalWithout = (feature: FeatureFlag, standing: Standing | null): DomainError | null =>
  standing?.featuresOff.includes(feature) ? featureOff(feature) : null

function rolesOf(actor: Actor): (Role | 'api key')[] {
  if (actor.kind === 'key') return ['api key']
  if (actor.kind !== 'user') return []
  return [actor.platformRole, actor.membership?.role].filter((role) => role != null)
}
