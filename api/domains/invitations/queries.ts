import { and, desc, eq, gt, isNull, lt, lte, or, type SQL, sql } from 'drizzle-orm'
import type { Position } from '#api/core/cursor.ts'
import type { Db } from '#db/client.ts'
import { users } from '#db/schema/access.ts'
import { invitations } from '#db/schema/invitations.ts'
import { memberships } from '#db/schema/members.ts'
import { organizations } from '#db/schema/organizations.ts'

type Stored = typeof invitations.$inferSelect
export type Status = Stored['state'] | 'expired'
export type InvitationRow = NonNullable<Awaited<ReturnType<typeof findInvitation>>>
export type Invited = NonNullable<Awaited<ReturnType<typeof findByToken>>>

const shown = {
  id: invitations.id,
  email: invitations.email,
  role: invitations.role,
  state: invitations.state,
  sends: invitations.sends,
  tokenHash: invitations.tokenHash,
  // The membership's copy of the name: users are not a tenant's to read.
  invitedBy: memberships.name,
  createdAt: invitations.createdAt,
  sentAt: invitations.sentAt,
  undeliverableAt: invitations.undeliverableAt,
  expiresAt: invitations.expiresAt,
}

const withInviter = (db: Db) =>
  db
    .select(shown)
    .from(invitations)
    .leftJoin(
      memberships,
      and(
        eq(memberships.organizationId, invitations.organizationId),
        eq(memberships.userId, invitations.invitedByUserId),
      ),
    )

const one = (organizationId: string, invitationId: string) =>
  and(eq(invitations.organizationId, organizationId), eq(invitations.id, invitationId))

const statusIs: Record<Status, (now: Date) => SQL | undefined> = {
  pending: (now) => and(eq(invitations.state, 'pending'), gt(invitations.expiresAt, now)),
  expired: (now) => and(eq(invitations.state, 'pending'), lte(invitations.expiresAt, now)),
  accepted: () => eq(invitations.state, 'accepted'),
  revoked: () => eq(invitations.state, 'revoked'),
}

export const listInvitations = (
  db: Db,
  organizationId: string,
  page: { limit: number; before: Position | undefined; status: Status | undefined; now: Date },
): Promise<InvitationRow[]> =>
  withInviter(db)
    .where(
      and(
        eq(invitations.organizationId, organizationId),
        page.status && statusIs[page.status](page.now),
        page.before &&
          or(
            lt(invitations.createdAt, page.before.at),
            and(eq(invitations.createdAt, page.before.at), lt(invitations.id, page.before.id)),
          ),
      ),
    )
    .orderBy(desc(invitations.createdAt), desc(invitations.id))
    .limit(page.limit)

export async function findInvitation(db: Db, organizationId: string, invitationId: string) {
  const [row] = await withInviter(db).where(one(organizationId, invitationId))
  return row
}

/** False where the address has an open invitation already. */
export async function insertInvitation(
  db: Db,
  invitation: typeof invitations.$inferInsert,
): Promise<boolean> {
  const rows = await db
    .insert(invitations)
    .values(invitation)
    .onConflictDoNothing({
      target: [invitations.organizationId, invitations.email],
      where: sql`state = 'pending'`,
    })
    .returning({ id: invitations.id })
  return rows.length === 1
}

/** Locked: whoever decides about it comes one after another. */
export async function lockInvitation(
  db: Db,
  organizationId: string,
  invitationId: string,
): Promise<Stored | undefined> {
  const [row] = await db
    .select()
    .from(invitations)
    .where(one(organizationId, invitationId))
    .for('update')
  return row
}

/** A new link for another 72 hours. */
export async function setLink(
  db: Db,
  organizationId: string,
  invitationId: string,
  link: { sends: number; tokenHash: string; expiresAt: Date },
): Promise<void> {
  await db
    .update(invitations)
    .set({ ...link, sentAt: null, undeliverableAt: null })
    .where(one(organizationId, invitationId))
}

