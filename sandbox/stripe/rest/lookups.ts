import type Stripe from 'stripe'
import { findCardByToken } from '../cards.ts'
import { makePaymentMethod } from '../objects.ts'
import { noSuch } from '../refusals.ts'
import type { World } from '../world.ts'

/** Names in a path are 404 where they are unknown, names in a parameter 400. */
type Where = { param: string } | undefined

const missing = (what: string, id: string, where: Where) =>
  where ? noSuch(what, id, where.param, 400) : noSuch(what, id)

export function getCustomer(world: World, id: string, where?: Where): Stripe.Customer {
  const found = world.store.tables.customers.get(id)
  if (!found || isDeleted(found)) throw missing('customer', id, where)
  return found
}

export const isDeleted = (customer: object): boolean => 'deleted' in customer

export function getIntent(world: World, id: string, where?: Where): Stripe.PaymentIntent {
  const found = world.store.tables.paymentIntents.get(id)
  if (!found) throw missing('payment_intent', id, where)
  return found
}

export function getSetupIntent(world: World, id: string): Stripe.SetupIntent {
  const found = world.store.tables.setupIntents.get(id)
  if (!found) throw missing('setupintent', id, undefined)
  return found
}

export function getCharge(world: World, id: string, where?: Where): Stripe.Charge {
  const found = world.store.tables.charges.get(id)
  if (!found) throw missing('charge', id, where)
  return found
}

export function getSession(world: World, id: string): Stripe.Checkout.Session {
  const found = world.store.tables.sessions.get(id)
  if (!found) throw missing('checkout.session', id, undefined)
  return found
}

/** A method of the account, or a new one made of a test card's name. */
export function getPaymentMethod(world: World, id: string, where?: Where): Stripe.PaymentMethod {
  const card = findCardByToken(id)
  if (card) return makePaymentMethod(world, card)
  const found = world.store.tables.paymentMethods.get(id)
  if (!found) throw missing('PaymentMethod', id, where)
  return found
}
