import { randomUUIDv7 } from 'node:crypto'
import { and, eq, inArray, isNotNull, isNull, or, sql } from 'drizzle-orm'
import type { FeatureFlag } from '#api/contract/features.ts'
import type { PlatformRole } from '#api/contract/permissions.ts'
import type { ClerkUser } from '#api/core/vendors.ts'
import type { Db } from '#db/client.ts'
import { keptFor } from '#db/kept.ts'
import { platformAdmins, users } from '#db/schema/access.ts'
import { memberships } from '#db/schema/members.ts'
import { organizations } from '#db/schema/organizations.ts'
import { featureFlags } from '#db/schema/system.ts'

const person = {
  userId: users.id,
  email: users.email,
  emailVerified: users.emailVerified,
  name: users.name,
  deletedAt: users.deletedAt,
  platformRole: platformAdmins.role,
  organizationId: memberships.organizationId,
  organizationName: organizations.name,
  organizationStatus: organizations.status,
  timeZone: organizations.timeZone,
  role: memberships.role,
  memberSeenAt: memberships.seenAt,
  // Only what the contract names is ever stored; a flag that is gone from it refuses nothing.
  featuresOff: sql<FeatureFlag[]>`array(
    select ${featureFlags.flag} from ${featureFlags}
     where ${featureFlags.organizationId} = ${memberships.organizationId} and not ${featureFlags.enabled}
     order by 1)`,
}
export type Person = NonNullable<Awaited<ReturnType<typeof findByClerkUser>>>

/** Everything a request must know about its sender, in one statement that each connection parses once. */
export async function findByClerkUser(db: Db, clerkUserId: string) {
  const [row] = await keptFor(db, byClerkUser).execute({ clerkUserId })
  return row
}

const byClerkUser = (db: Db) =>
  people(db)
    .where(eq(users.clerkUserId, sql.placeholder('clerkUserId')))
    .prepare('access.person')

export async function findById(db: Db, userId: string) {
  const [row] = await people(db).where(eq(users.id, userId))
  return row
}

const people = (db: Db) =>
  db
    .select(person)
    .from(users)
    .leftJoin(platformAdmins, eq(platformAdmins.userId, users.id))
    .leftJoin(memberships, eq(memberships.userId, users.id))
    .leftJoin(organizations, eq(organizations.id, memberships.organizationId))

/**
 * One row a Clerk user, whoever comes first: a request, a webhook or the seed. Older news does not overwrite newer,
 * and nothing overwrites a deletion; `isNews` says whether anything was written.
 */
export async function upsertUser(
  db: Db,
  user: ClerkUser,
): Promise<{ userId: string; isNews: boolean }> {
  const { clerkUserId, updatedAt: clerkUpdatedAt, ...known } = user
  const set = { ...known, clerkUpdatedAt }
  const [written] = await db
    .insert(users)
    .values({ id: randomUUIDv7(), clerkUserId, ...set })
    .onConflictDoUpdate({
      target: users.clerkUserId,
      set,
      setWhere: sql`${users.deletedAt} is null
        and (${users.clerkUpdatedAt} is null or ${users.clerkUpdatedAt} <= excluded.clerk_updated_at)`,
    })
    .returning({ id: users.id })
  if (written) return { userId: written.id, isNews: true }
  const [present] = await db
    .select({ id: users.id })
    .from(users)
    .where(eq(users.clerkUserId, clerkUserId))
  if (!present) throw new Error('a user that was in the way of an upsert is gone')
  return { userId: present.id, isNews: false }
}

/**
 * A user deleted at Clerk stays known by id, without what the person is called. One we never saw is kept as deleted
 * too: a first request may be on its way with what Clerk said before. Undefined if nobody changed.
 */
export async function forgetUser(
  db: Db,
  clerkUserId: string,
  at: Date,
): Promise<string | undefined> {
  const forgotten = { deletedAt: at, email: '', emailVerified: false, name: '' }
  const [row] = await db
    .insert(users)
    .values({ id: randomUUIDv7(), clerkUserId, ...forgotten })
    .onConflictDoUpdate({
      target: users.clerkUserId,
      set: forgotten,
      setWhere: isNull(users.deletedAt),
    })
    .returning({ id: users.id })
  return row?.id
}

const admin = {
  userId: users.id,
  name: users.name,
  email: users.email,
  role: platformAdmins.role,
  grantedByUserId: platformAdmins.grantedByUserId,
  grantedAt: platformAdmins.grantedAt,
}
export type PlatformAdminRow = Awaited<ReturnType<typeof listPlatformAdmins>>[number]

const verifiedAs = (emails: readonly string[]) =>
  and(
    isNull(users.deletedAt),
    eq(users.emailVerified, true),
    inArray(sql`lower(${users.email})`, [...emails]),
  )

/** Whoever was granted a role, and whoever has proved one of the addresses. */
export const listPlatformAdmins = (db: Db, emails: readonly string[]) =>
  db
    .select(admin)
    .from(users)
    .leftJoin(platformAdmins, eq(platformAdmins.userId, users.id))
    .where(
      and(
        isNull(users.deletedAt),
        or(isNotNull(platformAdmins.userId), emails.length > 0 ? verifiedAs(emails) : undefined),
      ),
    )
    .orderBy(users.createdAt, users.id)

/** The person who has proved this address, in lower case; of several the one who came first. */
export async function findByVerifiedEmail(
  db: Db,
  email: string,
): Promise<PlatformAdminRow | undefined> {
  const [row] = await db
    .select(admin)
    .from(users)
    .leftJoin(platformAdmins, eq(platformAdmins.userId, users.id))
    .where(verifiedAs([email]))
    .orderBy(users.createdAt, users.id)
    .limit(1)
  return row
}

/**
 * Every granted role, while nobody else grants or takes one: each sees what the one before did. A lock by name, since
 * the first grant of all finds no row to lock.
 */
export async function lockPlatformAdmins(
  db: Db,
): Promise<{ userId: string; role: PlatformRole }[]> {
  await db.execute(sql`select pg_advisory_xact_lock(hashtextextended('platform_admins', 0))`)
  return db
    .select({ userId: platformAdmins.userId, role: platformAdmins.role })
    .from(platformAdmins)
}

/** The role that was taken; undefined where none was granted. */
export async function deletePlatformRole(
  db: Db,
  userId: string,
): Promise<PlatformRole | undefined> {
  const [row] = await db
    .delete(platformAdmins)
    .where(eq(platformAdmins.userId, userId))
    .returning({ role: platformAdmins.role })
  return row?.role
}

export async function grantPlatformRole(
  db: Db,
  grant: { userId: string; role: PlatformRole; grantedByUserId: string | null },
): Promise<void> {
  await db
    .insert(platformAdmins)
    .values(grant)
    .onConflictDoUpdate({
      target: platformAdmins.userId,
      set: {
        role: grant.role,
        grantedByUserId: grant.grantedByUserId,
        grantedAt: sql`now()`,
      },
    })
}