export async function setRevoked(
  db: Db,
  organizationId: string,
  invitationId: string,
  at: Date,
): Promise<void> {
  await db
    .update(invitations)
    .set({ state: 'revoked', decidedAt: at })
    .where(one(organizationId, invitationId))
}

/**
 * Uses an open invitation up; that it is open is part of the statement, so of two at once one gets it. With a
 * token, only while that is the newest link's.
 */
export async function takeInvitation(
  db: Db,
  organizationId: string,
  invitationId: string,
  by: { userId: string; tokenHash: string | null; at: Date },
): Promise<{ role: Stored['role'] } | undefined> {
  const [row] = await db
    .update(invitations)
    .set({ state: 'accepted', decidedAt: by.at, acceptedByUserId: by.userId })
    .where(
      and(
        one(organizationId, invitationId),
        statusIs.pending(by.at),
        by.tokenHash === null ? undefined : eq(invitations.tokenHash, by.tokenHash),
      ),
    )
    .returning({ role: invitations.role })
  return row
}

/**
 * What the n-th mail needs; undefined where it was sent, is outdated or leads nowhere. The hash is written again:
 * had the signing key changed since the invitation was made, the mailed link would open nothing.
 */
export async function claimMail(
  db: Db,
  organizationId: string,
  invitationId: string,
  mail: { sends: number; tokenHash: string; now: Date },
) {
  const [row] = await db
    .update(invitations)
    .set({ tokenHash: mail.tokenHash })
    .from(organizations)
    .where(
      and(
        one(organizationId, invitationId),
        statusIs.pending(mail.now),
        eq(invitations.sends, mail.sends),
        isNull(invitations.sentAt),
        isNull(invitations.undeliverableAt),
        eq(organizations.id, invitations.organizationId),
        eq(organizations.status, 'active'),
      ),
    )
    .returning({
      email: invitations.email,
      role: invitations.role,
      expiresAt: invitations.expiresAt,
      organizationName: organizations.name,
      timeZone: organizations.timeZone,
      invitedByUserId: invitations.invitedByUserId,
    })
  if (!row) return undefined
  const inviter = await findInvitation(db, organizationId, invitationId)
  return { ...row, invitedBy: inviter?.invitedBy ?? null }
}

/** What became of the n-th mail. */
export async function setMailed(
  db: Db,
  organizationId: string,
  invitationId: string,
  sends: number,
  outcome: { sentAt: Date } | { undeliverableAt: Date },
): Promise<void> {
  await db
    .update(invitations)
    .set(outcome)
    .where(and(one(organizationId, invitationId), eq(invitations.sends, sends)))
}

const invited = {
  organizationId: invitations.organizationId,
  id: invitations.id,
  email: invitations.email,
  role: invitations.role,
  state: invitations.state,
  expiresAt: invitations.expiresAt,
  organizationName: organizations.name,
  organizationStatus: organizations.status,
  invitedBy: users.name,
}

const acrossOrganizations = (db: Db) =>
  db
    .select(invited)
    .from(invitations)
    .innerJoin(organizations, eq(organizations.id, invitations.organizationId))
    .leftJoin(users, eq(users.id, invitations.invitedByUserId))

/** Platform role: a link says nothing of the organization. */
export async function findByToken(db: Db, tokenHash: string) {
  const [row] = await acrossOrganizations(db).where(eq(invitations.tokenHash, tokenHash))
  return row
}

/** Platform role: somebody's own, whatever has become of it. */
export async function findForAddress(
  db: Db,
  invitationId: string,
  email: string,
): Promise<Invited | undefined> {
  const [row] = await acrossOrganizations(db).where(
    and(eq(invitations.id, invitationId), eq(invitations.email, email)),
  )
  return row
}

/** Platform role: what somebody could accept now. */
export const listForAddress = (
  db: Db,
  email: string,
  now: Date,
  atMost: number,
): Promise<Invited[]> =>
  acrossOrganizations(db)
    .where(
      and(eq(invitations.email, email), statusIs.pending(now), eq(organizations.status, 'active')),
    )
    .orderBy(desc(invitations.createdAt), desc(invitations.id))
    .limit(atMost)
