import type { Endpoint } from '#api/contract/endpoint.ts'
import { can, matrix, type Permission, type Role, roles } from '#api/contract/permissions.ts'
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

/** The role matrix as data (THREATS Z3): the permissions, and every operation for every role. */
export function describeMatrix(routes: readonly Route[]) {
  const endpoints = routes.flatMap((route) => ('endpoint' in route ? [route.endpoint] : []))
  return {
    permissions: matrix,
    operations: endpoints.map((endpoint) => ({
      operation: nameOf(endpoint),
      permission: endpoint.permission,
      roles: Object.fromEntries(roles.map((role) => [role, decisionFor(endpoint, role)])),
    })),
  }
}
