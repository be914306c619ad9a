import type { z } from 'zod'
import type { topUp } from '#contracts/wallet'

export type TopUp = z.output<typeof topUp>

export type ReturnState =
  | 'waiting'
  | 'late'
  | 'paid'
  | 'canceled'
  | 'declined'
  | 'expired'
  | 'voided'
  | 'failed'

const ended = { paid: 'paid', expired: 'expired', canceled: 'voided', failed: 'failed' } as const

/** What a person who comes back from the payment page is told. */
export function returnState(
  paidIn: Pick<TopUp, 'state' | 'failureCode'>,
  seen: { hasPaid: boolean; isLate: boolean },
): ReturnState {
  if (paidIn.state !== 'pending') return ended[paidIn.state]
  if (seen.hasPaid) return seen.isLate ? 'late' : 'waiting'
  return paidIn.failureCode ? 'declined' : 'canceled'
}
