import type { Tx } from '#api/core/context.ts'
import { asPlatform } from '#api/core/context.ts'
import type { Replay } from '#api/core/inbox/service.ts'
import type { ClerkUser } from '#api/core/vendors.ts'
import { recordPlatformAudit } from '#api/domains/audit/service.ts'
import { userSynced } from './events.ts'
import * as queries from './queries.ts'

/** Keeps a person as Clerk describes it; one whom Clerk does not know any more is forgotten. */
export async function keepAsClerkSays(
  tx: Tx,
  clerkUserId: string,
  user: ClerkUser | null,
): Promise<'synced' | 'forgotten' | 'outdated'> {
  if (!user) {
    await forget(tx, clerkUserId)
    return 'forgotten'
  }
  const { userId, isNews } = await queries.upsertUser(tx.db, user)
  if (!isNews) return 'outdated'
  await tx.emit(userSynced, { userId })
  return 'synced'
}

/** From the next request on the person is nobody; the membership follows by a job. */
async function forget(tx: Tx, clerkUserId: string): Promise<void> {
  const userId = await queries.forgetUser(tx.db, clerkUserId, tx.now())
  if (!userId) return
  const role = await queries.deletePlatformRole(tx.db, userId)
  if (role)
    await recordPlatformAudit(tx, {
      action: 'access.revoke-platform-role',
      subject: userId,
      before: { role },
    })
  await tx.emit(userSynced, { userId })
}

/** The person is asked for once more. */
export const replayClerk: Replay = {
  vendor: 'clerk',
  run: async (ctx, { subject: { clerkUserId } }) => {
    if (!clerkUserId) return 'ignored'
    const user = await ctx.vendors.clerk.fetchUser(clerkUserId)
    return await asPlatform(ctx, (tx) => keepAsClerkSays(tx, clerkUserId, user))
  },
}
