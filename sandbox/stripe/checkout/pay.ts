import type Stripe from 'stripe'
import type { TestCard } from '../cards.ts'
import { emit } from '../events.ts'
import { makeCustomer, makePaymentIntent, makePaymentMethod, makeSetupIntent } from '../objects.ts'
import { confirmPayment, failAuthentication } from '../payments.ts'
import { Refusal } from '../refusals.ts'
import { confirmSetup } from '../rest/payment-intents.ts'
import type { SessionPlan } from '../store.ts'
import type { World } from '../world.ts'

export type PayOutcome = 'done' | 'authenticate' | { declined: string }

/** What the hosted page does when a person pays with a card. */
export function payWithCard(
  world: World,
  session: Stripe.Checkout.Session,
  card: TestCard,
): PayOutcome {
  const plan = planOf(world, session)
  const method = makePaymentMethod(world, card)
  method.allow_redisplay = 'limited'
  delete plan.pendingPaymentMethodId
  const outcome = charge(world, session, plan, method, false)
  if (outcome === 'authenticate') plan.pendingPaymentMethodId = method.id
  return outcome
}

/** The person proved who they are at their bank, or did not. */
export function authenticate(
  world: World,
  session: Stripe.Checkout.Session,
  isProven: boolean,
): PayOutcome {
  const plan = planOf(world, session)
  const method = world.store.tables.paymentMethods.get(plan.pendingPaymentMethodId ?? '')
  if (!method) return { declined: 'There is nothing to authenticate.' }
  delete plan.pendingPaymentMethodId
  if (isProven) return charge(world, session, plan, method, true)
  const intent = world.store.tables.paymentIntents.get(String(session.payment_intent))
  if (intent) failAuthentication(world, intent, method)
  return {
    declined:
      'We are unable to authenticate your payment method. Please choose a different payment method and try again.',
  }
}

function charge(
  world: World,
  session: Stripe.Checkout.Session,
  plan: SessionPlan,
  method: Stripe.PaymentMethod,
  authenticated: boolean,
): PayOutcome {
  try {
    const status =
      session.mode === 'setup'
        ? setUp(world, session, plan, method, authenticated)
        : pay(world, session, plan, method, authenticated)
    if (status === 'requires_action') return 'authenticate'
  } catch (error) {
    if (error instanceof Refusal && error.status === 402) return { declined: error.message }
    throw error
  }
  complete(world, session)
  return 'done'
}

function pay(
  world: World,
  session: Stripe.Checkout.Session,
  plan: SessionPlan,
  method: Stripe.PaymentMethod,
  authenticated: boolean,
): string {
  if (!session.customer && session.customer_creation === 'always')
    session.customer = newCustomer(world, session).id
  const known = world.store.tables.paymentIntents.get(String(session.payment_intent))
  const intent =
    known ??
    makePaymentIntent(world, {
      amount: session.amount_total ?? 0,
      allowedTypes: null,
      automatic: true,
      currency: session.currency ?? 'usd',
      customer: typeof session.customer === 'string' ? session.customer : null,
      description: plan.description,
      metadata: plan.metadata,
      receiptEmail: null,
      setupFutureUsage: plan.setupFutureUsage,
    })
  if (!known) {
    session.payment_intent = intent.id
    emit(world, 'payment_intent.created', intent)
  }
  return confirmPayment(world, intent, method, { offSession: false, authenticated }).status
}

function setUp(
  world: World,
  session: Stripe.Checkout.Session,
  plan: SessionPlan,
  method: Stripe.PaymentMethod,
  authenticated: boolean,
): string {
  session.customer ??= newCustomer(world, session).id
  const known = world.store.tables.setupIntents.get(String(session.setup_intent))
  const intent =
    known ??
    makeSetupIntent(world, {
      customer: String(session.customer),
      description: plan.description,
      metadata: plan.metadata,
      usage: 'off_session',
    })
  session.setup_intent = intent.id
  return confirmSetup(world, intent, method.id, undefined, authenticated).status
}

function complete(world: World, session: Stripe.Checkout.Session): void {
  const customer = world.store.tables.customers.get(String(session.customer))
  session.status = 'complete'
  session.payment_status = session.mode === 'setup' ? 'no_payment_required' : 'paid'
  session.url = null
  session.customer_details = {
    address: null,
    business_name: null,
    email: customer?.email ?? session.customer_email ?? GUEST,
    individual_name: null,
    name: customer?.name ?? null,
    phone: null,
    tax_exempt: 'none',
    tax_ids: [],
  }
  emit(world, 'checkout.session.completed', session)
}

const GUEST = 'guest@checkout.test'

function newCustomer(world: World, session: Stripe.Checkout.Session): Stripe.Customer {
  const customer = makeCustomer(world, {
    description: null,
    email: session.customer_email ?? GUEST,
    metadata: {},
    name: null,
    phone: null,
  })
  emit(world, 'customer.created', customer)
  return customer
}

function planOf(world: World, session: Stripe.Checkout.Session): SessionPlan {
  const plan = world.store.tables.plans.get(session.id)
  if (!plan) throw new Error(`session ${session.id} has no plan`)
  return plan
}
