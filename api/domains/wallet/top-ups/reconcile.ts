import type { Context } from '#api/core/context.ts'
import { asPlatform, forOrganization, read } from '#api/core/context.ts'
import { listUnhandled } from '#api/core/inbox/service.ts'
import type { StripeEvent } from '#api/core/vendors.ts'
import { end, followCheckout, type Outcome } from './credit.ts'
import { openCheckout } from './open.ts'
import * as queries from './queries.ts'
import { recharge } from './recharge.ts'

// THREATS F19: for three days what is not decided is asked about.
const LOOK_BACK_MS = 3 * 86_400_000
const LEAVE_ALONE_MS = 120_000 // the webhook's own time, before we ask
const MAX_ASKED = 500 // of one run; the oldest first, so the next run goes on
const MAX_PAGES = 10 // of a hundred events each; the rest is older news, seen by the runs before

// What no pending top-up would lead to: money that went back, and payments after their page expired.
const polledTypes = [
  'payment_intent.succeeded',
  'refund.created',
  'refund.updated',
  'refund.failed',
  'charge.dispute.created',
  'charge.dispute.updated',
  'charge.dispute.closed',
]

/** Top-ups that nothing has decided yet. */
export function listUndecided(
  ctx: Context,
): Promise<{ organizationId: string; topUpId: string }[]> {
  const now = ctx.now().getTime()
  return asPlatform(ctx, (tx) =>
    queries.listPending(tx.db, {
      createdAfter: new Date(now - LOOK_BACK_MS),
      createdBefore: new Date(now - LEAVE_ALONE_MS),
      limit: MAX_ASKED,
    }),
  )
}

/** Organizations whose charge was due and that no spending reminded of it: after a pause, or a lost job. */
export const listRechargesDue = (ctx: Context): Promise<{ organizationId: string }[]> =>
  asPlatform(ctx, (tx) => queries.listRechargesDue(tx.db, ctx.now(), MAX_ASKED))

/** What Stripe told and we never heard. */
export async function listMissedEvents(ctx: Context): Promise<StripeEvent[]> {
  const { stripe } = ctx.vendors
  if (!stripe) return []
  const createdAfter = new Date(ctx.now().getTime() - LOOK_BACK_MS)
  const missed: StripeEvent[] = []
  let cursor: string | undefined
  for (let page = 0; page < MAX_PAGES; page++) {
    const { items, nextCursor } = await stripe.listEvents({
      types: polledTypes,
      createdAfter,
      ...(cursor && { cursor }),
    })
    const ids = await asPlatform(ctx, (tx) =>
      listUnhandled(
        tx,
        'stripe',
        items.map(({ id }) => id),
      ),
    )
    missed.push(...items.filter(({ id }) => ids.has(id)))
    if (!nextCursor) break
    cursor = nextCursor
  }
  return missed
}

/** Finds out what became of one top-up, wherever it was left. */
export async function followTopUp(
  ctx: Context,
  { organizationId, topUpId }: { organizationId: string; topUpId: string },
): Promise<Outcome | 'not due'> {
  const own = forOrganization(ctx, organizationId)
  const row = await read(own, (db) => queries.findTopUp(db, organizationId, topUpId))
  if (row?.state !== 'pending') return 'again'
  if (row.origin === 'auto_recharge') return recharge(ctx, organizationId)
  // Without a page nobody was given an address to pay at; one that was asked for is asked for again, or let go.
  if (!row.stripeSessionId && isPast(row.expiresAt, own.now()))
    return end(own, { organizationId, id: topUpId }, 'expired')
  if (!row.stripeSessionId) await openCheckout(own, topUpId)
  const opened = await read(own, (db) => queries.findTopUp(db, organizationId, topUpId))
  return opened?.stripeSessionId ? followCheckout(ctx, opened.stripeSessionId) : 'waiting'
}

const SHORTEST_PAGE_MS = 31 * 60_000 // Stripe refuses a page that would be open for less than half an hour

const isPast = (expiresAt: Date | null, now: Date): boolean =>
  !expiresAt || expiresAt.getTime() - now.getTime() < SHORTEST_PAGE_MS
