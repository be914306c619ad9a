import { z } from 'zod'
import type { Context } from '#api/core/context.ts'
import type { Replay } from '#api/core/inbox/service.ts'
import { followCheckout, followPayment } from './credit.ts'
import { followDispute, followRefund } from './money-back.ts'

export const followedKinds = ['checkout', 'payment', 'refund', 'dispute'] as const
export const followed = z.object({ kind: z.enum(followedKinds), id: z.string().min(1).max(255) })
export type Followed = z.output<typeof followed>

/** Reads a thing of Stripe's and does what it asks for by now. */
export function follow(ctx: Context, { kind, id }: Followed): Promise<string> {
  switch (kind) {
    case 'checkout':
      return followCheckout(ctx, id)
    case 'payment':
      return followPayment(ctx, id)
    case 'refund':
      return followRefund(ctx, id)
    case 'dispute':
      return followDispute(ctx, id)
  }
}

/** What an event is about; undefined for what changes nothing here. */
export function followedBy(type: string, objectId: string): Followed | undefined {
  const kind = kindOf(type)
  return kind && objectId ? { kind, id: objectId } : undefined
}

/** The thing is read once more. */
export const replayStripe: Replay = {
  vendor: 'stripe',
  run: async (ctx, { subject }) => {
    const known = followed.safeParse(subject)
    return known.success ? await follow(ctx, known.data) : 'ignored'
  },
}

const types: [prefix: string, kind: Followed['kind']][] = [
  ['checkout.session.', 'checkout'],
  ['payment_intent.succeeded', 'payment'],
  ['payment_intent.payment_failed', 'payment'],
  ['payment_intent.canceled', 'payment'],
  ['refund.', 'refund'],
  ['charge.dispute.', 'dispute'],
]

const kindOf = (type: string): Followed['kind'] | undefined =>
  types.find(([prefix]) => type.startsWith(prefix))?.[1]
