import type { FastifyInstance } from 'fastify'
import type Stripe from 'stripe'
import { z } from 'zod'
import { operation } from '../api.ts'
import { declineMessage } from '../cards.ts'
import { checkAmount, checkCurrency } from '../currencies.ts'
import { emit } from '../events.ts'
import { createdRange, expand, flag, integer, metadata, paging, text, webAddress } from '../form.ts'
import { isCreatedWithin, listOf } from '../lists.ts'
import { makePaymentIntent, makeSetupIntent } from '../objects.ts'
import { attach, confirmPayment } from '../payments.ts'
import { invalid, Refusal, unexpectedState } from '../refusals.ts'
import { type Origin, seconds, type World } from '../world.ts'
import { withoutEmpty } from './customers.ts'
import { getCustomer, getIntent, getPaymentMethod, getSetupIntent } from './lookups.ts'

const automatic = z
  .strictObject({ enabled: flag, allow_redirects: z.enum(['always', 'never']).optional() })
  .optional()
// It took the place of `payment_method_types`, which this version of the API does not know any more.
export const allowedTypes = z.array(z.enum(['card'])).optional()
const creating = z.strictObject({
  allowed_payment_method_types: allowedTypes,
  amount: integer,
  automatic_payment_methods: automatic,
  confirm: flag.optional(),
  currency: text,
  customer: text.optional(),
  description: text.optional(),
  error_on_requires_action: flag.optional(),
  metadata: metadata.optional(),
  off_session: flag.optional(),
  payment_method: text.optional(),
  receipt_email: text.optional(),
  return_url: webAddress.optional(),
  setup_future_usage: z.enum(['off_session', 'on_session']).optional(),
  expand,
})
const confirming = z.strictObject({
  off_session: flag.optional(),
  payment_method: text.optional(),
  return_url: webAddress.optional(),
  expand,
})
const nothing = z.strictObject({ expand })
const canceling = z.strictObject({
  cancellation_reason: z
    .enum(['abandoned', 'duplicate', 'fraudulent', 'requested_by_customer'])
    .optional(),
  expand,
})

export function paymentIntentRoutes(app: FastifyInstance, world: World): void {
  operation(app, world, 'POST', '/v1/payment_intents', creating, (given) => {
    checkCurrency(given.currency)
    checkAmount(given.amount, given.currency)
    if (given.customer) getCustomer(world, given.customer, { param: 'customer' })
    checkTogether(given)
    const method = given.payment_method
      ? getPaymentMethod(world, given.payment_method, { param: 'payment_method' })
      : undefined
    const intent = makePaymentIntent(world, {
      amount: given.amount,
      allowedTypes: given.allowed_payment_method_types ?? null,
      automatic: given.automatic_payment_methods?.enabled ?? true,
      currency: given.currency,
      customer: given.customer ?? null,
      description: given.description ?? null,
      metadata: withoutEmpty(given.metadata ?? {}),
      receiptEmail: given.receipt_email ?? null,
      setupFutureUsage: given.setup_future_usage ?? null,
    })
    emit(world, 'payment_intent.created', intent, given.origin)
    if (!method) return intent
    if (given.confirm)
      return confirmPayment(world, intent, method, {
        offSession: given.off_session ?? false,
        origin: given.origin,
        returnUrl: given.return_url,
      })
    intent.payment_method = method.id
    intent.status = 'requires_confirmation'
    return intent
  })

  operation(app, world, 'GET', '/v1/payment_intents/:id', nothing, ({ id }) => getIntent(world, id))

  const listing = z.strictObject({ ...paging, customer: text.optional(), created: createdRange })
  operation(app, world, 'GET', '/v1/payment_intents', listing, (given) => {
    const rows = [...world.store.tables.paymentIntents.values()].filter(
      (one) =>
        (given.customer === undefined || one.customer === given.customer) &&
        isCreatedWithin(one.created, given.created),
    )
    return listOf('/v1/payment_intents', rows, given)
  })

  operation(app, world, 'POST', '/v1/payment_intents/:id/confirm', confirming, (given) => {
    const intent = getIntent(world, given.id)
    const methodId = given.payment_method ?? intent.payment_method
    if (typeof methodId !== 'string')
      throw unexpectedState(
        "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the PaymentIntent with a payment method and then confirm it again, or confirm it again directly with a payment method or ConfirmationToken.",
        intent,
      )
    const method = getPaymentMethod(world, methodId, { param: 'payment_method' })
    return confirmPayment(world, intent, method, {
      offSession: given.off_session ?? false,
      origin: given.origin,
      returnUrl: given.return_url,
    })
  })

  operation(app, world, 'POST', '/v1/payment_intents/:id/cancel', canceling, (given) => {
    const intent = getIntent(world, given.id)
    if (intent.status === 'succeeded' || intent.status === 'canceled')
      throw unexpectedState(
        `You cannot cancel this PaymentIntent because it has a status of ${intent.status}. Only a PaymentIntent with one of the following statuses may be canceled: requires_payment_method, requires_capture, requires_confirmation, requires_action, processing.`,
        intent,
      )
    intent.status = 'canceled'
    intent.canceled_at = seconds(world)
    intent.cancellation_reason = given.cancellation_reason ?? null
    emit(world, 'payment_intent.canceled', intent, given.origin)
    return intent
  })
}

