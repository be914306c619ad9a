import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { CardCharge, CheckoutOrder, StripeClient } from '#api/core/vendors.ts'
import { aStripe, payWith, SECRET_KEY, type StripeRig } from '../../sandbox/stripe/testing.ts'
import { stripeClient } from './stripe.ts'

let rig: StripeRig
let client: StripeClient
beforeAll(async () => {
  rig = await aStripe()
  client = stripeClient({ secretKey: SECRET_KEY, baseUrl: rig.standIn.url })
})
afterEach(() => rig.faults.clear())
afterAll(() => rig.close())

const aCustomer = () =>
  client.createCustomer({ organizationId: randomUUID(), idempotencyKey: randomUUID() })
const anOrder = async (more: Partial<CheckoutOrder> = {}): Promise<CheckoutOrder> => ({
  organizationId: randomUUID(),
  topUpId: randomUUID(),
  stripeCustomerId: await aCustomer(),
  amountCents: 5_000,
  currency: 'usd',
  saveCard: true,
  expiresAt: new Date(Date.now() + 3_600_000),
  successUrl: 'http://localhost:3000/wallet',
  cancelUrl: 'http://localhost:3000/wallet',
  ...more,
})
const aCharge = async (card: string): Promise<CardCharge> => {
  const { organizationId, topUpId, stripeCustomerId } = await anOrder()
  const method = await rig.sdk.paymentMethods.attach(card, { customer: stripeCustomerId })
  return {
    organizationId,
    topUpId,
    stripeCustomerId,
    stripePaymentMethodId: method.id,
    amountCents: 2_000,
    currency: 'usd',
  }
}

test('a paid session leads to its payment, which knows its top-up and the saved card', async () => {
  const order = await anOrder()
  const opened = await client.openCheckout(order)
  expect(opened).toMatchObject({ status: 'open', topUpId: order.topUpId })
  expect(await client.openCheckout(order)).toEqual(opened)
  await payWith(opened, '4242424242424242')
  const paid = await client.findCheckout(opened.stripeSessionId)
  expect(paid).toMatchObject({ status: 'complete', url: null })
  expect(await client.findPayment(paid?.stripePaymentIntentId ?? '')).toMatchObject({
    status: 'succeeded',
    receivedCents: 5_000,
    currency: 'usd',
    topUpId: order.topUpId,
    receiptUrl: expect.stringContaining('/receipts/'),
    savedCard: { brand: 'visa', lastFour: '4242', expires: '12/34' },
  })
})

test('a card that is not kept is not told', async () => {
  const opened = await client.openCheckout(await anOrder({ saveCard: false }))
  await payWith(opened, '4242424242424242')
  const paid = await client.findCheckout(opened.stripeSessionId)
  const payment = await client.findPayment(paid?.stripePaymentIntentId ?? '')
  expect(payment).toMatchObject({ status: 'succeeded', savedCard: null })
})

test('a saved card is charged once however often it is asked', async () => {
  const charge = await aCharge('pm_card_visa')
  const [first, second] = await Promise.all([
    client.chargeSavedCard(charge),
    client.chargeSavedCard(charge),
  ])
  expect(first).toEqual(second)
  expect(first).toMatchObject({ status: 'succeeded', receivedCents: 2_000 })
  const found = await client.listPayments(charge.stripeCustomerId, new Date(Date.now() - 60_000))
  expect(found).toEqual([first])
})

test.each([
  ['pm_card_chargeDeclined', 'generic_decline'],
  ['pm_card_authenticationRequired', 'authentication_required'],
])('%s is an answer with the reason, not a failure', async (card, failureCode) => {
  const payment = await client.chargeSavedCard(await aCharge(card))
  expect(payment).toMatchObject({ status: 'failed', receivedCents: 0, failureCode })
})

test('refunds and disputes say what became of them', async () => {
  const { stripePaymentIntentId } = await client.chargeSavedCard(await aCharge('pm_card_visa'))
  const refund = await rig.sdk.refunds.create({ payment_intent: stripePaymentIntentId, amount: 5 })
  const about = { stripePaymentIntentId, currency: 'usd' }
  expect(await client.findRefund(refund.id)).toMatchObject({
    ...about,
    amountCents: 5,
    hasFailed: false,
  })
  rig.standIn.failRefund(refund.id)
  expect(await client.findRefund(refund.id)).toMatchObject({ hasFailed: true })
  const { id } = rig.standIn.openDispute(stripePaymentIntentId)
  expect(await client.findDispute(id)).toMatchObject({ ...about, outcome: 'open' })
  rig.standIn.closeDispute(id, 'won')
  expect(await client.findDispute(id)).toMatchObject({ outcome: 'won' })
  const { items } = await client.listEvents({
    types: ['charge.dispute.created', 'refund.created'],
    createdAfter: new Date(Date.now() - 60_000),
  })
  expect(items.slice(0, 2)).toMatchObject([
    { type: 'charge.dispute.created', objectId: id },
    { type: 'refund.created', objectId: refund.id },
  ])
})

test('what Stripe does not know is null', async () => {
  expect(await client.findCheckout('cs_none')).toBeNull()
  expect(await client.findPayment('pi_none')).toBeNull()
  expect(await client.findRefund('re_none')).toBeNull()
  expect(await client.findDispute('dp_none')).toBeNull()
})

test('an answer lost on the way is asked for again and nothing happens twice', async () => {
  const charge = await aCharge('pm_card_visa')
  const before = rig.standIn.payments().length
  rig.faults.add({
    vendor: 'stripe',
    on: 'request',
    method: 'POST',
    action: { type: 'reset', afterBytes: 20 },
  })
  expect(await client.chargeSavedCard(charge)).toMatchObject({ status: 'succeeded' })
  expect(rig.standIn.payments()).toHaveLength(before + 1)
})

test('a failure says what failed and whether to try again, and none of Stripe’s words', async () => {
  const status = (status: number, times = 9) =>
    rig.faults.add({
      vendor: 'stripe',
      on: 'request',
      times,
      action: { type: 'status', status, body: { error: { type: 'api_error', message: 'secret' } } },
    })
  status(500)
  const failed = client.findPayment('pi_x').catch((error: unknown) => error)
  expect(await failed).toMatchObject({ vendor: 'stripe', status: 500, retryable: true })
  expect(String(await failed)).not.toContain('secret')
  rig.faults.clear()
  status(503, 1)
  expect(await client.findPayment('pi_x')).toBeNull()
  const wrong = stripeClient({ secretKey: 'sk_test_wrong', baseUrl: rig.standIn.url })
  await expect(wrong.findPayment('pi_x')).rejects.toMatchObject({ status: 401, retryable: false })
  rig.faults.add({
    vendor: 'stripe',
    on: 'request',
    action: { type: 'status', status: 302, headers: { location: 'http://127.0.0.1:1/' } },
  })
  await expect(client.findPayment('pi_x')).rejects.toMatchObject({ retryable: false })
})
