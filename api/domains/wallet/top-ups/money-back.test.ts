import { afterAll, beforeAll, expect, test } from 'vitest'
import { reconcileTopUpsJob } from '../jobs.ts'
import { getWallet, holdSlice, settleHold } from '../service.ts'
import { followDispute, followRefund } from './money-back.ts'
import { aPaymentRig, type PaymentRig } from './testing.ts'

let rig: PaymentRig
beforeAll(async () => {
  rig = await aPaymentRig()
})
afterAll(() => rig.close())

/** An organization with one payment of 5,000 cents, told or not. */
async function aPayment(isTold = true) {
  const admin = await rig.anAdmin()
  const page = await rig.open(admin)
  await rig.pay(page)
  if (isTold) await hear()
  const session = await rig.stripe.sdk.checkout.sessions.retrieve(
    page.checkoutUrl.split('/').at(-1) ?? '',
  )
  return { org: admin.organizationId, paymentIntentId: String(session.payment_intent) }
}
async function hear(order: 'forward' | 'backward' = 'forward') {
  await rig.deliverAll(order)
  await rig.work()
}
const refund = (payment_intent: string, amount: number) =>
  rig.stripe.sdk.refunds.create({ payment_intent, amount })
const spend = async (org: string, seconds: number) => {
  const callId = crypto.randomUUID()
  const ctx = rig.at(org)
  const price = { pricePerHourCents: 3_600, priceId: null }
  await holdSlice(ctx, { callId, ...price, slice: 1, totalSeconds: seconds, minimumSeconds: 1 })
  await settleHold(ctx, { callId, billableSeconds: seconds })
}
const wallet = async (org: string) => {
  const { balanceCents, deficitCents } = await getWallet(rig.at(org))
  return { balanceCents, deficitCents }
}
const TOP_UP = 'top_up payments > available 5000'

test('refunds are taken out of the wallet, each once', async () => {
  const { org, paymentIntentId } = await aPayment()
  await refund(paymentIntentId, 1_200)
  const { id } = await refund(paymentIntentId, 800)
  await hear()
  await Promise.all([1, 2, 3].map(() => followRefund(rig.at(null), id)))
  expect(await rig.lines(org)).toEqual([
    TOP_UP,
    'refund available > payments 1200',
    'refund available > payments 800',
  ])
  expect(await wallet(org)).toEqual({ balanceCents: 3_000, deficitCents: 0 })
})

test('what is spent already becomes a deficit that blocks calls until it is repaid', async () => {
  const { org, paymentIntentId } = await aPayment()
  await spend(org, 4_000)
  await refund(paymentIntentId, 3_000)
  await hear()
  expect(await wallet(org)).toEqual({ balanceCents: 0, deficitCents: 2_000 })
  await expect(spend(org, 10)).rejects.toMatchObject({ code: 'wallet.insufficient_balance' })
})

test('a refund that the bank did not take is given back, once, also when that is all we hear', async () => {
  const { org, paymentIntentId } = await aPayment()
  const told = await refund(paymentIntentId, 1_000)
  await hear()
  const untold = await refund(paymentIntentId, 500)
  for (const { id } of [told, untold]) rig.stripe.standIn.failRefund(id)
  await hear('backward')
  await Promise.all([told, untold].map(({ id }) => followRefund(rig.at(null), id)))
  expect(await wallet(org)).toEqual({ balanceCents: 5_000, deficitCents: 0 })
  expect(await rig.lines(org)).toEqual([
    TOP_UP,
    'refund available > payments 1000',
    expect.stringMatching(/^refund /),
    expect.stringMatching(/^refund /),
    expect.stringMatching(/^refund /),
  ])
})

test('a refund that is told before its payment finds the payment credited first', async () => {
  const { org, paymentIntentId } = await aPayment(false)
  const { id } = await refund(paymentIntentId, 2_000)
  expect(await followRefund(rig.at(null), id)).toBe('debited')
  await hear('backward')
  expect(await rig.lines(org)).toEqual([TOP_UP, 'refund available > payments 2000'])
})

