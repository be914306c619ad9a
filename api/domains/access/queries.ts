import { randomUUIDv7 } from 'node:crypto'
import { and, eq, isNull, sql } from 'drizzle-orm'
import type { FeatureFlag } from '#api/contract/features.ts'
import type { Db } from '#db/client.ts'
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

/** Everything a request must know about its sender, in one statement. */
export async function findByClerkUser(db: Db, clerkUserId: string) {
  const [row] = await people(db).where(eq(users.clerkUserId, clerkUserId))
  return row
}

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

/** One row a Clerk user, whoever comes first: a request, a webhook or the seed. */
export async function upsertUser(
  db: Db,
  user: { clerkUserId: string; email: string; emailVerified: boolean; name: string },
): Promise<string> {
  const { clerkUserId, ...known } = user
  const [row] = await db
    .insert(users)
    .values({ id: randomUUIDv7(), clerkUserId, ...known })
    .onConflictDoUpdate({ target: users.clerkUserId, set: known })
    .returning({ id: users.id })
  if (!row) throw new Error('an upsert returned no row')
  return row.id
}

/** A user deleted at Clerk stays known by id, without what the person is called. Undefined if nobody changed. */
export async function forgetUser(
  db: Db,
  clerkUserId: string,
  at: Date,
): Promise<string | undefined> {
  const [row] = await db
    .update(users)
    .set({ deletedAt: at, email: '', emailVerified: false, name: '' })
    .where(and(eq(users.clerkUserId, clerkUserId), isNull(users.deletedAt)))
    .returning({ id: users.id })
  return row?.id
}

export async function grantPlatformRole(
  db: Db,
  grant: { userId: string; role: 'super_admin' | 'manager'; grantedByUserId: string | null },
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
