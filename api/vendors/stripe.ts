import Stripe from 'stripe'
import { VendorError } from '#api/core/errors.ts'
import type {
  SavedCard,
  StripeCheckout,
  StripeClient,
  StripeDispute,
  StripePayment,
} from '#api/core/vendors.ts'
import { asking } from './asking.ts'
import { type Breaker, unguarded } from './breakers.ts'
import { NoAnswer } from './exchange.ts'
import { refused, unanswered, VendorCode } from './failure.ts'
import { boundedTransport } from './stripe-transport.ts'

const API_VERSION = '2026-10-28.endive' // the version this SDK's types describe
const MAX_EVENTS = 100 // a page, as large as Stripe gives
const MAX_PAYMENTS = 100
const withCharge = { expand: ['latest_charge', 'payment_method'] }

/**
 * Stripe, as far as prepaid money goes. Every change carries an idempotency key of ours, so it may be sent again;
 * that is done here, since the SDK knows no deadline for all its tries together.
 */
export function stripeClient(options: {
  secretKey: string
  baseUrl: string | null
  breaker?: Breaker
}): StripeClient {
  const { breaker = unguarded } = options
  const stripe = new Stripe(options.secretKey, {
    apiVersion: API_VERSION,
    httpClient: boundedTransport,
    maxNetworkRetries: 0,
    telemetry: false,
    ...(options.baseUrl && addressOf(options.baseUrl)),
  })
  const ask = <T>(operation: string, work: () => Promise<T>): Promise<T> =>
    asking(breaker, operation, true, async () => {
      try {
        return await work()
      } catch (error) {
        throw failureOf(operation, error)
      }
    })
  const find = async <T>(operation: string, work: () => Promise<T>): Promise<T | null> => {
    try {
      return await ask(operation, work)
    } catch (error) {
      if (error instanceof VendorError && error.status === 404) return null
      throw error
    }
  }

  return {
    async createCustomer({ organizationId, idempotencyKey }) {
      const customer = await ask('create-customer', () =>
        stripe.customers.create(
          { metadata: { organization_id: organizationId } },
          { idempotencyKey },
        ),
      )
      return customer.id
    },

    async openCheckout(asked) {
      const metadata = { organization_id: asked.organizationId, top_up_id: asked.topUpId }
      const session = await ask('open-checkout', () =>
        stripe.checkout.sessions.create(
          {
            mode: 'payment',
            customer: asked.stripeCustomerId,
            client_reference_id: asked.topUpId,
            metadata,
            // What is paid is credited as it is: no other currency, no method that pays days later.
            adaptive_pricing: { enabled: false },
            allowed_payment_method_types: ['card'],
            line_items: [
              {
                quantity: 1,
                price_data: {
                  currency: asked.currency,
                  unit_amount: asked.amountCents,
                  product_data: { name: 'VoxCalls wallet top-up' },
                },
              },
            ],
            // The session's own metadata does not reach its payment.
            payment_intent_data: {
              metadata,
              ...(asked.saveCard && { setup_future_usage: 'off_session' as const }),
            },
            expires_at: Math.floor(asked.expiresAt.getTime() / 1000),
            success_url: asked.successUrl,
            cancel_url: asked.cancelUrl,
          },
          { idempotencyKey: asked.topUpId },
        ),
      )
      return checkoutOf(session)
    },

    async findCheckout(id) {
      const found = await find('find-checkout', () => stripe.checkout.sessions.retrieve(id))
      return found && checkoutOf(found)
    },

    async chargeSavedCard(asked) {
      const metadata = { organization_id: asked.organizationId, top_up_id: asked.topUpId }
      const charge = () =>
        stripe.paymentIntents.create(
          {
            amount: asked.amountCents,
            currency: asked.currency,
            customer: asked.stripeCustomerId,
            payment_method: asked.stripePaymentMethodId,
            allowed_payment_method_types: ['card'],
            off_session: true,
            confirm: true,
            metadata,
            ...withCharge,
          },
          { idempotencyKey: asked.topUpId },
        )
      return paymentOf(await ask('charge-card', () => declineIsAnswer(charge)))
    },

    async findPayment(id) {
      const found = await find('find-payment', () => stripe.paymentIntents.retrieve(id, withCharge))
      return found && paymentOf(found)
    },

    async listPayments(customer, createdAfter) {
      const page = await ask('list-payments', () =>
        stripe.paymentIntents.list({
          customer,
          created: { gte: Math.floor(createdAfter.getTime() / 1000) },
          limit: MAX_PAYMENTS,
          expand: ['data.latest_charge', 'data.payment_method'],
        }),
      )
      return page.data.map(paymentOf)
    },

    async findRefund(id) {
      const found = await find('find-refund', () => stripe.refunds.retrieve(id))
      return (
        found && {
          stripeRefundId: found.id,
          stripePaymentIntentId: idOf(found.payment_intent),
          amountCents: found.amount,
          currency: found.currency,
          hasFailed: found.status === 'failed' || found.status === 'canceled',
        }
      )
    },

    async findDispute(id) {
      const found = await find('find-dispute', () => stripe.disputes.retrieve(id))
      return (
        found && {
          stripeDisputeId: found.id,
          stripePaymentIntentId: idOf(found.payment_intent),
          amountCents: found.amount,
          currency: found.currency,
          outcome: outcomeOf(found.status),
        }
      )
    },

    async listEvents({ types, createdAfter, cursor }) {
      const page = await ask('list-events', () =>
        stripe.events.list({
          types: [...types],
          created: { gte: Math.floor(createdAfter.getTime() / 1000) },
          limit: MAX_EVENTS,
          ...(cursor && { starting_after: cursor }),
        }),
      )
      const items = page.data.map(({ id, type, data }) => ({
        id,
        type,
        objectId: 'id' in data.object ? String(data.object.id) : '',
      }))
      return { items, nextCursor: page.has_more ? (items.at(-1)?.id ?? null) : null }
    },
  }
}

