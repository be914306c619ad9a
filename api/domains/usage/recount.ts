import type { Context } from '#api/core/context.ts'
import { asPlatform, inTransaction, tenantOf } from '#api/core/context.ts'
import * as queries from './queries.ts'

/**
 * Makes the sums of one day anew from its calls. Nothing is added up, so it may run twice, late or in any order;
 * the count starts after those before it have ended, so the last one holds what all calls settled by then say.
 */
export function refreshDay(ctx: Context, day: string): Promise<void> {
  return inTransaction(ctx, async (tx) => {
    await queries.lockUsage(tx.db, tenantOf(tx))
    await queries.recountDay(tx.db, tenantOf(tx), day, tx.now())
  })
}

/** Makes all days of the organization anew: when its time zone has changed, or when sums and calls differ. */
export function rebuildUsage(ctx: Context): Promise<void> {
  return inTransaction(ctx, async (tx) => {
    await queries.lockUsage(tx.db, tenantOf(tx))
    await queries.recountAll(tx.db, tenantOf(tx), tx.now())
  })
}

const FOLDED_AT_ONCE = 31 // days a transaction: of ten thousand organizations each takes some milliseconds

/** Folds every day that changed into the sums over all organizations. */
export async function foldDays(ctx: Context): Promise<void> {
  let days: number
  do {
    days = await asPlatform(ctx, (tx) => queries.foldStaleDays(tx.db, FOLDED_AT_ONCE))
  } while (days === FOLDED_AT_ONCE)
}

/** The day of the organization's calendar that a call counts for; null where it does not count (yet). */
export async function dayOfCall(ctx: Context, callId: string): Promise<string | null> {
  const organizationId = tenantOf(ctx)
  const day = await inTransaction(ctx, (tx) => queries.findDayOfCall(tx.db, organizationId, callId))
  return day ?? null
}
