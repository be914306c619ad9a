import type { FastifyInstance } from 'fastify'
import type Stripe from 'stripe'
import { z } from 'zod'
import { operation } from '../api.ts'
import { emit } from '../events.ts'
import { createdRange, expand, metadata, paging, text } from '../form.ts'
import { isCreatedWithin, listOf } from '../lists.ts'
import { makeCustomer } from '../objects.ts'
import { attach, checkReusable } from '../payments.ts'
import { invalid, noSuch } from '../refusals.ts'
import type { Origin, World } from '../world.ts'
import { getCustomer, getPaymentMethod, isDeleted } from './lookups.ts'

// An empty text unsets a field.
const unsettable = z.string().max(5_000).optional()
const fields = {
  description: unsettable,
  email: unsettable,
  metadata: metadata.optional(),
  name: unsettable,
  phone: unsettable,
  expand,
}
const update = z.strictObject({
  ...fields,
  invoice_settings: z.strictObject({ default_payment_method: z.string().optional() }).optional(),
})
const nothing = z.strictObject({ expand })
const ofCustomer = z.strictObject({ ...paging, type: z.enum(['card']).optional() })

export function customerRoutes(app: FastifyInstance, world: World): void {
  operation(app, world, 'POST', '/v1/customers', z.strictObject(fields), (given) => {
    checkEmail(given.email)
    const customer = makeCustomer(world, {
      description: given.description || null,
      email: given.email || null,
      metadata: withoutEmpty(given.metadata ?? {}),
      name: given.name || null,
      phone: given.phone || null,
    })
    emit(world, 'customer.created', customer, given.origin)
    return customer
  })

  const listing = z.strictObject({ ...paging, email: text.optional(), created: createdRange })
  operation(app, world, 'GET', '/v1/customers', listing, (given) => {
    const rows = [...world.store.tables.customers.values()].filter(
      (one) =>
        !isDeleted(one) &&
        (given.email === undefined || one.email === given.email) &&
        isCreatedWithin(one.created, given.created),
    )
    return listOf('/v1/customers', rows, given)
  })

  operation(app, world, 'GET', '/v1/customers/:id', nothing, ({ id }) => {
    const found = world.store.tables.customers.get(id)
    if (!found) throw noSuch('customer', id)
    return isDeleted(found) ? { id, object: 'customer', deleted: true } : found
  })

  operation(app, world, 'POST', '/v1/customers/:id', update, (given) => {
    const customer = getCustomer(world, given.id)
    checkEmail(given.email)
    for (const key of ['description', 'email', 'name', 'phone'] as const)
      if (given[key] !== undefined) customer[key] = given[key] || null
    if (given.metadata)
      customer.metadata = withoutEmpty({ ...customer.metadata, ...given.metadata })
    const method = given.invoice_settings?.default_payment_method
    if (method !== undefined) setDefaultMethod(world, customer, method)
    emit(world, 'customer.updated', customer, given.origin)
    return customer
  })

  operation(app, world, 'DELETE', '/v1/customers/:id', nothing, ({ id, origin }) => {
    const customer = getCustomer(world, id)
    Object.assign(customer, { deleted: true })
    for (const method of world.store.tables.paymentMethods.values())
      if (method.customer === id) detach(world, method, origin)
    emit(world, 'customer.deleted', customer, origin)
    world.store.save()
    return { id, object: 'customer', deleted: true }
  })

  operation(app, world, 'GET', '/v1/customers/:id/payment_methods', ofCustomer, (given) => {
    getCustomer(world, given.id)
    const rows = [...world.store.tables.paymentMethods.values()].filter(
      (method) => method.customer === given.id,
    )
    return listOf(`/v1/customers/${given.id}/payment_methods`, rows, given)
  })
}

export function paymentMethodRoutes(app: FastifyInstance, world: World): void {
  operation(app, world, 'GET', '/v1/payment_methods/:id', nothing, ({ id }) =>
    getPaymentMethod(world, id),
  )

  const attaching = z.strictObject({ customer: text, expand })
  operation(app, world, 'POST', '/v1/payment_methods/:id/attach', attaching, (given) => {
    getCustomer(world, given.customer, { param: 'customer' })
    const method = getPaymentMethod(world, given.id)
    if (method.customer && method.customer !== given.customer)
      throw invalid(
        'The payment method you provided has already been attached to a customer.',
        'payment_method',
      )
    checkReusable(world, method)
    attach(world, method, given.customer, given.origin)
    return method
  })

  operation(app, world, 'POST', '/v1/payment_methods/:id/detach', nothing, ({ id, origin }) => {
    const method = getPaymentMethod(world, id)
    if (!method.customer)
      throw invalid(
        'The payment method you provided is not attached to a customer so detachment is impossible.',
        'payment_method',
      )
    detach(world, method, origin)
    return method
  })
}

function detach(world: World, method: Stripe.PaymentMethod, origin: Origin): void {
  const customer = method.customer
  method.customer = null
  const behaviour = world.store.tables.behaviours.get(method.id)
  if (behaviour) behaviour.isSpent = true
  emit(world, 'payment_method.detached', method, origin, { customer })
}

function setDefaultMethod(world: World, customer: Stripe.Customer, id: string): void {
  const method = id === '' ? null : getPaymentMethod(world, id, { param: 'payment_method' })
  if (method && method.customer !== customer.id)
    throw invalid(
      `The customer does not have a payment method with the ID ${id}. The payment method must be attached to the customer.`,
      'invoice_settings[default_payment_method]',
      'resource_missing',
    )
  customer.invoice_settings.default_payment_method = method?.id ?? null
}

function checkEmail(email: string | undefined): void {
  if (!email || z.email().safeParse(email).success) return
  throw invalid(`Invalid email address: ${email}`, 'email', 'email_invalid')
}

/** An empty value takes its key away. */
export const withoutEmpty = (pairs: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(pairs).filter(([, value]) => value !== ''))