function checkTogether(given: z.output<typeof creating>): void {
  if (given.off_session !== undefined && !given.confirm)
    throw invalid(
      'The parameter `off_session` cannot be passed when `confirm` is not true.',
      'off_session',
    )
  if (given.confirm && !given.payment_method)
    throw invalid(
      "You cannot confirm this PaymentIntent because it's missing a payment method.",
      'payment_method',
    )
  const mayRedirect =
    !given.allowed_payment_method_types &&
    given.automatic_payment_methods?.allow_redirects !== 'never'
  if (given.confirm && !given.off_session && mayRedirect && !given.return_url)
    throw invalid(
      "This PaymentIntent is configured to accept payment methods enabled in your Dashboard. Because some of these payment methods might redirect your customer off of your page, you must provide a `return_url`. If you don't want to accept redirect-based payment methods, set `automatic_payment_methods[enabled]` to `true` and `automatic_payment_methods[allow_redirects]` to `never` when creating Setup Intents and Payment Intents.",
      'return_url',
    )
}

const settingUp = z.strictObject({
  allowed_payment_method_types: allowedTypes,
  confirm: flag.optional(),
  customer: text.optional(),
  description: text.optional(),
  metadata: metadata.optional(),
  payment_method: text.optional(),
  return_url: webAddress.optional(),
  usage: z.enum(['off_session', 'on_session']).optional(),
  expand,
})

export function setupIntentRoutes(app: FastifyInstance, world: World): void {
  operation(app, world, 'POST', '/v1/setup_intents', settingUp, (given) => {
    if (given.customer) getCustomer(world, given.customer, { param: 'customer' })
    const intent = makeSetupIntent(world, {
      customer: given.customer ?? null,
      description: given.description ?? null,
      metadata: withoutEmpty(given.metadata ?? {}),
      usage: given.usage ?? 'off_session',
    })
    emit(world, 'setup_intent.created', intent, given.origin)
    if (given.confirm) return confirmSetup(world, intent, given.payment_method, given.origin)
    return intent
  })

  operation(app, world, 'GET', '/v1/setup_intents/:id', nothing, ({ id }) =>
    getSetupIntent(world, id),
  )

  operation(app, world, 'POST', '/v1/setup_intents/:id/confirm', confirming, (given) =>
    confirmSetup(world, getSetupIntent(world, given.id), given.payment_method, given.origin),
  )
}

/** Prepares a card for use without its owner, who must be there to prove it if the card asks so. */
export function confirmSetup(
  world: World,
  intent: Stripe.SetupIntent,
  methodId: string | undefined,
  origin?: Origin,
  authenticated = false,
): Stripe.SetupIntent {
  if (!methodId)
    throw invalid(
      "You cannot confirm this SetupIntent because it's missing a payment method.",
      'payment_method',
    )
  const method = getPaymentMethod(world, methodId, { param: 'payment_method' })
  const behaviour = world.store.tables.behaviours.get(method.id) ?? {}
  if (behaviour.decline) {
    const { code, message } = declineMessage(behaviour.decline)
    intent.status = 'requires_payment_method'
    emit(world, 'setup_intent.setup_failed', intent, origin)
    throw new Refusal(402, {
      type: 'card_error',
      code,
      decline_code: behaviour.decline,
      message,
      setup_intent: structuredClone(intent),
    })
  }
  intent.payment_method = method.id
  if (behaviour.authenticate && !authenticated) {
    intent.status = 'requires_action'
    intent.next_action = { type: 'use_stripe_sdk', use_stripe_sdk: {} }
    emit(world, 'setup_intent.requires_action', intent, origin)
    return intent
  }
  intent.next_action = null
  intent.status = 'succeeded'
  behaviour.isSetUp = true
  if (typeof intent.customer === 'string') attach(world, method, intent.customer, origin)
  emit(world, 'setup_intent.succeeded', intent, origin)
  return intent
}
