import { z } from 'zod'
import { event } from '#api/core/events.ts'

/** 80 or 95 percent of the balance at the last credit are used; said once each a credit. */
export const walletLow = event(
  'wallet.low',
  z.object({ organizationId: z.uuid(), usedPercent: z.int() }),
)

/** A call found less than it asked for; said once a credit. */
export const walletExhausted = event('wallet.exhausted', z.object({ organizationId: z.uuid() }))

/** Less is available than the organization wants to keep, and its saved card may be charged. */
export const rechargeDue = event('wallet.recharge-due', z.object({ organizationId: z.uuid() }))

export const paymentTroubles = [
  'declined',
  'authentication_required',
  'monthly_cap',
  'dispute',
] as const

/** Something about paying needs an admin: said once for each cause. */
export const paymentTroubled = event(
  'wallet.payment-troubled',
  z.object({ organizationId: z.uuid(), trouble: z.enum(paymentTroubles) }),
)
