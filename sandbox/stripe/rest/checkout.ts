import type { FastifyInstance } from 'fastify'
import type Stripe from 'stripe'
import { z } from 'zod'
import { operation } from '../api.ts'
import { checkCurrency, checkTotal } from '../currencies.ts'
import { emit } from '../events.ts'
import { expand, flag, integer, metadata, paging, text, webAddress } from '../form.ts'
import { newId, randomText } from '../ids.ts'
import { listOf } from '../lists.ts'
import { invalid } from '../refusals.ts'
import { type Origin, seconds, type World } from '../world.ts'
import { withoutEmpty } from './customers.ts'
import { getCustomer, getSession } from './lookups.ts'
import { allowedTypes } from './payment-intents.ts'

const SHORTEST_SECONDS = 30 * 60
const LONGEST_SECONDS = 24 * 3_600
const MAX_LINE_ITEMS = 100
// A clock on the other side that runs a little slow must not make 30 minutes too few.
const CLOCK_SLACK_SECONDS = 30

const lineItem = z.strictObject({
  price_data: z.strictObject({
    currency: text,
    unit_amount: integer,
    product_data: z.strictObject({ name: text, description: text.optional() }),
  }),
  quantity: integer.optional(),
})
const creating = z.strictObject({
  allowed_payment_method_types: allowedTypes,
  adaptive_pricing: z.strictObject({ enabled: flag }).optional(),
  cancel_url: webAddress.optional(),
  client_reference_id: text.max(200).optional(),
  currency: text.optional(),
  customer: text.optional(),
  customer_creation: z.enum(['always', 'if_required']).optional(),
  customer_email: text.optional(),
  expires_at: integer.optional(),
  line_items: z.array(lineItem).max(MAX_LINE_ITEMS).optional(),
  locale: text.optional(),
  metadata: metadata.optional(),
  mode: z.enum(['payment', 'setup']),
  payment_intent_data: z
    .strictObject({
      description: text.optional(),
      metadata: metadata.optional(),
      setup_future_usage: z.enum(['off_session', 'on_session']).optional(),
    })
    .optional(),
  setup_intent_data: z
    .strictObject({ description: text.optional(), metadata: metadata.optional() })
    .optional(),
  submit_type: z.enum(['auto', 'pay']).optional(),
  success_url: webAddress.optional(),
  ui_mode: z.enum(['hosted_page']).optional(),
  expand,
})
type Asked = z.output<typeof creating>
const nothing = z.strictObject({ expand })

export function checkoutRoutes(app: FastifyInstance, world: World): void {
  const base = '/v1/checkout/sessions'

  operation(app, world, 'POST', base, creating, (asked) => {
    checkAsked(world, asked)
    const lineItems = (asked.line_items ?? []).map((item) => makeLineItem(item))
    const total = lineItems.reduce((sum, item) => sum + item.amount_total, 0)
    const currency = lineItems[0]?.currency ?? asked.currency ?? null
    const tooLittle = asked.mode === 'payment' && currency && checkTotal(total, currency)
    if (tooLittle) throw tooLittle
    return openSession(world, asked, { lineItems, total, currency })
  })

  operation(app, world, 'GET', `${base}/:id`, nothing, ({ id }) => getSession(world, id))

  const listing = z.strictObject({
    ...paging,
    customer: text.optional(),
    payment_intent: text.optional(),
    status: z.enum(['open', 'complete', 'expired']).optional(),
  })
  operation(app, world, 'GET', base, listing, (given) => {
    const rows = [...world.store.tables.sessions.values()].filter(
      (one) =>
        (given.customer === undefined || one.customer === given.customer) &&
        (given.payment_intent === undefined || one.payment_intent === given.payment_intent) &&
        (given.status === undefined || one.status === given.status),
    )
    return listOf(base, rows, given)
  })

  operation(app, world, 'GET', `${base}/:id/line_items`, z.strictObject(paging), (given) => {
    const { id } = getSession(world, given.id)
    const items = world.store.tables.plans.get(id)?.lineItems ?? []
    return listOf(`${base}/${id}/line_items`, items.toReversed(), given)
  })

  operation(app, world, 'POST', `${base}/:id/expire`, nothing, ({ id, origin }) => {
    const session = getSession(world, id)
    if (session.status !== 'open')
      throw invalid(
        `Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of ${session.status}.`,
      )
    return expireSession(world, session, origin)
  })
}

export function expireSession(
  world: World,
  session: Stripe.Checkout.Session,
  origin?: Origin,
): Stripe.Checkout.Session {
  session.status = 'expired'
  session.url = null
  emit(world, 'checkout.session.expired', session, origin)
  return session
}

/** Expires what is due; nobody else would before somebody looks. */
export function expireDueSessions(world: World): void {
  const now = seconds(world)
  let expired = 0
  for (const session of world.store.tables.sessions.values()) {
    if (session.status !== 'open' || session.expires_at > now) continue
    expireSession(world, session)
    expired += 1
  }
  if (expired > 0) world.store.save()
}

function checkAsked(world: World, asked: Asked): void {
  if (!asked.success_url)
    throw invalid('Missing required param: success_url.', 'success_url', 'parameter_missing')
  if (asked.customer) getCustomer(world, asked.customer, { param: 'customer' })
  if (asked.customer && (asked.customer_email || asked.customer_creation))
    throw invalid(
      'You may only specify one of these parameters: customer, customer_email, customer_creation.',
    )
  if (asked.mode === 'payment') checkItems(asked)
  else if (asked.line_items)
    throw invalid('You cannot pass `line_items` in `setup` mode.', 'line_items')
  if (asked.mode === 'setup' && asked.payment_intent_data)
    throw invalid('You can not pass `payment_intent_data` in `setup` mode.', 'payment_intent_data')
  if (asked.mode === 'payment' && asked.setup_intent_data)
    throw invalid('You can not pass `setup_intent_data` in `payment` mode.', 'setup_intent_data')
  checkExpiry(world, asked.expires_at)
}

