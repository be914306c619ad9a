import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { problem } from '#api/contract/problem.ts'
import { Faults } from '../../../../sandbox/kit/faults.ts'
import { Journal } from '../../../../sandbox/kit/journal.ts'
import { type MailStandIn, startMail } from '../../../../sandbox/mail/start.ts'
import * as api from '../contract.ts'
import { reconcileTopUpsJob } from '../jobs.ts'
import { holdSlice, settleHold } from '../service.ts'
import { recharge } from './recharge.ts'
import { aPaymentRig, type PaymentRig } from './testing.ts'

let rig: PaymentRig
let mail: MailStandIn
beforeAll(async () => {
  mail = await startMail({ port: 0, journal: new Journal(), faults: new Faults() })
  rig = await aPaymentRig({ SMTP_URL: mail.url })
})
afterEach(() => rig.stripe.faults.clear())
afterAll(async () => {
  await rig.close()
  await mail.close()
})

type Admin = Awaited<ReturnType<PaymentRig['anAdmin']>>
type Change = { enabled?: boolean; thresholdCents?: number; monthlyCapCents?: number }
const HOUR_MS = 3_600_000

const settingsOf = async (admin: Admin) =>
  api.autoRecharge.parse((await rig.api.call(api.getAutoRecharge, {}, admin)).json())
const change = (admin: Admin, body: Change & { amountCents?: number }) =>
  rig.api.call(api.changeAutoRecharge, { body }, admin)
/** An organization whose card is charged by itself when less than 1,000 of its 5,000 cents are left. */
async function charged(card = '4242424242424242', bounds: Change = {}) {
  const admin = await rig.anAdmin()
  const page = await rig.open(admin, { saveCard: true })
  await rig.pay(page, card)
  await rig.deliverAll()
  await rig.work()
  const body = { enabled: true, thresholdCents: 1_000, amountCents: 2_000, ...bounds }
  expect((await change(admin, body)).statusCode).toBe(200)
  await rig.work()
  return admin
}
const spend = async ({ organizationId }: Admin, seconds: number) => {
  const callId = crypto.randomUUID()
  const price = { pricePerHourCents: 3_600, priceId: null }
  const ctx = rig.at(organizationId)
  await holdSlice(ctx, { callId, ...price, slice: 1, totalSeconds: seconds, minimumSeconds: 1 })
  return () => settleHold(rig.at(organizationId), { callId, billableSeconds: seconds })
}
const charge = (admin: Admin, laterMs = 0) => recharge(rig.at(null, laterMs), admin.organizationId)
const chargesOf = async (admin: Admin) => {
  const listed = await rig.api.call(api.listTopUps, { query: {} }, admin)
  const { items } = api.listTopUps.response.parse(listed.json())
  return items.filter(({ origin }) => origin === 'auto_recharge').map(({ state }) => state)
}
/** From now on every charge of the card is refused. */
const replaceCard = async (admin: Admin, token: string) => {
  const [row] = await rig.api.database.query<{ customer: string }>(
    'app',
    'select stripe_customer_id as customer from payment_settings',
    [],
    admin.organizationId,
  )
  const customer = row?.customer ?? ''
  const { id } = await rig.stripe.sdk.paymentMethods.attach(token, { customer })
  const set = 'update payment_settings set stripe_payment_method_id = $1'
  await rig.api.database.query('app', set, [id], admin.organizationId)
}
/** Stripe makes the charge, and we die before we know. */
const loseCharge = async (admin: Admin) => {
  rig.stripe.faults.add({
    vendor: 'stripe',
    on: 'request',
    method: 'POST',
    path: '/v1/payment_intents',
    times: 9,
    action: { type: 'reset', afterBytes: 20 },
  })
  await expect(charge(admin)).rejects.toMatchObject({ retryable: true })
  rig.stripe.faults.clear()
}
const mailsTo = async (admin: Admin) => {
  const [row] = await rig.api.database.query<{ email: string }>(
    'app',
    'select email from memberships where user_id = $1',
    [admin.userId],
    admin.organizationId,
  )
  return mail.inbox.list(row?.email).map(({ subject }) => subject)
}

