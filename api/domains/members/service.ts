import { randomUUIDv7 } from 'node:crypto'
import type { Received } from '#api/contract/endpoint.ts'
import type { OrganizationRole } from '#api/contract/permissions.ts'
import type { Context, Tx } from '#api/core/context.ts'
import { forOrganization, inTransaction, read, tenantOf } from '#api/core/context.ts'
import { pageOfRows, readCursor } from '#api/core/cursor.ts'
import { notFound } from '#api/core/errors.ts'
import { findProfile } from '#api/domains/access/service.ts'
import { recordAudit } from '#api/domains/audit/service.ts'
import type * as contract from './contract.ts'
import * as errors from './errors.ts'
import * as events from './events.ts'
import * as queries from './queries.ts'
import { mayActOnRole } from './roles.ts'

export { mayActOnRole } from './roles.ts'
export { noteSeen } from './seen.ts'

/** Makes somebody a member; a person belongs to one organization at most. */
export async function addMember(
  tx: Tx,
  person: { userId: string; name: string; email: string; role: OrganizationRole },
): Promise<{ memberId: string }> {
  const organizationId = tenantOf(tx)
  const member = await queries.insertMember(tx.db, {
    organizationId,
    id: randomUUIDv7(),
    ...person,
  })
  if (!member) throw errors.alreadyMember()

  await recordAudit(tx, {
    action: 'members.add',
    subject: member.id,
    after: { userId: person.userId, role: person.role },
  })
  await tx.emit(events.memberJoined, { organizationId, userId: person.userId })
  return { memberId: member.id }
}

export async function listMembers(
  ctx: Context,
  query: Received<typeof contract.listMembers>['query'],
) {
  const { limit, role, search } = query
  const page = { limit: limit + 1, before: readCursor(query.cursor), role, search }
  const rows = await read(ctx, (db) => queries.listMembers(db, tenantOf(ctx), page))
  return pageOfRows(rows, limit, ({ joinedAt, id }) => ({ at: joinedAt, id }))
}

const MAX_ADMINS = 50 // people to write to; the member list shows them all

/** The admins of the context's organization: who is told, and who can grant what somebody lacks. */
export const listAdmins = (
  ctx: Context,
): Promise<{ userId: string; name: string; email: string }[]> =>
  read(ctx, (db) => queries.listAdmins(db, tenantOf(ctx), MAX_ADMINS))

/** Whether somebody with this address, in lower case, is a member of the context's organization. */
export const isMemberAddress = (tx: Tx, email: string): Promise<boolean> =>
  queries.hasAddress(tx.db, tenantOf(tx), email)

export function changeRole(
  ctx: Context,
  memberId: string,
  role: OrganizationRole,
): Promise<queries.MemberRow> {
  return inTransaction(ctx, async (tx) => {
    const member = await getMemberToChange(tx, memberId, role)
    if (member.role === role) return member

    const changed = await queries.setRole(tx.db, member.organizationId, memberId, role)
    if (!changed) throw notFound('member')
    await recordAudit(tx, {
      action: 'members.change-role',
      subject: memberId,
      before: { role: member.role },
      after: { role },
    })
    return changed
  })
}

export function removeMember(ctx: Context, memberId: string): Promise<void> {
  return inTransaction(ctx, async (tx) => {
    const member = await getMemberToChange(tx, memberId, null)
    await deleteMembership(tx, member, 'members.remove')
  })
}

/** Whoever asks is a member no more; asked for twice at once it happens once. */
export async function leaveOrganization(ctx: Context): Promise<void> {
  const { actor } = ctx
  if (actor.kind !== 'user' || !actor.membership) throw notFound('member')
  const { userId } = actor
  await inTransaction(ctx, async (tx) => {
    const organizationId = tenantOf(tx)
    const admins = await queries.lockAdmins(tx.db, organizationId)
    const member = await queries.findMemberOfUser(tx.db, organizationId, userId)
    if (!member) throw notFound('member')
    if (isSoleAdmin(admins, member.id)) throw errors.lastAdmin()
    await deleteMembership(tx, member, 'members.leave')
  })
}

/**
 * Copies what a person is called now into the membership, where tenants read it. Somebody deleted at Clerk leaves
 * instead, the last admin too: an organization without one is shown to super admins, who invite another.
 */
export async function refreshMember(ctx: Context, userId: string): Promise<void> {
  const profile = await findProfile(ctx, userId)
  if (!profile?.organizationId) return
  const { organizationId, name, email, isDeleted } = profile
  await inTransaction(forOrganization(ctx, organizationId), (tx) =>
    isDeleted
      ? removeDeleted(tx, userId)
      : queries.setProfile(tx.db, organizationId, userId, { name, email }),
  )
}

async function removeDeleted(tx: Tx, userId: string): Promise<void> {
  const organizationId = tenantOf(tx)
  // The same lock as for any change of admins, so nobody is demoted beside it on an outdated count.
  const admins = await queries.lockAdmins(tx.db, organizationId)
  const member = await queries.findMemberOfUser(tx.db, organizationId, userId)
  if (!member) return
  await deleteMembership(tx, member, 'members.remove')
  if (isSoleAdmin(admins, member.id))
    tx.log.warn({ alert: 'organization.without-admin' }, 'the last admin was deleted at Clerk')
}

async function deleteMembership(
  tx: Tx,
  member: queries.MemberRow,
  action: 'members.leave' | 'members.remove',
): Promise<void> {
  const { organizationId, id, userId, role } = member
  await queries.deleteMember(tx.db, organizationId, id)
  await recordAudit(tx, { action, subject: id, before: { userId, role } })
  await tx.emit(events.memberRemoved, { organizationId, userId })
}

/**
 * The member, locked, after two rules were checked: nobody acts on a role above their own, and an organization
 * keeps an admin.
 */
async function getMemberToChange(
  tx: Tx,
  memberId: string,
  next: OrganizationRole | null,
): Promise<queries.MemberRow> {
  const organizationId = tenantOf(tx)
  const admins = await queries.lockAdmins(tx.db, organizationId)
  const member = await queries.findMember(tx.db, organizationId, memberId)
  if (!member) throw notFound('member')
  for (const role of [member.role, next ?? member.role])
    if (!mayActOnRole(tx.actor, role)) throw errors.roleTooHigh(role)
  if (isSoleAdmin(admins, memberId) && next !== 'admin') throw errors.lastAdmin()
  return member
}

const isSoleAdmin = (admins: { id: string }[], memberId: string): boolean =>
  admins.length === 1 && admins[0]?.id === memberId
