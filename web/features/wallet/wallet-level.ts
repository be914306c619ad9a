import type { z } from 'zod'
import type { wallet, walletStatus } from '#contracts/wallet'

export type WalletLevel = z.output<typeof walletStatus>['status']

const LOW_FROM_PERCENT = 80 // The first of the two shares at which admins are written to as well.

/** The level others are told, worked out for those who see the amount. */
export function levelOf(
  held: Pick<z.output<typeof wallet>, 'availableCents' | 'usedPercent' | 'deficitCents'>,
): WalletLevel {
  if (held.availableCents <= 0 || held.deficitCents > 0) return 'exhausted'
  return held.usedPercent >= LOW_FROM_PERCENT ? 'low' : 'available'
}
