import type { LedgerEntry } from '../../components/ledger/lines.ts'

/** What a day costs on average, in cents and parts of them. */
export const dailySpending = (chargedCents: number, days: number): number => chargedCents / days

/** Whole days that the money lasts at that; nothing lasts no day. */
export function daysLeft(availableCents: number, perDayCents: number): number {
  if (availableCents <= 0) return 0
  return Math.floor(availableCents / perDayCents)
}

/** Since when no more than now was available: the oldest of the newest lines that left so little. Null without a line. */
export function blockedSince(
  newestFirst: readonly Pick<LedgerEntry, 'at' | 'balanceAfterCents' | 'heldAfterCents'>[],
  availableCents: number,
): Date | null {
  let since: Date | null = null
  for (const { at, balanceAfterCents, heldAfterCents } of newestFirst) {
    if (balanceAfterCents - heldAfterCents > Math.max(availableCents, 0)) break
    since = at
  }
  return since
}
