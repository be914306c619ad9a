import { and, desc, eq, ilike, isNull, lt, or, sql } from 'drizzle-orm'
import type { OrganizationRole } from '#api/contract/permissions.ts'
import type { Position } from '#api/core/cursor.ts'
import type { Db } from '#db/client.ts'
import { memberships } from '#db/schema/members.ts'

export type MemberRow = typeof memberships.$inferSelect

/** Undefined where the person belongs to an organization already, whichever it is. */
export async function insertMember(
  db: Db,
  member: Omit<MemberRow, 'joinedAt' | 'seenAt'>,
): Promise<MemberRow | undefined> {
  const [row] = await db.insert(memberships).values(member).onConflictDoNothing().returning()
  return row
}

export const listMembers = (
  db: Db,
  organizationId: string,
  page: {
    limit: number
    before: Position | undefined
    role: OrganizationRole | undefined
    search: string | undefined
  },
): Promise<MemberRow[]> =>
  db
    .select()
    .from(memberships)
    .where(
      and(
        eq(memberships.organizationId, organizationId),
        page.role && eq(memberships.role, page.role),
        page.search === undefined
          ? undefined
          : or(
              ilike(memberships.name, containing(page.search)),
              ilike(memberships.email, containing(page.search)),
            ),
        page.before &&
          or(
            lt(memberships.joinedAt, page.before.at),
            and(eq(memberships.joinedAt, page.before.at), lt(memberships.id, page.before.id)),
          ),
      ),
    )
    .orderBy(desc(memberships.joinedAt), desc(memberships.id))
    .limit(page.limit)

/** The organization's admins, locked: two who demote each other at once come one after the other. */
export const lockAdmins = (db: Db, organizationId: string): Promise<{ id: string }[]> =>
  db
    .select({ id: memberships.id })
    .from(memberships)
    .where(and(eq(memberships.organizationId, organizationId), eq(memberships.role, 'admin')))
    .orderBy(memberships.id)
    .for('update')

export async function findMember(
  db: Db,
  organizationId: string,
  memberId: string,
): Promise<MemberRow | undefined> {
  const [row] = await db
    .select()
    .from(memberships)
    .where(and(eq(memberships.organizationId, organizationId), eq(memberships.id, memberId)))
    .for('update')
  return row
}

export async function findMemberOfUser(
  db: Db,
  organizationId: string,
  userId: string,
): Promise<MemberRow | undefined> {
  const [row] = await db
    .select()
    .from(memberships)
    .where(and(eq(memberships.organizationId, organizationId), eq(memberships.userId, userId)))
    .for('update')
  return row
}

export async function setRole(
  db: Db,
  organizationId: string,
  memberId: string,
  role: OrganizationRole,
): Promise<MemberRow | undefined> {
  const [row] = await db
    .update(memberships)
    .set({ role })
    .where(and(eq(memberships.organizationId, organizationId), eq(memberships.id, memberId)))
    .returning()
  return row
}

export async function deleteMember(
  db: Db,
  organizationId: string,
  memberId: string,
): Promise<void> {
  await db
    .delete(memberships)
    .where(and(eq(memberships.organizationId, organizationId), eq(memberships.id, memberId)))
}

export async function setProfile(
  db: Db,
  organizationId: string,
  userId: string,
  profile: { name: string; email: string },
): Promise<void> {
  await db
    .update(memberships)
    .set(profile)
    .where(and(eq(memberships.organizationId, organizationId), eq(memberships.userId, userId)))
}

export const listAdmins = (
  db: Db,
  organizationId: string,
  atMost: number,
): Promise<{ userId: string; name: string; email: string }[]> =>
  db
    .select({ userId: memberships.userId, name: memberships.name, email: memberships.email })
    .from(memberships)
    .where(and(eq(memberships.organizationId, organizationId), eq(memberships.role, 'admin')))
    .orderBy(memberships.joinedAt, memberships.id)
    .limit(atMost)

/** The address in lower case; copies of addresses are as their owners wrote them. */
export async function hasAddress(db: Db, organizationId: string, email: string): Promise<boolean> {
  const rows = await db
    .select({ id: memberships.id })
    .from(memberships)
    .where(
      and(
        eq(memberships.organizationId, organizationId),
        eq(sql`lower(${memberships.email})`, email),
      ),
    )
    .limit(1)
  return rows.length > 0
}

/** Once an hour a member: whoever finds the hour written already writes nothing. */
export async function setSeen(
  db: Db,
  organizationId: string,
  userId: string,
  hour: Date,
): Promise<void> {
  await db
    .update(memberships)
    .set({ seenAt: hour })
    .where(
      and(
        eq(memberships.organizationId, organizationId),
        eq(memberships.userId, userId),
        or(isNull(memberships.seenAt), lt(memberships.seenAt, hour)),
      ),
    )
}

/** A pattern for text that contains the words as they are written. */
const containing = (words: string): string => `%${words.replaceAll(/[\\%_]/g, '\\$&')}%`
