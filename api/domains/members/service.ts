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
  const before = readCursor(query.cursor)
  const rows = await read(ctx, (db) =>
    queries.listMembers(db, tenantOf(ctx), { limit: query.limit + 1, before }),
  )
  return pageOfRows(rows, query.limit, ({ joinedAt, id }) => ({ at: joinedAt, id }))
}

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
    const { organizationId, userId } = member
    await queries.deleteMember(tx.db, organizationId, memberId)
    await recordAudit(tx, {
      action: 'members.remove',
      subject: memberId,
      before: { userId, role: member.role },
    })
    await tx.emit(events.memberRemoved, { organizationId, userId })
  })
}

/** Copies what a person is called now into the membership, where tenants read it. */
export async function refreshMember(ctx: Context, userId: string): Promise<void> {
  const profile = await findProfile(ctx, userId)
  if (!profile?.organizationId) return
  const { organizationId, name, email } = profile
  await inTransaction(forOrganization(ctx, organizationId), (tx) =>
    queries.setProfile(tx.db, organizationId, userId, { name, email }),
  )
}

/** The member, locked, after the rule that an organization keeps an admin was checked against the new role. */
async function getMemberToChange(
  tx: Tx,
  memberId: string,
  next: OrganizationRole | null,
): Promise<queries.MemberRow> {
  const organizationId = tenantOf(tx)
  const admins = await queries.lockAdmins(tx.db, organizationId)
  const member = await queries.findMember(tx.db, organizationId, memberId)
  if (!member) throw notFound('member')
  const isSoleAdmin = admins.length === 1 && admins[0]?.id === memberId
  if (isSoleAdmin && next !== 'admin') throw errors.lastAdmin()
  return member
}
