import type { FastifyInstance } from 'fastify'
import type Stripe from 'stripe'
import { z } from 'zod'
import { operation } from '../api.ts'
import { emit } from '../events.ts'
import { createdRange, expand, integer, metadata, paging, text } from '../form.ts'
import { isCreatedWithin, listOf } from '../lists.ts'
import { makeDispute, makeRefund } from '../objects.ts'
import { invalid, noSuch } from '../refusals.ts'
import type { World } from '../world.ts'
import { withoutEmpty } from './customers.ts'
import { getCharge, getIntent } from './lookups.ts'

const refunding = z.strictObject({
  amount: integer.optional(),
  charge: text.optional(),
  metadata: metadata.optional(),
  payment_intent: text.optional(),
  reason: z.enum(['duplicate', 'fraudulent', 'requested_by_customer']).optional(),
  expand,
})
const nothing = z.strictObject({ expand })
const ofPayment = z.strictObject({
  ...paging,
  charge: text.optional(),
  created: createdRange,
  payment_intent: text.optional(),
})

export function moneyBackRoutes(app: FastifyInstance, world: World): void {
  const { charges, refunds, disputes } = world.store.tables

  operation(app, world, 'GET', '/v1/charges/:id', nothing, ({ id }) => getCharge(world, id))

  operation(app, world, 'POST', '/v1/refunds', refunding, (given) => {
    const charge = chargeToRefund(world, given)
    const left = charge.amount_captured - charge.amount_refunded
    const amount = given.amount ?? left
    if (charge.disputed)
      throw invalid(
        `Charge ${charge.id} has been charged back; cannot issue a refund.`,
        undefined,
        'charge_disputed',
      )
    if (left === 0)
      throw invalid(
        `Charge ${charge.id} has already been refunded.`,
        undefined,
        'charge_already_refunded',
      )
    if (amount < 1) throw invalid('Invalid positive integer', 'amount', 'parameter_invalid_integer')
    if (amount > left)
      throw invalid(
        `Refund amount (${amount}) is greater than unrefunded amount on charge (${left})`,
        'amount',
      )
    const before = charge.amount_refunded
    const refund = makeRefund(world, charge, {
      amount,
      metadata: withoutEmpty(given.metadata ?? {}),
      reason: given.reason ?? null,
    })
    charge.amount_refunded += amount
    charge.refunded = charge.amount_refunded === charge.amount_captured
    emit(world, 'refund.created', refund, given.origin)
    emit(world, 'charge.refunded', charge, given.origin, { amount_refunded: before })
    return refund
  })

  operation(app, world, 'GET', '/v1/refunds/:id', nothing, ({ id }) => {
    const found = refunds.get(id)
    if (!found) throw noSuch('refund', id)
    return found
  })
  operation(app, world, 'GET', '/v1/refunds', ofPayment, (given) =>
    listOf('/v1/refunds', [...refunds.values()].filter(isOf(given)), given),
  )

  operation(app, world, 'GET', '/v1/disputes/:id', nothing, ({ id }) => {
    const found = disputes.get(id)
    if (!found) throw noSuch('dispute', id)
    return found
  })
  operation(app, world, 'GET', '/v1/disputes', ofPayment, (given) =>
    listOf('/v1/disputes', [...disputes.values()].filter(isOf(given)), given),
  )

  function chargeToRefund(at: World, given: z.output<typeof refunding>): Stripe.Charge {
    if (given.charge) return getCharge(at, given.charge, { param: 'charge' })
    if (!given.payment_intent)
      throw invalid(
        'One of the following params should be provided for this request: payment_intent or charge.',
      )
    const intent = getIntent(at, given.payment_intent, { param: 'payment_intent' })
    const charge =
      typeof intent.latest_charge === 'string' ? charges.get(intent.latest_charge) : undefined
    if (charge?.paid) return charge
    throw invalid(
      `This PaymentIntent (${intent.id}) does not have a successful charge to refund.`,
      'payment_intent',
    )
  }
}

/** The bank did not take a refund: its money comes back. */
export function failRefund(world: World, id: string): void {
  const refund = world.store.tables.refunds.get(id)
  if (!refund) throw noSuch('refund', id)
  refund.status = 'failed'
  refund.failure_reason = 'expired_or_canceled_card'
  const charge = typeof refund.charge === 'string' && world.store.tables.charges.get(refund.charge)
  if (charge) {
    charge.amount_refunded -= refund.amount
    charge.refunded = false
  }
  emit(world, 'refund.updated', refund)
  emit(world, 'refund.failed', refund)
  world.store.save()
}

/** A cardholder contests a payment at the bank. */
export function openDispute(
  world: World,
  paymentIntentId: string,
  given: { amount?: number | undefined; reason?: string; isInquiry?: boolean } = {},
): Stripe.Dispute {
  const intent = getIntent(world, paymentIntentId)
  const charge = getCharge(world, String(intent.latest_charge))
  if (!charge.paid) throw invalid(`Charge ${charge.id} was never paid.`)
  if (charge.disputed) throw invalid(`Charge ${charge.id} is disputed already.`)
  charge.disputed = true
  const dispute = makeDispute(world, charge, {
    amount: given.amount ?? charge.amount,
    reason: given.reason ?? 'fraudulent',
    status: given.isInquiry ? 'warning_needs_response' : 'needs_response',
  })
  emit(world, 'charge.dispute.created', dispute)
  if (!given.isInquiry) emit(world, 'charge.dispute.funds_withdrawn', dispute)
  world.store.save()
  return dispute
}

/** The bank decides; an inquiry closes without money having moved. */
export function closeDispute(world: World, id: string, outcome: 'won' | 'lost'): Stripe.Dispute {
  const dispute = world.store.tables.disputes.get(id)
  if (!dispute) throw noSuch('dispute', id)
  const wasInquiry = dispute.status.startsWith('warning')
  dispute.status = wasInquiry && outcome === 'won' ? 'warning_closed' : outcome
  emit(world, 'charge.dispute.closed', dispute)
  if (dispute.status === 'won') emit(world, 'charge.dispute.funds_reinstated', dispute)
  if (wasInquiry && outcome === 'lost') emit(world, 'charge.dispute.funds_withdrawn', dispute)
  world.store.save()
  return dispute
}

type OfPayment = z.output<typeof ofPayment>

const isOf =
  ({ charge, created, payment_intent: intent }: OfPayment) =>
  (one: { charge: unknown; payment_intent: unknown; created: number }): boolean =>
    (charge === undefined || one.charge === charge) &&
    (intent === undefined || one.payment_intent === intent) &&
    isCreatedWithin(one.created, created)
