import { z } from 'zod'
import { event } from '#api/core/events.ts'

/** 80 or 95 percent of the balance at the last credit are used; said once each a credit. */
export const walletLow = event(
  'wallet.low',
  z.object({ organizationId: z.uuid(), usedPercent: z.int() }),
)

/** A call found less than it asked for; said once a credit. */
export const walletExhausted = event('wallet.exhausted', z.object({ organizationId: z.uuid() }))