function checkItems(asked: Asked): void {
  const items = asked.line_items ?? []
  if (items.length === 0)
    throw invalid(
      '`line_items` is required when `mode` is `payment`.',
      'line_items',
      'parameter_missing',
    )
  const currencies = new Set(items.map((item) => item.price_data.currency))
  for (const [n, item] of items.entries()) {
    const at = `line_items[${n}][price_data]`
    checkCurrency(item.price_data.currency, `${at}[currency]`)
    if (item.price_data.unit_amount < 0)
      throw invalid('This value must be greater than or equal to 0.', `${at}[unit_amount]`)
    if ((item.quantity ?? 0) < 1)
      throw invalid(
        'Quantity is required and must be at least 1.',
        `line_items[${n}][quantity]`,
        'parameter_missing',
      )
  }
  if (currencies.size > 1)
    throw invalid('All line items must have the same currency.', 'line_items')
}

function checkExpiry(world: World, expiresAt: number | undefined): void {
  if (expiresAt === undefined) return
  const left = expiresAt - seconds(world)
  if (left < SHORTEST_SECONDS - CLOCK_SLACK_SECONDS)
    throw invalid(
      'The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation.',
      'expires_at',
    )
  if (left > LONGEST_SECONDS)
    throw invalid(
      'The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.',
      'expires_at',
    )
}

function makeLineItem(item: z.output<typeof lineItem>): Stripe.LineItem {
  const { currency, unit_amount: unitAmount, product_data: product } = item.price_data
  const quantity = item.quantity ?? 1
  const total = unitAmount * quantity
  return {
    id: newId('li'),
    object: 'item',
    adjustable_quantity: null,
    amount_discount: 0,
    amount_subtotal: total,
    amount_tax: 0,
    amount_total: total,
    currency,
    description: product.name,
    metadata: {},
    price: null,
    quantity,
  }
}

function openSession(
  world: World,
  asked: Asked,
  sum: { lineItems: Stripe.LineItem[]; total: number; currency: string | null },
): Stripe.Checkout.Session {
  const id = `cs_test_${randomText(58)}`
  const data = asked.payment_intent_data
  world.store.add('plans', id, {
    lineItems: sum.lineItems,
    metadata: withoutEmpty(data?.metadata ?? asked.setup_intent_data?.metadata ?? {}),
    description: data?.description ?? asked.setup_intent_data?.description ?? null,
    setupFutureUsage: data?.setup_future_usage ?? null,
  })
  const pays = asked.mode === 'payment'
  const total = pays ? sum.total : null
  return world.store.add('sessions', id, {
    id,
    object: 'checkout.session',
    adaptive_pricing: { enabled: asked.adaptive_pricing?.enabled ?? true },
    after_expiration: null,
    allow_promotion_codes: null,
    allowed_payment_method_types: asked.allowed_payment_method_types ?? null,
    amount_subtotal: total,
    amount_total: total,
    automatic_tax: { enabled: false, liability: null, provider: null, status: null },
    billing_address_collection: null,
    cancel_url: asked.cancel_url ?? null,
    client_reference_id: asked.client_reference_id ?? null,
    client_secret: null,
    collected_information: null,
    consent: null,
    consent_collection: null,
    created: seconds(world),
    currency: sum.currency,
    currency_conversion: null,
    custom_fields: [],
    custom_text: {
      after_submit: null,
      shipping_address: null,
      submit: null,
      terms_of_service_acceptance: null,
    },
    customer: asked.customer ?? null,
    customer_account: null,
    customer_creation: asked.customer ? null : (asked.customer_creation ?? 'if_required'),
    customer_details: null,
    customer_email: asked.customer_email ?? null,
    discounts: pays ? [] : null,
    expires_at: asked.expires_at ?? seconds(world) + LONGEST_SECONDS,
    integration_identifier: null,
    invoice: null,
    invoice_creation: pays ? noInvoice() : null,
    livemode: false,
    locale: asked.locale ?? null,
    managed_payments: null,
    metadata: withoutEmpty(asked.metadata ?? {}),
    mode: asked.mode,
    origin_context: null,
    payment_intent: null,
    payment_link: null,
    payment_method_collection: 'if_required',
    payment_method_configuration_details: null,
    payment_method_options: { card: { request_three_d_secure: 'automatic' } },
    payment_method_types: ['card'],
    payment_status: pays ? 'unpaid' : 'no_payment_required',
    permissions: null,
    phone_number_collection: { enabled: false },
    recovered_from: null,
    saved_payment_method_options: asked.customer
      ? {
          allow_redisplay_filters: ['always'],
          payment_method_remove: null,
          payment_method_save: null,
        }
      : null,
    setup_intent: null,
    shipping_address_collection: null,
    shipping_cost: null,
    shipping_options: [],
    status: 'open',
    submit_type: asked.submit_type ?? null,
    subscription: null,
    success_url: asked.success_url ?? null,
    total_details: pays ? { amount_discount: 0, amount_shipping: 0, amount_tax: 0 } : null,
    ui_mode: 'hosted_page',
    url: `${world.origin()}/c/pay/${id}`,
    wallet_options: null,
  })
}

const noInvoice = (): Stripe.Checkout.Session.InvoiceCreation => ({
  enabled: false,
  invoice_data: {
    account_tax_ids: null,
    custom_fields: null,
    description: null,
    footer: null,
    issuer: null,
    metadata: {},
    rendering_options: null,
  },
})
