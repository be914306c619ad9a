import type { z } from 'zod'
import type { Context } from '#api/core/context.ts'
import { read, tenantOf } from '#api/core/context.ts'
import { notFound } from '#api/core/errors.ts'
import { currentSettings } from '#api/domains/system/service.ts'
import type * as contract from './contract.ts'
import * as errors from './errors.ts'
import { costCents, minutesLeft, usedPercent } from './pricing.ts'
import * as queries from './queries.ts'

/** Balance, holds and the price of an hour now. */
export async function getWallet(ctx: Context): Promise<z.output<typeof contract.wallet>> {
  return read(ctx, async (db) => {
    const row = await queries.findWallet(db, tenantOf(ctx))
    if (!row) throw notFound('wallet')
    const price = await queries.findEffectivePrice(db, tenantOf(ctx), ctx.now())
    if (!price) throw errors.noPrice()
    const running = await queries.sumRunningPrices(db, tenantOf(ctx))
    const burnCentsPerHour = running > 0 ? running : price.pricePerHourCents
    const availableCents = row.balanceCents - row.heldCents
    return {
      currency: row.currency,
      balanceCents: row.balanceCents,
      heldCents: row.heldCents,
      availableCents,
      usedPercent: usedPercent(row.basisCents, row.balanceCents),
      pricePerHourCents: price.pricePerHourCents,
      deficitCents: row.deficitCents,
      burnCentsPerHour,
      minutesLeft: minutesLeft(availableCents, burnCentsPerHour),
      updatedAt: row.updatedAt,
    }
  })
}

/** Whether a call could start now, for people who may not see amounts. */
export async function getWalletStatus(
  ctx: Context,
): Promise<z.output<typeof contract.walletStatus>> {
  const settings = await currentSettings(ctx)
  return read(ctx, async (db) => {
    const row = await queries.findWallet(db, tenantOf(ctx))
    if (!row) throw notFound('wallet')
    const price = await queries.findEffectivePrice(db, tenantOf(ctx), ctx.now())
    if (!price) throw errors.noPrice()
    const needed = costCents(price.pricePerHourCents, settings.minimumSliceSeconds)
    if (row.deficitCents > 0 || row.balanceCents - row.heldCents < needed)
      return { status: 'exhausted' }
    const used = usedPercent(row.basisCents, row.balanceCents)
    return { status: used >= LOW_PERCENT ? 'low' : 'available' }
  })
}

const LOW_PERCENT = 80 // the first of the two shares that the database announces (THREATS F22)
