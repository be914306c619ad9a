import type { Context } from '#api/core/context.ts'
import { inTransaction, tenantOf } from '#api/core/context.ts'
import * as queries from './queries.ts'

const HOUR_MS = 3_600_000

/** Writes that the member was here this hour, unless that stands there already: a write an hour, not a request. */
export async function noteSeen(ctx: Context, userId: string, seenAt: Date | null): Promise<void> {
  const hour = new Date(Math.floor(ctx.now().getTime() / HOUR_MS) * HOUR_MS)
  if (seenAt && seenAt >= hour) return
  await inTransaction(ctx, (tx) => queries.setSeen(tx.db, tenantOf(tx), userId, hour))
}
