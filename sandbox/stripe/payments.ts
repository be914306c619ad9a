import type Stripe from 'stripe'
import { declineMessage } from './cards.ts'
import { emit } from './events.ts'
import { newId } from './ids.ts'
import { makeCharge } from './objects.ts'
import { invalid, Refusal, unexpectedState } from './refusals.ts'
import type { Origin, World } from './world.ts'

type Attempt = {
  offSession: boolean
  /** The owner has just proved who they are. */
  authenticated?: boolean
  returnUrl?: string | undefined
  origin?: Origin | undefined
}

/**
 * Tries to take the money: the intent succeeds, asks for its owner, or throws the decline that Stripe answers with
 * 402. What happened is told by events either way.
 */
export function confirmPayment(
  world: World,
  intent: Stripe.PaymentIntent,
  method: Stripe.PaymentMethod,
  attempt: Attempt,
): Stripe.PaymentIntent {
  const { origin } = attempt
  checkConfirmable(intent)
  checkOwner(world, intent, method)
  const behaviour = world.store.tables.behaviours.get(method.id) ?? {}
  intent.payment_method = method.id
  intent.last_payment_error = null
  intent.next_action = null

  if (behaviour.decline) throw decline(world, intent, method, behaviour.decline, origin)
  if (needsOwner(behaviour, intent) && !attempt.authenticated) {
    if (attempt.offSession) throw decline(world, intent, method, 'authentication_required', origin)
    intent.status = 'requires_action'
    intent.next_action = nextAction(world, intent, attempt.returnUrl)
    emit(world, 'payment_intent.requires_action', intent, origin)
    return intent
  }

  const charge = makeCharge(world, intent, method)
  Object.assign(charge, {
    amount_captured: charge.amount,
    balance_transaction: newId('txn'),
    captured: true,
    outcome: approved,
    paid: true,
    status: 'succeeded',
  })
  intent.latest_charge = charge.id
  intent.amount_received = intent.amount
  intent.status = 'succeeded'
  saveForLater(world, intent, method, origin)
  emit(world, 'charge.succeeded', charge, origin)
  emit(world, 'payment_intent.succeeded', intent, origin)
  return intent
}

/** The owner did not prove who they are: the payment needs another card or another try. */
export function failAuthentication(
  world: World,
  intent: Stripe.PaymentIntent,
  method: Stripe.PaymentMethod,
): void {
  intent.status = 'requires_payment_method'
  intent.next_action = null
  intent.payment_method = null
  intent.last_payment_error = {
    type: 'invalid_request_error',
    code: 'payment_intent_authentication_failure',
    doc_url: 'https://docs.stripe.com/error-codes/payment-intent-authentication-failure',
    message:
      'The provided PaymentMethod has failed authentication. You can provide payment_method_data or a new PaymentMethod to attempt to fulfill this PaymentIntent again.',
    payment_method: structuredClone(method),
  }
  emit(world, 'payment_intent.payment_failed', intent)
}

export function attach(
  world: World,
  method: Stripe.PaymentMethod,
  customerId: string,
  origin?: Origin,
): void {
  if (method.customer === customerId) return
  method.customer = customerId
  emit(world, 'payment_method.attached', method, origin)
}

/** A method that was used once without a customer, or taken away from one, is spent. */
export function checkReusable(world: World, method: Stripe.PaymentMethod): void {
  if (!world.store.tables.behaviours.get(method.id)?.isSpent) return
  throw invalid(
    'The provided PaymentMethod was previously used with a PaymentIntent without Customer attachment, shared with a connected account without Customer attachment, or was detached from a Customer. It may not be used again. To use a PaymentMethod multiple times, you must attach it to a Customer first.',
    'payment_method',
  )
}

const approved = {
  advice_code: null,
  network_advice_code: null,
  network_decline_code: null,
  network_status: 'approved_by_network',
  reason: null,
  risk_level: 'normal',
  seller_message: 'Payment complete.',
  type: 'authorized',
}

function checkConfirmable(intent: Stripe.PaymentIntent): void {
  const { status } = intent
  if (status === 'succeeded')
    throw unexpectedState(
      'You cannot confirm this PaymentIntent because it has already succeeded after being previously confirmed.',
      intent,
    )
  if (status === 'canceled')
    throw unexpectedState(
      "This PaymentIntent's status is canceled, but must be one of the following: requires_payment_method, requires_confirmation, requires_action.",
      intent,
    )
}

function checkOwner(
  world: World,
  intent: Stripe.PaymentIntent,
  method: Stripe.PaymentMethod,
): void {
  checkReusable(world, method)
  if (method.customer && !intent.customer)
    throw invalid(
      'The payment method you provided is attached to a customer so for security purposes you must provide the customer in the request.',
      'payment_method',
    )
  if (method.customer && method.customer !== intent.customer)
    throw invalid(
      `The customer does not have a payment method with the ID ${method.id}. The payment method must be attached to the customer.`,
      'payment_method',
      'resource_missing',
    )
}

type Behaviour = NonNullable<ReturnType<World['store']['tables']['behaviours']['get']>>

function needsOwner(behaviour: Behaviour, intent: Stripe.PaymentIntent): boolean {
  if (behaviour.authenticate === 'always') return true
  if (behaviour.authenticate !== 'unless_set_up') return false
  return !behaviour.isSetUp || intent.setup_future_usage === 'off_session'
}

function nextAction(
  world: World,
  intent: Stripe.PaymentIntent,
  returnUrl: string | undefined,
): Stripe.PaymentIntent.NextAction {
  if (!returnUrl) return { type: 'use_stripe_sdk', use_stripe_sdk: {} }
  const url = `${world.origin()}/authenticate/${intent.id}`
  return { type: 'redirect_to_url', redirect_to_url: { return_url: returnUrl, url } }
}

function saveForLater(
  world: World,
  intent: Stripe.PaymentIntent,
  method: Stripe.PaymentMethod,
  origin: Origin | undefined,
): void {
  const behaviour = world.store.tables.behaviours.get(method.id)
  if (!behaviour) return
  if (intent.setup_future_usage === 'off_session') behaviour.isSetUp = true
  if (intent.setup_future_usage && typeof intent.customer === 'string')
    attach(world, method, intent.customer, origin)
  else if (!method.customer) behaviour.isSpent = true
}

function decline(
  world: World,
  intent: Stripe.PaymentIntent,
  method: Stripe.PaymentMethod,
  declineCode: string,
  origin: Origin | undefined,
): Refusal {
  const { code, message } = declineMessage(declineCode)
  const charge = makeCharge(world, intent, method)
  Object.assign(charge, {
    failure_code: code,
    failure_message: message,
    outcome: {
      ...approved,
      network_status: 'declined_by_network',
      reason: declineCode,
      seller_message: 'The bank did not return any further details with this decline.',
      type: 'issuer_declined',
    },
    status: 'failed',
  })
  const error = {
    type: 'card_error' as const,
    code,
    decline_code: declineCode,
    doc_url: `https://docs.stripe.com/error-codes/${code.replaceAll('_', '-')}`,
    message,
    charge: charge.id,
    payment_method: structuredClone(method),
  }
  intent.latest_charge = charge.id
  intent.status = 'requires_payment_method'
  intent.payment_method = null
  intent.last_payment_error = error
  emit(world, 'charge.failed', charge, origin)
  emit(world, 'payment_intent.payment_failed', intent, origin)
  return new Refusal(402, { ...error, payment_intent: structuredClone(intent) })
}