test('it is off until a card is saved and somebody switches it on', async () => {
  const admin = await rig.anAdmin()
  expect(await settingsOf(admin)).toMatchObject({ enabled: false, card: null })
  const refused = await change(admin, { enabled: true })
  expect(problem.parse(refused.json()).code).toBe('wallet.no_saved_card')
  await rig.topUp(admin, { saveCard: false })
  expect(await settingsOf(admin)).toMatchObject({ card: null })
  await rig.topUp(admin, { saveCard: true })
  expect(await settingsOf(admin)).toMatchObject({
    enabled: false,
    card: { brand: 'visa', lastFour: '4242', expires: '12/34' },
  })
  expect(await charge(admin)).toBe('not due')
  for (const body of [{ amountCents: 499 }, { thresholdCents: -1 }, { monthlyCapCents: 0.5 }])
    expect((await change(admin, body)).statusCode).toBe(400)
  await change(admin, { enabled: true })
  const audit = await rig.api.database.query(
    'app',
    `select before, after from audit_entries where action = 'wallet.change-auto-recharge'`,
    [],
    admin.organizationId,
  )
  expect(audit).toMatchObject([{ before: { enabled: false }, after: { enabled: true } }])
})

test('a call that takes the money below the bound has the card charged while it runs', async () => {
  const admin = await charged()
  await (await spend(admin, 3_900))()
  expect(await rig.work()).not.toContain('wallet.recharge')
  const settle = await spend(admin, 200)
  expect(await rig.work()).toContain('wallet.recharge')
  await settle()
  expect(await rig.balance(admin.organizationId)).toBe(5_000 - 3_900 - 200 + 2_000)
  await rig.deliverAll()
  await rig.work()
  expect(await rig.lines(admin.organizationId)).toContain('top_up payments > available 2000')
  expect(await chargesOf(admin)).toEqual(['paid'])
  expect(await settingsOf(admin)).toMatchObject({ chargedThisMonthCents: 2_000 })
})

test('many who notice at once charge once', async () => {
  const admin = await charged()
  await (await spend(admin, 4_500))()
  const outcomes = await Promise.all([1, 2, 3, 4].map(() => charge(admin)))
  expect(outcomes.filter((outcome) => outcome === 'credited')).toHaveLength(1)
  await rig.deliverAll('backward')
  await rig.work()
  expect(await chargesOf(admin)).toEqual(['paid'])
  expect(await rig.balance(admin.organizationId)).toBe(2_500)
})

test('a charge whose answer was lost is carried on, not made again', async () => {
  const admin = await charged()
  await (await spend(admin, 4_500))()
  await loseCharge(admin)
  expect(await chargesOf(admin)).toEqual(['pending'])
  const before = rig.stripe.standIn.payments().length
  expect(await charge(admin)).toBe('credited')
  expect(rig.stripe.standIn.payments()).toHaveLength(before)
  expect(await rig.balance(admin.organizationId)).toBe(2_500)
})

test('a charge of yesterday is looked for and credited, one that never happened is let go', async () => {
  const admin = await charged()
  await (await spend(admin, 4_500))()
  await loseCharge(admin)
  expect(await charge(admin, 24 * HOUR_MS)).toBe('credited')

  const other = await charged()
  await (await spend(other, 4_500))()
  rig.stripe.faults.add({ vendor: 'stripe', on: 'request', times: 9, action: { type: 'drop' } })
  await expect(charge(other)).rejects.toThrow()
  rig.stripe.faults.clear()
  expect(await charge(other, 24 * HOUR_MS)).toBe('refused')
  expect(await chargesOf(other)).toEqual(['failed'])
  expect(await rig.balance(other.organizationId)).toBe(500)
})

test('the webhook of a charge whose row knows no payment yet credits it', async () => {
  const admin = await charged()
  await (await spend(admin, 4_500))()
  await loseCharge(admin)
  const worked = await Promise.all([
    rig.deliverAll().then(() => rig.work()),
    charge(admin),
    charge(admin),
  ])
  expect(worked).toHaveLength(3)
  expect(await rig.balance(admin.organizationId)).toBe(2_500)
})

