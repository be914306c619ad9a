import type { Context, Tx } from '#api/core/context.ts'
import { asPlatform, forOrganization, inTransaction, read } from '#api/core/context.ts'
import type { StripePayment } from '#api/core/vendors.ts'
import { paymentTroubled } from '../events.ts'
import { post } from '../queries.ts'
import { openCheckout, stripeOf } from './open.ts'
import * as queries from './queries.ts'

export type Outcome =
  | 'credited'
  | 'again'
  | 'waiting'
  | 'refused'
  | 'expired'
  | 'canceled'
  | 'unknown to stripe'
  | 'not ours'
  | 'other currency'

/**
 * Does what a checkout session asks for by now. What Stripe says at this moment counts, not what a delivery said,
 * so it may be asked in any order, twice, or by two at once.
 */
export async function followCheckout(ctx: Context, stripeSessionId: string): Promise<Outcome> {
  const stripe = stripeOf(ctx)
  const session = await stripe.findCheckout(stripeSessionId)
  if (!session) return 'unknown to stripe'
  const place = await findPlace(ctx, { stripeSessionId }, session.topUpId)
  if (!place) return notOurs(ctx, { stripeSessionId })
  const own = forOrganization(ctx, place.organizationId)
  const row = await keepSession(own, place, session)
  // The organization is the one of our own record, and the record names one session (THREATS T12).
  if (row.stripeSessionId !== stripeSessionId) return notOurs(ctx, { stripeSessionId })
  if (session.status === 'expired') return end(own, place, 'expired')
  if (!session.stripePaymentIntentId) return 'waiting'
  const payment = await stripe.findPayment(session.stripePaymentIntentId)
  return payment ? applyPayment(own, place, payment) : 'unknown to stripe'
}

/** The same by a payment: of a session, or of a card that was charged by itself. */
export async function followPayment(ctx: Context, stripePaymentIntentId: string): Promise<Outcome> {
  const stripe = stripeOf(ctx)
  const payment = await stripe.findPayment(stripePaymentIntentId)
  if (!payment) return 'unknown to stripe'
  const place = await findPlace(ctx, { stripePaymentIntentId }, payment.topUpId)
  if (!place) return notOurs(ctx, { stripePaymentIntentId })
  const own = forOrganization(ctx, place.organizationId)
  if (!(await belongsTo(own, place, payment))) return notOurs(ctx, { stripePaymentIntentId })
  return applyPayment(own, place, payment)
}

/** Credits a payment that succeeded, once; ends or keeps waiting what did not. */
export async function applyPayment(
  own: Context,
  place: queries.Place,
  payment: StripePayment,
): Promise<Outcome> {
  switch (payment.status) {
    case 'succeeded':
      return credit(own, place, payment)
    case 'failed':
      return refuse(own, place, payment.failureCode ?? 'unknown')
    case 'canceled':
      return end(own, place, 'canceled')
    case 'open':
      return 'waiting'
  }
}

/**
 * A card was refused. In a hosted page its owner tries another one; charged by itself, the attempt is over, the next
 * waits longer, and an admin is told.
 */
export function refuse(own: Context, place: queries.Place, failureCode: string): Promise<Outcome> {
  const { organizationId, id } = place
  return inTransaction(own, async (tx): Promise<Outcome> => {
    const settings = await queries.lockSettings(tx.db, organizationId)
    const row = await queries.lockTopUp(tx.db, organizationId, id)
    if (row.origin === 'checkout') {
      await queries.noteRefusal(tx.db, organizationId, id, failureCode)
      return 'refused'
    }
    const decidedAt = tx.now()
    const ended = { state: 'failed', failureCode, decidedAt } as const
    if (!(await queries.setUnpaid(tx.db, organizationId, id, ended))) return 'again'
    await backOff(tx, settings, failureCode)
    return 'refused'
  })
}

const MAX_FAILURES = 3 // then a person has to look at the card
const FIRST_PAUSE_MS = 3_600_000 // a card that was refused is asked again after 1, 4 hours

async function backOff(tx: Tx, settings: queries.SettingsRow, failureCode: string): Promise<void> {
  const { organizationId } = settings
  const failures = settings.autoFailures + 1
  const trouble = failureCode === 'authentication_required' ? 'authentication_required' : 'declined'
  // Only its owner can prove who they are, so asking again without them is of no use.
  const isOver = trouble === 'authentication_required' || failures >= MAX_FAILURES
  await queries.updateSettings(tx.db, organizationId, {
    autoFailures: failures,
    autoNextTryAt: new Date(tx.now().getTime() + FIRST_PAUSE_MS * 4 ** (failures - 1)),
    ...(isOver && { autoPausedReason: trouble }),
    updatedAt: tx.now(),
  })
  await tx.emit(paymentTroubled, { organizationId, trouble })
}

