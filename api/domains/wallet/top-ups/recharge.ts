import { randomUUIDv7 } from 'node:crypto'
import type { z } from 'zod'
import type { Received } from '#api/contract/endpoint.ts'
import type { Context, Tx } from '#api/core/context.ts'
import { forOrganization, inTransaction, read, tenantOf } from '#api/core/context.ts'
import { VendorError } from '#api/core/errors.ts'
import type { CardCharge, StripePayment } from '#api/core/vendors.ts'
import { recordAudit } from '#api/domains/audit/service.ts'
import type * as contract from '../contract.ts'
import * as errors from '../errors.ts'
import { paymentTroubled, rechargeDue } from '../events.ts'
import { applyPayment, type Outcome, refuse } from './credit.ts'
import { stripeOf } from './open.ts'
import * as queries from './queries.ts'

// Stripe keeps an idempotency key for a day at least; an older charge is looked for instead of asked again.
const SURE_KEY_MS = 20 * 3_600_000

/**
 * Charges the saved card where too little money is available, at most once at a time and within the month's bound.
 * A charge that was begun and whose end nobody noted is carried on under its own key: it cannot be made twice.
 */
export async function recharge(ctx: Context, organizationId: string): Promise<Outcome | 'not due'> {
  const own = forOrganization(ctx, organizationId)
  if (!own.vendors.stripe) return 'not due'
  const claimed = await inTransaction(own, (tx) => claim(tx, organizationId))
  if (!claimed) return 'not due'
  const { charge, createdAt } = claimed
  const place = { organizationId, id: charge.topUpId }
  const isSure = own.now().getTime() - createdAt.getTime() < SURE_KEY_MS
  const payment = isSure ? await chargeCard(own, charge) : await findCharge(own, charge, createdAt)
  if (typeof payment === 'string') return refuse(own, place, payment)
  return applyPayment(own, place, payment)
}

/** How the organization is charged by itself. */
export function getAutoRecharge(ctx: Context): Promise<z.output<typeof contract.autoRecharge>> {
  const organizationId = tenantOf(ctx)
  return read(ctx, async (db) => {
    const settings = await queries.findSettings(db, organizationId)
    const charged = await queries.sumRecharges(db, organizationId, startOfMonth(ctx.now()))
    return shown(settings, charged)
  })
}

/** Sets it. Switched on again, it forgets what stood against it. */
export function changeAutoRecharge(
  ctx: Context,
  change: Received<typeof contract.changeAutoRecharge>['body'],
): Promise<z.output<typeof contract.autoRecharge>> {
  return inTransaction(ctx, async (tx) => {
    const organizationId = tenantOf(tx)
    const before = await queries.lockSettings(tx.db, organizationId)
    if (change.enabled && !before.stripePaymentMethodId) throw errors.noSavedCard()
    await queries.updateSettings(tx.db, organizationId, {
      ...(change.thresholdCents !== undefined && { autoThresholdCents: change.thresholdCents }),
      ...(change.amountCents !== undefined && { autoAmountCents: change.amountCents }),
      ...(change.monthlyCapCents !== undefined && { autoMonthlyCapCents: change.monthlyCapCents }),
      ...(change.enabled !== undefined && { autoEnabled: change.enabled }),
      ...(change.enabled && { autoFailures: 0, autoPausedReason: null }),
      // A higher bound counts at once.
      ...((change.enabled || change.monthlyCapCents !== undefined) && { autoNextTryAt: null }),
      updatedAt: tx.now(),
    })
    const after = await getAutoRecharge(tx)
    await recordAudit(tx, {
      action: 'wallet.change-auto-recharge',
      subject: organizationId,
      before: boundsOf(shown(before, 0)),
      after: boundsOf(after),
    })
    if (after.enabled) await tx.emit(rechargeDue, { organizationId })
    return after
  })
}

type Claimed = { charge: CardCharge; createdAt: Date }