test('a refused card waits longer each time, tells the admins, and is given up after the third', async () => {
  const admin = await charged()
  await replaceCard(admin, 'pm_card_chargeDeclined')
  await (await spend(admin, 4_500))()
  expect(await charge(admin)).toBe('refused')
  expect(await charge(admin)).toBe('not due')
  expect(await charge(admin, 0.9 * HOUR_MS)).toBe('not due')
  expect(await charge(admin, 1.1 * HOUR_MS)).toBe('refused')
  expect(await settingsOf(admin)).toMatchObject({ pausedReason: null, enabled: true })
  expect(await charge(admin, 6 * HOUR_MS)).toBe('refused')
  expect(await settingsOf(admin)).toMatchObject({ pausedReason: 'declined' })
  expect(await charge(admin, 900 * HOUR_MS)).toBe('not due')
  expect(await chargesOf(admin)).toEqual(['failed', 'failed', 'failed'])
  await rig.work()
  const refused = (await mailsTo(admin)).filter((one) => one === 'Your card was refused')
  expect(refused).toHaveLength(3)

  // A person pays with a card that works, and it goes on.
  await rig.topUp(admin, { saveCard: true })
  expect(await settingsOf(admin)).toMatchObject({ pausedReason: null, nextTryAt: null })
})

test('a card whose bank asks for its owner is not asked again without them', async () => {
  const admin = await charged()
  await replaceCard(admin, 'pm_card_authenticationRequired')
  await (await spend(admin, 4_500))()
  expect(await charge(admin)).toBe('refused')
  expect(await settingsOf(admin)).toMatchObject({ pausedReason: 'authentication_required' })
  expect(await charge(admin, 48 * HOUR_MS)).toBe('not due')
  await rig.work()
  expect(await mailsTo(admin)).toContain('Your bank wants you to confirm a payment')
  await change(admin, { enabled: true })
  expect(await settingsOf(admin)).toMatchObject({ pausedReason: null })
})

test('a card that was proved once is charged without its owner afterwards', async () => {
  const admin = await charged('4000002500003155')
  await (await spend(admin, 4_500))()
  expect(await charge(admin)).toBe('credited')
})

test('a card that is gone counts as refused', async () => {
  const admin = await charged()
  const [row] = await rig.api.database.query<{ id: string }>(
    'app',
    'select stripe_payment_method_id as id from payment_settings',
    [],
    admin.organizationId,
  )
  await rig.stripe.sdk.paymentMethods.detach(row?.id ?? '')
  await (await spend(admin, 4_500))()
  expect(await charge(admin)).toBe('refused')
  expect(await chargesOf(admin)).toEqual(['failed'])
})

test('a month is never charged more than its bound', async () => {
  const admin = await charged('4242424242424242', { monthlyCapCents: 3_000 })
  await (await spend(admin, 4_500))()
  expect(await charge(admin)).toBe('credited')
  await (await spend(admin, 2_000))()
  expect(await charge(admin)).toBe('not due')
  expect(await charge(admin)).toBe('not due')
  await rig.work()
  const capped = 'Automatic top-ups have reached their monthly limit'
  expect((await mailsTo(admin)).filter((one) => one === capped)).toHaveLength(1)
  const { nextTryAt } = await settingsOf(admin)
  expect(nextTryAt?.getUTCDate()).toBe(1)
  expect(await charge(admin, 32 * 24 * HOUR_MS)).toBe('credited')
})

test('a paused organization is not charged', async () => {
  const admin = await charged()
  await (await spend(admin, 4_500))()
  const pause = `update organizations set status = 'paused'`
  await rig.api.database.query('app', pause, [], admin.organizationId)
  expect(await charge(admin)).toBe('not due')
})

test('a charge that nobody asked for, because its job was lost, is asked for by the poll', async () => {
  const admin = await charged()
  await (await spend(admin, 4_500))()
  rig.lose()
  await reconcileTopUpsJob.run(rig.at(null), {})
  expect(await rig.work()).toContain('wallet.recharge')
  expect(await rig.balance(admin.organizationId)).toBe(2_500)
})
