import { mayGive, type OrganizationRole } from '#api/contract/permissions.ts'
import type { Actor } from '#api/core/context.ts'

// A program's key outlives whoever made it, so it makes no admins and touches none.
const HIGHEST_FOR_KEYS: OrganizationRole = 'org_manager'

/** Whether the actor may give somebody this role, or take it away: never one above their own (THREATS T8). */
export function mayActOnRole(actor: Actor, role: OrganizationRole): boolean {
  switch (actor.kind) {
    case 'user':
      return actor.membership !== null && mayGive(actor.membership.role, role)
    case 'key':
      return mayGive(HIGHEST_FOR_KEYS, role)
    case 'anyone':
      return false
    // Our own processes act on somebody's request that was judged when it came.
    case 'job':
    case 'webhook':
    case 'voice':
      return true
  }
}