/** One row stands for one charge; it is there before Stripe is asked. */
async function claim(tx: Tx, organizationId: string): Promise<Claimed | null> {
  const settings = await queries.lockSettings(tx.db, organizationId)
  const begun = await queries.findPendingRecharge(tx.db, organizationId)
  if (begun) return chargeOf(settings, begun)

  const wallet = await queries.findActiveWallet(tx.db, organizationId)
  if (!wallet || !isDue(settings, wallet.availableCents, tx.now())) return null
  const charged = await queries.sumRecharges(tx.db, organizationId, startOfMonth(tx.now()))
  if (charged + settings.autoAmountCents > settings.autoMonthlyCapCents) {
    await queries.updateSettings(tx.db, organizationId, {
      autoNextTryAt: startOfNextMonth(tx.now()),
      updatedAt: tx.now(),
    })
    await tx.emit(paymentTroubled, { organizationId, trouble: 'monthly_cap' })
    return null
  }
  const row = await queries.insertTopUp(tx.db, {
    organizationId,
    id: randomUUIDv7(),
    origin: 'auto_recharge',
    amountCents: settings.autoAmountCents,
    currency: wallet.currency,
    stripePaymentMethodId: settings.stripePaymentMethodId,
    createdAt: tx.now(),
  })
  return chargeOf(settings, row)
}

function isDue(settings: queries.SettingsRow, availableCents: number, now: Date): boolean {
  const { autoEnabled, autoPausedReason, autoNextTryAt, autoThresholdCents } = settings
  if (!autoEnabled || autoPausedReason) return false
  if (!settings.stripeCustomerId || !settings.stripePaymentMethodId) return false
  if (autoNextTryAt && autoNextTryAt > now) return false
  return availableCents < autoThresholdCents
}

function chargeOf(settings: queries.SettingsRow, row: queries.TopUpRow): Claimed {
  return {
    createdAt: row.createdAt,
    charge: {
      organizationId: row.organizationId,
      topUpId: row.id,
      stripeCustomerId: settings.stripeCustomerId ?? '',
      stripePaymentMethodId: row.stripePaymentMethodId ?? '',
      amountCents: row.amountCents,
      currency: row.currency,
    },
  }
}

/** The payment, or why Stripe will never make it: a card that was taken away, a customer that is gone. */
async function chargeCard(own: Context, charge: CardCharge): Promise<StripePayment | string> {
  try {
    return await stripeOf(own).chargeSavedCard(charge)
  } catch (error) {
    const isRefused = error instanceof VendorError && (error.status === 400 || error.status === 404)
    if (isRefused) return 'card_unusable'
    throw error
  }
}

async function findCharge(
  own: Context,
  { stripeCustomerId, topUpId }: CardCharge,
  createdAt: Date,
): Promise<StripePayment | string> {
  const found = await stripeOf(own).listPayments(stripeCustomerId, createdAt)
  return found.find((payment) => payment.topUpId === topUpId) ?? 'never_charged'
}

const startOfMonth = (now: Date): Date =>
  new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth()))
const startOfNextMonth = (now: Date): Date =>
  new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1))

// What the columns default to, for an organization that never paid by card.
const usual = { autoThresholdCents: 1_000, autoAmountCents: 5_000, autoMonthlyCapCents: 50_000 }
const pausedReasons = ['declined', 'authentication_required', 'dispute'] as const

function shown(
  settings: queries.SettingsRow | undefined,
  chargedThisMonthCents: number,
): z.output<typeof contract.autoRecharge> {
  const { autoThresholdCents, autoAmountCents, autoMonthlyCapCents } = settings ?? usual
  const { cardBrand, cardLastFour, cardExpires } = settings ?? {}
  return {
    enabled: settings?.autoEnabled ?? false,
    thresholdCents: autoThresholdCents,
    amountCents: autoAmountCents,
    monthlyCapCents: autoMonthlyCapCents,
    chargedThisMonthCents,
    card:
      cardBrand && cardLastFour && cardExpires
        ? { brand: cardBrand, lastFour: cardLastFour, expires: cardExpires }
        : null,
    pausedReason: pausedReasons.find((known) => known === settings?.autoPausedReason) ?? null,
    nextTryAt: settings?.autoNextTryAt ?? null,
  }
}

const boundsOf = (shownNow: z.output<typeof contract.autoRecharge>) => {
  const { enabled, thresholdCents, amountCents, monthlyCapCents } = shownNow
  return { enabled, thresholdCents, amountCents, monthlyCapCents }
}
