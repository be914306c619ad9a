import { randomUUIDv7 } from 'node:crypto'
import type { z } from 'zod'
import type { Answer, Received } from '#api/contract/endpoint.ts'
import type { Context } from '#api/core/context.ts'
import { inTransaction, read, tenantOf, userIdOf } from '#api/core/context.ts'
import { pageOfRows, readCursor } from '#api/core/cursor.ts'
import { notFound } from '#api/core/errors.ts'
import type { StripeClient } from '#api/core/vendors.ts'
import type * as contract from '../contract.ts'
import * as errors from '../errors.ts'
import * as queries from './queries.ts'

// Stripe takes 30 minutes to 24 hours. Two hours leave time to ask once more for a page whose answer was lost.
const PAYABLE_MS = 2 * 3_600_000
const MAX_OPEN = 20 // of one organization; more is a loop, not a person

/** Writes down that somebody wants to pay in. Its id is Stripe's idempotency key for all that follows. */
export async function claimTopUp(
  ctx: Context,
  asked: Received<typeof contract.createTopUp>['body'],
): Promise<{ topUpId: string }> {
  stripeOf(ctx)
  return inTransaction(ctx, async (tx) => {
    const organizationId = tenantOf(tx)
    const wallet = await queries.findActiveWallet(tx.db, organizationId)
    if (!wallet) throw notFound('wallet')
    if ((await queries.countPending(tx.db, organizationId)) >= MAX_OPEN)
      throw errors.tooManyOpenTopUps()
    const now = tx.now()
    const { id } = await queries.insertTopUp(tx.db, {
      organizationId,
      id: randomUUIDv7(),
      origin: 'checkout',
      amountCents: asked.amountCents,
      saveCard: asked.saveCard,
      currency: wallet.currency,
      createdByUserId: userIdOf(ctx),
      createdAt: now,
      expiresAt: new Date(now.getTime() + PAYABLE_MS),
    })
    return { topUpId: id }
  })
}

/** Asks Stripe for the page of a claimed top-up. Asked again, or by two at once, it is the same page. */
export async function openCheckout(
  ctx: Context,
  topUpId: string,
): Promise<z.output<typeof contract.topUp>> {
  const row = await getRow(ctx, topUpId)
  if (row.state !== 'pending' || row.stripeSessionId || !row.expiresAt) return shown(row)

  const { organizationId, amountCents, currency, saveCard, expiresAt } = row
  const console = `${ctx.publicWebUrl}/wallet?top-up=${topUpId}`
  const session = await stripeOf(ctx).openCheckout({
    organizationId,
    topUpId,
    stripeCustomerId: await customerOf(ctx),
    amountCents,
    currency,
    saveCard,
    expiresAt,
    successUrl: `${console}&paid=1`,
    cancelUrl: console,
  })
  await inTransaction(ctx, (tx) =>
    queries.setSession(tx.db, organizationId, topUpId, {
      stripeSessionId: session.stripeSessionId,
      checkoutUrl: session.url,
    }),
  )
  return getTopUp(ctx, topUpId)
}

export async function getTopUp(
  ctx: Context,
  topUpId: string,
): Promise<z.output<typeof contract.topUp>> {
  return shown(await getRow(ctx, topUpId))
}

/** Newest first. */
export async function listTopUps(
  ctx: Context,
  query: Received<typeof contract.listTopUps>['query'],
): Promise<Answer<typeof contract.listTopUps>> {
  const before = readCursor(query.cursor)
  const rows = await read(ctx, (db) =>
    queries.listTopUps(db, tenantOf(ctx), { limit: query.limit + 1, before }),
  )
  const page = pageOfRows(rows, query.limit, ({ createdAt, id }) => ({ at: createdAt, id }))
  return { ...page, items: page.items.map(shown) }
}

export function stripeOf(ctx: Context): StripeClient {
  const { stripe } = ctx.vendors
  if (!stripe) throw errors.paymentsOff()
  return stripe
}

/** The organization's customer at Stripe, made the first time somebody pays. */
async function customerOf(ctx: Context): Promise<string> {
  const organizationId = tenantOf(ctx)
  const known = await read(ctx, (db) => queries.findSettings(db, organizationId))
  if (known?.stripeCustomerId) return known.stripeCustomerId
  const made = await stripeOf(ctx).createCustomer({
    organizationId,
    idempotencyKey: `customer-${organizationId}`,
  })
  return inTransaction(ctx, async (tx) => {
    const settings = await queries.lockSettings(tx.db, organizationId)
    if (settings.stripeCustomerId) return settings.stripeCustomerId
    await queries.updateSettings(tx.db, organizationId, { stripeCustomerId: made })
    return made
  })
}

async function getRow(ctx: Context, topUpId: string): Promise<queries.TopUpRow> {
  const row = await read(ctx, (db) => queries.findTopUp(db, tenantOf(ctx), topUpId))
  if (!row) throw notFound('top-up')
  return row
}

/** What anybody outside may know of a row. */
function shown(row: queries.TopUpRow): z.output<typeof contract.topUp> {
  const { id, origin, state, amountCents, currency, receivedCents, failureCode } = row
  const { checkoutUrl, receiptUrl, createdAt, expiresAt, decidedAt } = row
  return {
    id,
    origin,
    state,
    amountCents,
    currency,
    receivedCents,
    failureCode,
    checkoutUrl,
    receiptUrl,
    createdAt,
    expiresAt,
    decidedAt,
  }
}
