import { randomUUIDv7 } from 'node:crypto'
import type { Answer, Received } from '#api/contract/endpoint.ts'
import type { Context, Tx } from '#api/core/context.ts'
import { actorIdOf, asPlatform, forOrganization, inTransaction, read } from '#api/core/context.ts'
import { effectiveFromOf } from '#api/core/effective.ts'
import { notFound } from '#api/core/errors.ts'
import { recordAudit, recordPlatformAudit } from '#api/domains/audit/service.ts'
import type * as contract from './contract.ts'
import * as errors from './errors.ts'
import * as queries from './queries.ts'

/** What an hour costs everybody without a price of their own. */
export async function listPrices(ctx: Context): Promise<Answer<typeof contract.listPrices>> {
  const items = await asPlatform(ctx, (tx) => queries.listPrices(tx.db, MAX_VERSIONS))
  const now = ctx.now()
  // An old price may still be in force behind many that are to come.
  const current =
    items.find(({ effectiveFrom }) => effectiveFrom <= now) ??
    (await asPlatform(ctx, (tx) => queries.findPrice(tx.db, now)))
  if (!current) throw errors.noPrice()
  return { currency: current.currency, current, items }
}

/** Adds a price that counts from `effectiveFrom`; running calls keep theirs. */
export async function changePrice(
  ctx: Context,
  asked: Received<typeof contract.changePrice>['body'],
): Promise<Answer<typeof contract.changePrice>> {
  return asPlatform(ctx, async (tx) => {
    await queries.lockPrices(tx.db, 'everybody')
    const effectiveFrom = effectiveFromOf(tx, asked.effectiveFrom)
    const before = await queries.findPrice(tx.db, effectiveFrom)
    const price = await queries.insertPrice(tx.db, { ...asked, ...stamped(tx), effectiveFrom })
    await recordPlatformAudit(tx, changeRecord(price, before))
    return price
  })
}

/** Prices of one organization alone, those that ended one included. */
export async function listOrganizationPrices(
  ctx: Context,
  organizationId: string,
): Promise<Answer<typeof contract.listOrganizationPrices>> {
  const items = await read(forOrganization(ctx, organizationId), async (db) => {
    if (!(await queries.findWallet(db, organizationId))) throw notFound('organization')
    return queries.listOrganizationPrices(db, organizationId, MAX_VERSIONS)
  })
  return { items }
}

/** Gives one organization a price of its own from `effectiveFrom` on, or with null everybody's again. */
export function changeOrganizationPrice(
  ctx: Context,
  organizationId: string,
  asked: Received<typeof contract.changeOrganizationPrice>['body'],
): Promise<Answer<typeof contract.changeOrganizationPrice>> {
  return inTransaction(forOrganization(ctx, organizationId), async (tx) => {
    if (!(await queries.findWallet(tx.db, organizationId))) throw notFound('organization')
    await queries.lockPrices(tx.db, organizationId)
    const effectiveFrom = effectiveFromOf(tx, asked.effectiveFrom)
    const before = await queries.findEffectivePrice(tx.db, organizationId, effectiveFrom)
    const price = await queries.insertOrganizationPrice(tx.db, {
      ...asked,
      ...stamped(tx),
      organizationId,
      // Where everybody's price counts, so does everybody's share.
      mockPricePercent: asked.pricePerHourCents === null ? null : asked.mockPricePercent,
      effectiveFrom,
    })
    await recordAudit(tx, changeRecord(price, before))
    return price
  })
}

/** What an hour costs that organization at that moment, and whether the price is its own. */
export async function getPriceOf(
  tx: Tx,
  organizationId: string,
  at: Date,
): Promise<{ pricePerHourCents: number; isOwn: boolean }> {
  const price = await queries.findEffectivePrice(tx.db, organizationId, at)
  if (!price) throw errors.noPrice()
  return price
}

const MAX_VERSIONS = 200 // rows of a list that people read; older ones stay in the audit

const stamped = (tx: Tx) => ({
  id: randomUUIDv7(),
  actorId: actorIdOf(tx.actor),
  createdAt: tx.now(),
})

type Amounts = { pricePerHourCents: number | null; mockPricePercent: number | null }

const changeRecord = (
  price: Amounts & { id: string; effectiveFrom: Date; reason: string },
  before: Amounts | undefined,
) => ({
  action: 'wallet.change-price',
  subject: price.id,
  ...(before && { before: amountsOf(before) }),
  after: {
    ...amountsOf(price),
    effectiveFrom: price.effectiveFrom.toISOString(),
    reason: price.reason,
  },
})

const amountsOf = ({ pricePerHourCents, mockPricePercent }: Amounts) => ({
  pricePerHourCents,
  mockPricePercent,
})