function credit(own: Context, place: queries.Place, payment: StripePayment): Promise<Outcome> {
  const { organizationId, id } = place
  const { stripePaymentIntentId, receivedCents, receiptUrl } = payment
  return inTransaction(own, async (tx): Promise<Outcome> => {
    const settings = await queries.lockSettings(tx.db, organizationId)
    const row = await queries.lockTopUp(tx.db, organizationId, id)
    if (row.state === 'paid' && row.stripePaymentIntentId === stripePaymentIntentId) return 'again'
    if (payment.currency !== row.currency || row.state === 'paid' || receivedCents <= 0) {
      // Money that came otherwise than it was asked for: a person decides what becomes of it.
      own.log.error(
        { alert: 'payment.unexpected', topUpId: id, stripePaymentIntentId },
        'a payment does not fit its top-up',
      )
      return payment.currency === row.currency ? 'not ours' : 'other currency'
    }
    const result = await post(tx.db, organizationId, {
      kind: 'top_up',
      amountCents: receivedCents,
      businessKey: `pi:${stripePaymentIntentId}`,
      actorId: 'stripe',
      explanation: { topUpId: id, origin: row.origin, stripePaymentIntentId },
    })
    if (result.status !== 'ok') throw new Error(`a payment was posted before: ${result.status}`)
    const decidedAt = tx.now()
    await queries.setPaid(tx.db, organizationId, id, {
      stripePaymentIntentId,
      receivedCents,
      receiptUrl,
      decidedAt,
    })
    await keepCard(tx, settings, row, payment)
    return 'credited'
  })
}

/** A card that has just paid is a good one: what stood against charging it by itself is over. */
async function keepCard(
  tx: Tx,
  settings: queries.SettingsRow,
  row: queries.TopUpRow,
  payment: StripePayment,
): Promise<void> {
  const isNew = row.origin === 'checkout' && row.saveCard && payment.savedCard
  if (!isNew && row.origin === 'checkout') return
  const mayResume = settings.autoPausedReason !== 'dispute'
  await queries.updateSettings(tx.db, settings.organizationId, {
    ...(isNew && queries.cardOf(isNew)),
    autoFailures: 0,
    autoNextTryAt: null,
    ...(mayResume && { autoPausedReason: null }),
    updatedAt: tx.now(),
  })
}

export async function end(
  own: Context,
  { organizationId, id }: queries.Place,
  state: 'expired' | 'canceled',
): Promise<Outcome> {
  const isEnded = await inTransaction(own, (tx) =>
    queries.setUnpaid(tx.db, organizationId, id, { state, decidedAt: tx.now() }),
  )
  return isEnded ? state : 'again'
}

/** A page whose answer was lost is known now, by the id that we gave it. */
async function keepSession(
  own: Context,
  { organizationId, id }: queries.Place,
  session: { stripeSessionId: string; url: string | null },
): Promise<queries.TopUpRow> {
  return inTransaction(own, async (tx) => {
    await queries.setSession(tx.db, organizationId, id, {
      stripeSessionId: session.stripeSessionId,
      checkoutUrl: session.url,
    })
    return queries.lockTopUp(tx.db, organizationId, id)
  })
}

/**
 * A payment's metadata only says where to look: the page we opened must have led to this very payment, or our own
 * customer's card must have been charged.
 */
async function belongsTo(
  own: Context,
  { organizationId, id }: queries.Place,
  payment: StripePayment,
): Promise<boolean> {
  const row = await read(own, (db) => queries.findTopUp(db, organizationId, id))
  if (!row) return false
  if (row.stripePaymentIntentId) return row.stripePaymentIntentId === payment.stripePaymentIntentId
  if (row.origin === 'auto_recharge') {
    const settings = await read(own, (db) => queries.findSettings(db, organizationId))
    return settings?.stripeCustomerId === payment.stripeCustomerId
  }
  if (!row.stripeSessionId) await openCheckout(own, id)
  const opened = await read(own, (db) => queries.findTopUp(db, organizationId, id))
  if (!opened?.stripeSessionId) return false
  const session = await stripeOf(own).findCheckout(opened.stripeSessionId)
  return session?.stripePaymentIntentId === payment.stripePaymentIntentId
}

/** Where our record stands: under Stripe's id, or, while that was never noted, under the id we gave along. */
function findPlace(
  ctx: Context,
  known: Parameters<typeof queries.findPlace>[1],
  topUpId: string | null,
): Promise<queries.Place | undefined> {
  return asPlatform(ctx, async (tx) => {
    const noted = await queries.findPlace(tx.db, known)
    if (noted || !topUpId || !isUuid(topUpId)) return noted
    return queries.findPlace(tx.db, { id: topUpId })
  })
}

function notOurs(ctx: Context, ids: Record<string, string>): 'not ours' {
  ctx.log.warn({ alert: 'webhook.not_ours', ...ids }, 'Stripe told of a payment we did not ask for')
  return 'not ours'
}

const isUuid = (text: string): boolean => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)