test('a lost dispute keeps the money, a won one gives it back', async () => {
  const [lost, won] = [await aPayment(), await aPayment()]
  const disputes = [lost, won].map((one) => rig.stripe.standIn.openDispute(one.paymentIntentId))
  await hear()
  expect(await wallet(lost.org)).toEqual({ balanceCents: 0, deficitCents: 0 })
  rig.stripe.standIn.closeDispute(disputes[0]?.id ?? '', 'lost')
  rig.stripe.standIn.closeDispute(disputes[1]?.id ?? '', 'won')
  await hear('backward')
  expect(await wallet(lost.org)).toEqual({ balanceCents: 0, deficitCents: 0 })
  expect(await rig.lines(won.org)).toEqual([
    TOP_UP,
    'dispute available > payments 5000',
    'dispute payments > available 5000',
  ])
})

test('news of an old state that come last change nothing', async () => {
  const { org, paymentIntentId } = await aPayment()
  const { id } = rig.stripe.standIn.openDispute(paymentIntentId)
  rig.stripe.standIn.closeDispute(id, 'won')
  // One look at the end of the story posts all of it.
  expect(await followDispute(rig.at(null), id)).toBe('given back')
  const outcomes = await Promise.all([1, 2, 3].map(() => followDispute(rig.at(null), id)))
  expect(outcomes).toEqual(['again', 'again', 'again'])
  await hear('backward')
  expect(await wallet(org)).toEqual({ balanceCents: 5_000, deficitCents: 0 })
})

test('an inquiry moves no money until it is lost', async () => {
  const { org, paymentIntentId } = await aPayment()
  const { id } = rig.stripe.standIn.openDispute(paymentIntentId, { isInquiry: true })
  await hear()
  expect(await wallet(org)).toMatchObject({ balanceCents: 5_000 })
  rig.stripe.standIn.closeDispute(id, 'lost')
  await hear()
  expect(await wallet(org)).toMatchObject({ balanceCents: 0 })
})

test('a dispute stops automatic charges and tells the admins once', async () => {
  const admin = await rig.anAdmin()
  const topUpId = await rig.topUp(admin, { saveCard: true })
  await rig.api.database.query(
    'app',
    'update payment_settings set auto_enabled = true',
    [],
    admin.organizationId,
  )
  const [row] = await rig.api.database.query<{ id: string }>(
    'app',
    'select stripe_payment_intent_id as id from top_ups where id = $1',
    [topUpId],
    admin.organizationId,
  )
  const { id } = rig.stripe.standIn.openDispute(row?.id ?? '')
  await hear()
  await followDispute(rig.at(null), id)
  const [settings] = await rig.api.database.query(
    'app',
    'select auto_paused_reason from payment_settings',
    [],
    admin.organizationId,
  )
  expect(settings).toEqual({ auto_paused_reason: 'dispute' })
  const troubles = rig.api.sent.filter(
    ({ name, data }) =>
      name === 'wallet.payment-troubled' && JSON.stringify(data).includes(admin.organizationId),
  )
  expect(troubles).toHaveLength(1)
})

test('money of a payment that is not ours moves nothing', async () => {
  const { sdk } = rig.stripe
  const customer = await sdk.customers.create()
  const card = await sdk.paymentMethods.attach('pm_card_visa', { customer: customer.id })
  const { id } = await sdk.paymentIntents.create({
    amount: 900,
    currency: 'usd',
    customer: customer.id,
    payment_method: card.id,
    off_session: true,
    confirm: true,
  })
  const taken = await refund(id, 100)
  expect(await followRefund(rig.at(null), taken.id)).toBe('not ours')
  expect(await followDispute(rig.at(null), rig.stripe.standIn.openDispute(id).id)).toBe('not ours')
})

test('a refund that nobody told us of is found by asking, three days long', async () => {
  const { org, paymentIntentId } = await aPayment()
  await refund(paymentIntentId, 700)
  await reconcileTopUpsJob.run(rig.at(null, 4 * 86_400_000), {})
  await rig.work()
  expect(await wallet(org)).toMatchObject({ balanceCents: 5_000 })
  await reconcileTopUpsJob.run(rig.at(null, 2 * 86_400_000), {})
  await rig.work()
  expect(await wallet(org)).toMatchObject({ balanceCents: 4_300 })
  // What was found so counts as heard.
  const sent = rig.api.sent.length
  await reconcileTopUpsJob.run(rig.at(null), {})
  expect(rig.api.sent.slice(sent).filter(({ name }) => name === 'wallet.follow-stripe')).toEqual([])
})
