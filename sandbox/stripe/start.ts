import { join } from 'node:path'
import type Stripe from 'stripe'
import type { Faults } from '../kit/faults.ts'
import { listen, vendorServer } from '../kit/http.ts'
import type { Journal } from '../kit/journal.ts'
import { WebhookSender } from '../kit/webhooks.ts'
import { checkoutPages } from './checkout/pages.ts'
import { noSuch } from './refusals.ts'
import { checkoutRoutes, expireDueSessions } from './rest/checkout.ts'
import { customerRoutes, paymentMethodRoutes } from './rest/customers.ts'
import { eventRoutes } from './rest/events.ts'
import { closeDispute, failRefund, moneyBackRoutes, openDispute } from './rest/money-back.ts'
import { paymentIntentRoutes, setupIntentRoutes } from './rest/payment-intents.ts'
import { Store } from './store.ts'
import { signedDelivery, webhooks } from './webhooks.ts'
import type { World } from './world.ts'

export type StripeOptions = {
  port: number
  host?: string
  secretKey: string
  webhookSecret: string
  webhookUrl?: string | undefined
  journal: Journal
  faults: Faults
  /** Customers, cards and payments are kept here. */
  dataDir?: string
  now?: () => number
  /** How long a change takes. */
  workMs?: number
  webhookRetryDelaysMs?: readonly number[]
}

export type StripeStandIn = {
  url: string
  /** What happened, oldest first. */
  events(type?: string): Stripe.Event[]
  payments(): Stripe.PaymentIntent[]
  disputes(): Stripe.Dispute[]
  /** An event as it would arrive, signed now. */
  delivery(eventId: string): { body: string; headers: Record<string, string> }
  /** Delivers an event once more, as Stripe may. */
  resend(eventId: string): void
  openDispute(
    paymentIntentId: string,
    given?: { amount?: number | undefined; reason?: string; isInquiry?: boolean },
  ): Stripe.Dispute
  closeDispute(disputeId: string, outcome: 'won' | 'lost'): Stripe.Dispute
  failRefund(refundId: string): void
  /** Expires the checkout sessions that are due. */
  expireDue(): void
  webhooksIdle(): Promise<void>
  close(): Promise<void>
}

const WORK_MS = 15 // the real one takes some hundred: long enough for two of a kind to meet
const EXPIRY_CHECK_MS = 1_000
const MAX_FORM_BYTES = 256 * 1024

/** Stripe as far as prepaid money goes: one account in test mode, cards, hosted checkout, refunds and disputes. */
export async function startStripe(options: StripeOptions): Promise<StripeStandIn> {
  const { journal, faults } = options
  const now = options.now ?? Date.now
  let url = ''
  const world: World = {
    store: new Store(options.dataDir ? join(options.dataDir, 'stripe.json') : undefined),
    journal,
    webhooks: webhooks({
      url: options.webhookUrl,
      secret: options.webhookSecret,
      sender: new WebhookSender('stripe', journal, faults),
      journal,
      now,
      ...(options.webhookRetryDelaysMs && { retryDelaysMs: options.webhookRetryDelaysMs }),
    }),
    secretKey: options.secretKey,
    workMs: options.workMs ?? WORK_MS,
    now,
    origin: () => url,
  }
  const app = vendorServer({ vendor: 'stripe', journal, faults, bodyLimitBytes: MAX_FORM_BYTES })
  addManners(app, world)
  checkoutRoutes(app, world)
  customerRoutes(app, world)
  paymentMethodRoutes(app, world)
  paymentIntentRoutes(app, world)
  setupIntentRoutes(app, world)
  moneyBackRoutes(app, world)
  eventRoutes(app, world)
  checkoutPages(app, world)
  url = await listen(app, options.port, options.host)
  const expiry = setInterval(() => expireDueSessions(world), EXPIRY_CHECK_MS).unref()

  const eventOf = (id: string): Stripe.Event => {
    const found = world.store.tables.events.get(id)
    if (!found) throw noSuch('event', id)
    return found
  }
  return {
    url,
    events: (type) =>
      [...world.store.tables.events.values()].filter((event) => !type || event.type === type),
    payments: () => [...world.store.tables.paymentIntents.values()],
    disputes: () => [...world.store.tables.disputes.values()],
    delivery: (id) => signedDelivery(eventOf(id), options.webhookSecret, now()),
    resend: (id) => world.webhooks.deliver(eventOf(id)),
    openDispute: (id, given) => openDispute(world, id, given),
    closeDispute: (id, outcome) => closeDispute(world, id, outcome),
    failRefund: (id) => failRefund(world, id),
    expireDue: () => expireDueSessions(world),
    webhooksIdle: () => world.webhooks.idle(),
    async close() {
      clearInterval(expiry)
      await app.close()
      await world.webhooks.close()
      world.store.save()
    },
  }
}

function addManners(app: ReturnType<typeof vendorServer>, world: World): void {
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    (_request, body, done) => done(null, body),
  )
  // What is due expires before anybody looks.
  app.addHook('onRequest', async () => expireDueSessions(world))
  app.setNotFoundHandler((request, reply) =>
    reply.code(404).send({
      error: {
        type: 'invalid_request_error',
        message: `Unrecognized request URL (${request.method}: ${request.url.split('?')[0]}). If you are trying to list objects, remove the trailing slash. If you are trying to retrieve an object, make sure you passed a valid (non-empty) identifier in your code. Please see https://stripe.com/docs or we can help at https://support.stripe.com/.`,
      },
    }),
  )
  app.setErrorHandler((error, request, reply) => {
    const note = error instanceof Error ? (error.stack ?? error.message) : String(error)
    const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500
    if (status >= 400 && status < 500)
      return reply.code(status).send({ error: { type: 'invalid_request_error', message: note } })
    world.journal.record({ vendor: 'stripe', kind: 'note', path: request.url, note })
    return reply.code(500).send({
      error: { type: 'api_error', message: 'The stand-in failed; see its journal.' },
    })
  })
}
