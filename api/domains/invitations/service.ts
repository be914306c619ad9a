import { randomUUIDv7 } from 'node:crypto'
import type { z } from 'zod'
import type { Received } from '#api/contract/endpoint.ts'
import type { OrganizationRole } from '#api/contract/permissions.ts'
import type { Context, Tx } from '#api/core/context.ts'
import { forOrganization, inTransaction, read, tenantOf, userIdOf } from '#api/core/context.ts'
import { pageOfRows, readCursor } from '#api/core/cursor.ts'
import { notFound } from '#api/core/errors.ts'
import { recordAudit } from '#api/domains/audit/service.ts'
import { isMemberAddress, mayActOnRole } from '#api/domains/members/service.ts'
import { holdOrganization } from '#api/domains/organizations/service.ts'
import type * as contract from './contract.ts'
import * as errors from './errors.ts'
import { invitationIssued } from './events.ts'
import { expiryFrom, hashToken, linkTo, tokenOf } from './links.ts'
import * as queries from './queries.ts'
import { statusOf } from './status.ts'

export {
  acceptInvitation,
  acceptOwnInvitation,
  listOwnInvitations,
  previewInvitation,
} from './accept.ts'

type Invitation = z.output<typeof contract.invitation>

/** Invites somebody by mail; of one address an organization has one open invitation. */
export async function createInvitation(
  ctx: Context,
  { email, role }: Received<typeof contract.createInvitation>['body'],
): Promise<Invitation> {
  if (!mayActOnRole(ctx.actor, role)) throw errors.roleTooHigh(role)
  return inTransaction(ctx, (tx) => issue(tx, { email, role }, {}))
}

/** Invites an admin from outside: what remains where an organization's last admin was deleted. */
export function inviteAdmin(
  ctx: Context,
  organizationId: string,
  { email, reason }: Received<typeof contract.inviteAdmin>['body'],
): Promise<Invitation> {
  return inTransaction(forOrganization(ctx, organizationId), async (tx) => {
    const { status } = await holdOrganization(tx)
    if (status !== 'active') throw errors.organizationNotActive()
    return issue(tx, { email, role: 'admin' }, { reason })
  })
}

async function issue(
  tx: Tx,
  asked: { email: string; role: OrganizationRole },
  recorded: { reason?: string },
): Promise<Invitation> {
  const organizationId = tenantOf(tx)
  const email = asked.email.toLowerCase()
  const { role } = asked
  if (await isMemberAddress(tx, email)) throw errors.alreadyMember()
  const id = randomUUIDv7()
  const createdAt = tx.now()
  const inserted = await queries.insertInvitation(tx.db, {
    organizationId,
    id,
    email,
    role,
    tokenHash: hashToken(tokenOf(tx, id, 1)),
    invitedByUserId: userIdOf(tx),
    createdAt,
    expiresAt: expiryFrom(createdAt),
  })
  if (!inserted) throw errors.alreadyInvited()

  await recordAudit(tx, {
    action: 'invitations.create',
    subject: id,
    after: { role, ...recorded },
  })
  await tx.emit(invitationIssued, { organizationId, invitationId: id, sends: 1 })
  return getInvitation(tx, id)
}

export async function listInvitations(
  ctx: Context,
  query: Received<typeof contract.listInvitations>['query'],
) {
  const { status, limit } = query
  const page = { limit: limit + 1, before: readCursor(query.cursor), status, now: ctx.now() }
  const rows = await read(ctx, (db) => queries.listInvitations(db, tenantOf(ctx), page))
  const { items, nextCursor } = pageOfRows(rows, limit, ({ createdAt, id }) => ({
    at: createdAt,
    id,
  }))
  return { items: items.map((row) => shown(row, ctx.now())), nextCursor }
}

/** Mails a new link for another 72 hours, also after it expired; the links before are dead. */
export function resendInvitation(ctx: Context, invitationId: string): Promise<Invitation> {
  return inTransaction(ctx, async (tx) => {
    const { organizationId, role, sends: before } = await lockPending(tx, invitationId)
    if (!mayActOnRole(tx.actor, role)) throw errors.roleTooHigh(role)
    const sends = before + 1
    await queries.setLink(tx.db, organizationId, invitationId, {
      sends,
      tokenHash: hashToken(tokenOf(tx, invitationId, sends)),
      expiresAt: expiryFrom(tx.now()),
    })
    await recordAudit(tx, {
      action: 'invitations.resend',
      subject: invitationId,
      before: { sends: before },
      after: { sends },
    })
    await tx.emit(invitationIssued, { organizationId, invitationId, sends })
    return getInvitation(tx, invitationId)
  })
}

export function revokeInvitation(ctx: Context, invitationId: string): Promise<Invitation> {
  return inTransaction(ctx, async (tx) => {
    const { organizationId, role } = await lockPending(tx, invitationId)
    await queries.setRevoked(tx.db, organizationId, invitationId, tx.now())
    await recordAudit(tx, {
      action: 'invitations.revoke',
      subject: invitationId,
      before: { state: 'pending', role },
      after: { state: 'revoked' },
    })
    return getInvitation(tx, invitationId)
  })
}

/** The newest link, to be handed over by other means than mail. */
export async function getInvitationLink(
  ctx: Context,
  invitationId: string,
): Promise<{ url: string }> {
  const invitation = await read(ctx, (db) =>
    queries.findInvitation(db, tenantOf(ctx), invitationId),
  )
  if (!invitation) throw notFound('invitation')
  const status = statusOf(invitation, ctx.now())
  if (status !== 'pending') throw errors.notOpen(status)

  const token = tokenOf(ctx, invitationId, invitation.sends)
  // Signed with a key that has been rotated away since: the mailed link works, but cannot be made again.
  if (hashToken(token) !== invitation.tokenHash) throw errors.linkReplaced()
  return { url: linkTo(ctx, token) }
}

/** The invitation, locked; refused where somebody has decided about it. One that expired is still open to us. */
async function lockPending(tx: Tx, invitationId: string) {
  const invitation = await queries.lockInvitation(tx.db, tenantOf(tx), invitationId)
  if (!invitation) throw notFound('invitation')
  if (invitation.state !== 'pending') throw errors.notOpen(invitation.state)
  return invitation
}

async function getInvitation(tx: Tx, invitationId: string): Promise<Invitation> {
  const row = await queries.findInvitation(tx.db, tenantOf(tx), invitationId)
  if (!row) throw notFound('invitation')
  return shown(row, tx.now())
}

function shown(row: queries.InvitationRow, now: Date): Invitation {
  const { state: _state, sends: _sends, tokenHash: _hash, ...rest } = row
  return { ...rest, status: statusOf(row, now) }
}