/** A refused card is 402 with the payment in it: what became of the payment, not a failure to ask. */
async function declineIsAnswer(charge: () => Promise<Stripe.PaymentIntent>) {
  try {
    return await charge()
  } catch (error) {
    if (error instanceof Stripe.errors.StripeCardError && error.payment_intent)
      return error.payment_intent
    throw error
  }
}

function failureOf(operation: string, error: unknown): VendorError {
  if (!(error instanceof Stripe.errors.StripeError)) return unanswered('stripe', operation, error)
  const { statusCode: status, code, detail } = error
  if (status === undefined) {
    const cause = detail instanceof NoAnswer ? detail : new Error(error.type)
    return unanswered('stripe', operation, cause)
  }
  // The key stands for another request, which may well have happened: nothing is known of this one.
  if (error instanceof Stripe.errors.StripeIdempotencyError)
    return new VendorError('stripe', operation, { status: 409, retryable: false })
  // The first request under this key still runs: its answer can be had in a moment.
  if (status === 409)
    return new VendorError('stripe', operation, {
      status,
      retryable: true,
      cause: new VendorCode(code ?? 'conflict'),
    })
  return refused('stripe', operation, status, code)
}

function checkoutOf(session: Stripe.Checkout.Session): StripeCheckout {
  return {
    stripeSessionId: session.id,
    status: sessionStatuses.find((known) => known === session.status) ?? 'open',
    url: session.url,
    topUpId: session.client_reference_id,
    stripePaymentIntentId: idOf(session.payment_intent),
  }
}
const sessionStatuses = ['open', 'complete', 'expired'] as const

function paymentOf(intent: Stripe.PaymentIntent): StripePayment {
  const charge = typeof intent.latest_charge === 'object' ? intent.latest_charge : null
  return {
    stripePaymentIntentId: intent.id,
    status: statusOf(intent),
    receivedCents: intent.status === 'succeeded' ? intent.amount_received : 0,
    currency: intent.currency,
    stripeCustomerId: idOf(intent.customer),
    topUpId: intent.metadata.top_up_id ?? null,
    receiptUrl: intent.status === 'succeeded' ? (charge?.receipt_url ?? null) : null,
    failureCode: intent.last_payment_error?.decline_code ?? intent.last_payment_error?.code ?? null,
    savedCard: savedCardOf(intent),
  }
}

function statusOf(intent: Stripe.PaymentIntent): StripePayment['status'] {
  if (intent.status === 'succeeded') return 'succeeded'
  if (intent.status === 'canceled') return 'canceled'
  const wasRefused = intent.status === 'requires_payment_method' && intent.last_payment_error
  return wasRefused ? 'failed' : 'open'
}

function savedCardOf({ payment_method: method }: Stripe.PaymentIntent): SavedCard | null {
  if (!method || typeof method === 'string' || !method.customer || !method.card) return null
  const { brand, last4, exp_month: month, exp_year: year } = method.card
  const expires = `${String(month).padStart(2, '0')}/${String(year).slice(-2)}`
  return { stripePaymentMethodId: method.id, brand, lastFour: last4, expires }
}

function outcomeOf(status: string): StripeDispute['outcome'] {
  if (status.startsWith('warning')) return 'inquiry'
  if (status === 'won' || status === 'lost') return status
  return 'open'
}

const idOf = (reference: string | { id: string } | null): string | null =>
  typeof reference === 'string' ? reference : (reference?.id ?? null)

function addressOf(baseUrl: string) {
  const { protocol, hostname, port } = new URL(baseUrl)
  const isSecure = protocol === 'https:'
  return {
    protocol: isSecure ? ('https' as const) : ('http' as const),
    host: hostname,
    port: port || (isSecure ? 443 : 80),
  }
}
