import type { Tx } from '#api/core/context.ts'
import { asPlatform } from '#api/core/context.ts'
import type { Replay } from '#api/core/inbox/service.ts'
import type { ClerkUser } from '#api/core/vendors.ts'
import { userSynced } from './events.ts'
import * as queries from './queries.ts'

/** Keeps a person as Clerk describes it; one whom Clerk does not know any more is forgotten. */
export async function keepAsClerkSays(
  tx: Tx,
  clerkUserId: string,
  user: ClerkUser | null,
): Promise<'synced' | 'forgotten'> {
  const userId = user
    ? await queries.upsertUser(tx.db, user)
    : await queries.forgetUser(tx.db, clerkUserId, tx.now())
  if (userId) await tx.emit(userSynced, { userId })
  return user ? 'synced' : 'forgotten'
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
