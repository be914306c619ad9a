import type { z } from 'zod'
import type { FeatureFlag } from '#api/contract/features.ts'
import type { OrganizationRole, PlatformRole } from '#api/contract/permissions.ts'
import type { Actor, Context } from '#api/core/context.ts'
import { asPlatform } from '#api/core/context.ts'
import { notFound, unauthenticated } from '#api/core/errors.ts'
import type { ClerkUser } from '#api/core/vendors.ts'
import type { me } from './contract.ts'
import * as queries from './queries.ts'

export {
  grantPlatformRole,
  grantPlatformRoleByAddress,
  listPlatformAdmins,
  revokePlatformRole,
} from './platform-roles.ts'

type User = Extract<Actor, { kind: 'user' }>
type OrganizationStatus = 'active' | 'paused' | 'archived'

/** The actor behind a genuine Clerk session; null for a person who was deleted or whom Clerk does not know. */
export async function identify(
  ctx: Context,
  clerkUserId: string,
  superAdminEmails: readonly string[],
): Promise<{
  actor: User
  organizationStatus: OrganizationStatus | null
  featuresOff: FeatureFlag[]
  memberSeenAt: Date | null
} | null> {
  const found = await ctx.database.readPlatform((db) => queries.findByClerkUser(db, clerkUserId))
  const person = found ?? (await meet(ctx, clerkUserId))
  if (!person || person.deletedAt) return null
  return {
    actor: {
      kind: 'user',
      userId: person.userId,
      email: person.email,
      platformRole: platformRoleOf(person, superAdminEmails),
      membership: membershipOf(person),
    },
    organizationStatus: person.organizationStatus,
    featuresOff: person.featuresOff,
    memberSeenAt: person.memberSeenAt,
  }
}

/** First sight: Clerk's webhook may still be on its way, so the person is asked for. */
async function meet(ctx: Context, clerkUserId: string): Promise<queries.Person | undefined> {
  const user = await ctx.vendors.clerk.fetchUser(clerkUserId)
  if (!user) return undefined
  await syncUser(ctx, user)
  return ctx.database.readPlatform((db) => queries.findByClerkUser(db, clerkUserId))
}

/** Makes or updates our row of a Clerk user; returns our id. */
export const syncUser = (ctx: Context, user: ClerkUser): Promise<string> =>
  asPlatform(ctx, async (tx) => (await queries.upsertUser(tx.db, user)).userId)

export async function getUser(
  ctx: Context,
  userId: string,
): Promise<{ userId: string; name: string; email: string }> {
  const person = await asPlatform(ctx, (tx) => queries.findById(tx.db, userId))
  if (!person || person.deletedAt) throw notFound('user')
  return { userId, name: person.name, email: person.email }
}

/** Null where the person has not proved that the address is theirs. */
export async function findVerifiedUser(
  ctx: Context,
  userId: string,
): Promise<{ userId: string; name: string; email: string } | null> {
  const person = await asPlatform(ctx, (tx) => queries.findById(tx.db, userId))
  if (!person || person.deletedAt || !person.emailVerified) return null
  return { userId, name: person.name, email: person.email }
}

/** How a person is called now, and in which organization; empty words for one who was deleted. */
export async function findProfile(
  ctx: Context,
  userId: string,
): Promise<{
  name: string
  email: string
  organizationId: string | null
  isDeleted: boolean
} | null> {
  const person = await asPlatform(ctx, (tx) => queries.findById(tx.db, userId))
  if (!person) return null
  const { name, email, organizationId } = person
  return { name, email, organizationId, isDeleted: person.deletedAt !== null }
}

/** What somebody may do where, now: for sockets, which outlive the request that opened them. */
export async function findStanding(
  ctx: Context,
  userId: string,
): Promise<{
  organizationId: string
  organizationStatus: OrganizationStatus
  role: OrganizationRole
} | null> {
  const person = await asPlatform(ctx, (tx) => queries.findById(tx.db, userId))
  if (!person || person.deletedAt) return null
  const { organizationId, organizationStatus, role } = person
  return organizationId && organizationStatus && role
    ? { organizationId, organizationStatus, role }
    : null
}

export async function getMe(ctx: Context, sandboxUrl: string | null): Promise<z.output<typeof me>> {
  const { actor } = ctx
  if (actor.kind !== 'user') throw unauthenticated()
  const person = await asPlatform(ctx, (tx) => queries.findById(tx.db, actor.userId))
  if (!person) throw unauthenticated()
  const { organizationId, organizationName, organizationStatus, timeZone, role, featuresOff } =
    person
  const isMember = organizationId && organizationName && organizationStatus && timeZone && role
  return {
    userId: person.userId,
    email: person.email,
    name: person.name,
    platformRole: actor.platformRole,
    membership: isMember
      ? { organizationId, organizationName, organizationStatus, timeZone, role, featuresOff }
      : null,
    sandbox: sandboxUrl
      ? {
          softphoneUrl: `${sandboxUrl}/`,
          inboxUrl: `${sandboxUrl}/inbox`,
          eventsUrl: `${sandboxUrl}/events`,
        }
      : null,
  }
}

/** Granted by hand, or named in the allow-list with an address that Clerk has verified. */
function platformRoleOf(
  person: queries.Person,
  superAdminEmails: readonly string[],
): PlatformRole | null {
  const listed = person.emailVerified && superAdminEmails.includes(person.email.toLowerCase())
  return listed ? 'super_admin' : person.platformRole
}

function membershipOf({ organizationId, role }: queries.Person): User['membership'] {
  return organizationId && role ? { organizationId, role } : null
}
