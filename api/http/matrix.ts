import type { Endpoint } from '#api/contract/endpoint.ts'
import type { FeatureFlag } from '#api/contract/features.ts'
import { can, matrix, type Permission, type Role, roles } from '#api/contract/permissions.ts'
import { keyPermissions } from '#contracts/api-keys'
import { nameOf, type Route } from './routes.ts'

export type Decision = 'allow' | 'own-only' | 'deny'

// Holders of these see every row of their organization; the others see their own rows.
const WIDER: Partial<Record<Permission, Permission>> = {
  'calls.read-own': 'calls.read-organization',
  'analysis.read-own': 'analysis.read-organization',
}

/** What the guard answers a role, and whether the rows are then limited to the person's own. */
export function decisionFor(endpoint: Endpoint, role: Role): Decision {
  const { permission } = endpoint
  if (permission === 'anyone' || permission === 'signed in') return 'allow'
  if (!can(role, permission)) return 'deny'
  const wider = WIDER[permission]
  if (wider) return can(role, wider) ? 'allow' : 'own-only'
  return permission.endsWith('-own') ? 'own-only' : 'allow'
}

/** What a program may: what its key says, and what is narrower than that. */
export function keyMay(held: readonly Permission[], permission: Permission): boolean {
  const wider = WIDER[permission]
  return held.includes(permission) || (wider !== undefined && held.includes(wider))
}

export type Exposure = {
  /** What members may still do while their organization is paused, and while it is archived. */
  whilePaused: 'as usual' | 'deny'
  whileArchived: 'as usual' | 'deny'
  /** The permission that lets an API key in; null where no key gets in. */
  keyPermission: Permission | null
  feature: FeatureFlag | null
}

/** What stands between an endpoint and those whose role would do. */
export function exposureOf(endpoint: Endpoint): Exposure {
  const { permission, method, peopleOnly, feature = null } = endpoint
  const isPublic = permission === 'anyone'
  // Reading who one is needs no organization; nothing else is left in an archived one.
  const isOwnMatter = permission === 'signed in' && method === 'GET'
  // The platform's people act from outside.
  const isOffice = !isPublic && permission !== 'signed in' && can('super_admin', permission)
  const isUntouched = isPublic || isOwnMatter || isOffice
  return {
    whilePaused: isUntouched || method === 'GET' ? 'as usual' : 'deny',
    whileArchived: isUntouched ? 'as usual' : 'deny',
    keyPermission: peopleOnly ? null : keyPermissionFor(permission),
    feature,
  }
}

function keyPermissionFor(permission: Endpoint['permission']): Permission | null {
  if (permission === 'anyone' || permission === 'signed in') return null
  const needed = WIDER[permission] ?? permission
  return keyPermissions.includes(needed) ? needed : null
}

/** The role matrix as data (THREATS Z3): the permissions, and every operation for every role. */
export function describeMatrix(routes: readonly Route[]) {
  const endpoints = routes.flatMap((route) => ('endpoint' in route ? [route.endpoint] : []))
  return {
    permissions: matrix,
    operations: endpoints.map((endpoint) => ({
      operation: nameOf(endpoint),
      permission: endpoint.permission,
      roles: Object.fromEntries(roles.map((role) => [role, decisionFor(endpoint, role)])),
      ...exposureOf(endpoint),
    })),
  }
}
