// The stand-in as the vendor's own SDK sees it, and its objects against the vendor's own samples.
import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { aSession, aStripe, payWith, type StripeRig, sdkFor } from './testing.ts'

type Shape = string | { [key: string]: Shape }
const shapes: Record<string, Shape> = JSON.parse(
  readFileSync(new URL('./fixtures/shapes.json', import.meta.url), 'utf8'),
)
// Not sent any more unless it is asked for by expansion.
const ABSENT = new Set(['charge.refunds'])
// In the newest version of the API, whose types ask for them, and not in the samples.
const ADDED = new Set([
  'charge.outcome.risk_level',
  'charge.payment_method_details.card.electronic_commerce_indicator',
  'checkout.session.allowed_payment_method_types',
  'dispute.evidence_details.submission_method',
  'dispute.intended_submission_method',
  'payment_intent.allowed_payment_method_types',
  'payment_intent.automatic_payment_methods.allow_redirects',
  'payment_intent.payment_record',
  'refund.destination_details.card.reference_status',
  'refund.destination_details.card.reference_type',
  'setup_intent.allowed_payment_method_types',
  'setup_intent.customer_account',
])

let rig: StripeRig
beforeEach(async () => {
  rig = await aStripe()
})
afterEach(() => rig.close())

const aCustomerWithCard = async (card = 'pm_card_visa') => {
  const customer = await rig.sdk.customers.create({ email: 'ada@voxcalls.test' })
  const method = await rig.sdk.paymentMethods.attach(card, { customer: customer.id })
  return { customer: customer.id, payment_method: method.id }
}
const chargeNow = (more: object) =>
  rig.sdk.paymentIntents.create({
    amount: 5_000,
    currency: 'usd',
    confirm: true,
    off_session: true,
    ...more,
  })
const types = () => rig.standIn.events().map((event) => event.type)

describe('shapes', () => {
  test('every object has what the vendor’s samples have, of the same kinds', async () => {
    const { customer, payment_method } = await aCustomerWithCard()
    const intent = await chargeNow({ customer, payment_method })
    const setup = await rig.sdk.setupIntents.create({ customer, payment_method, confirm: true })
    const refund = await rig.sdk.refunds.create({ payment_intent: intent.id, amount: 1 })
    const dispute = rig.standIn.openDispute(intent.id)
    const session = await aSession(rig.sdk, 5_000, { customer })
    await payWith(session, '4242424242424242')
    const items = await rig.sdk.checkout.sessions.listLineItems(session.id)
    const [event] = (await rig.sdk.events.list({ limit: 1 })).data
    const shown: Record<string, unknown> = {
      customer: await rig.sdk.customers.retrieve(customer),
      'checkout.session': await rig.sdk.checkout.sessions.retrieve(session.id),
      item: items.data[0],
      payment_intent: await rig.sdk.paymentIntents.retrieve(intent.id),
      charge: await rig.sdk.charges.retrieve(String(intent.latest_charge)),
      refund: await rig.sdk.refunds.retrieve(refund.id),
      dispute: await rig.sdk.disputes.retrieve(dispute.id),
      payment_method: await rig.sdk.paymentMethods.retrieve(payment_method),
      setup_intent: setup,
      event,
    }
    expect(Object.keys(shown).sort()).toEqual(Object.keys(shapes).sort())
    const differences = Object.entries(shapes).flatMap(([name, shape]) =>
      compare(name, plain(shown[name]), shape),
    )
    expect(differences).toEqual([])
  })
})

describe('who asks and how', () => {
  test('no key, a wrong key and another version are refused', async () => {
    await expect(sdkFor(rig.standIn.url, 'sk_test_wrong').balance.retrieve()).rejects.toBeTruthy()
    const wrong = sdkFor(rig.standIn.url, 'sk_test_wrong_key_here').customers.list()
    await expect(wrong).rejects.toMatchObject({
      type: 'StripeAuthenticationError',
      statusCode: 401,
      message: 'Invalid API Key provided: sk_test_********here',
    })
    const none = await fetch(`${rig.standIn.url}/v1/customers`)
    expect(none.status).toBe(401)
    const old = rig.sdk.customers.list({}, { apiVersion: '2020-08-27' })
    await expect(old).rejects.toMatchObject({ statusCode: 400 })
  })

  test('what nobody knows is 404: a path, an id', async () => {
    const path = await fetch(`${rig.standIn.url}/v1/nothing`)
    expect(path.status).toBe(404)
    await expect(rig.sdk.customers.retrieve('cus_none')).rejects.toMatchObject({
      statusCode: 404,
      code: 'resource_missing',
      message: "No such customer: 'cus_none'",
    })
    await expect(aSession(rig.sdk, 5_000, { customer: 'cus_none' })).rejects.toMatchObject({
      statusCode: 400,
      code: 'resource_missing',
      param: 'customer',
    })
  })

  test('unknown, missing, empty and malformed parameters are refused by name', async () => {
    const create = (body: object) => rig.sdk.paymentIntents.create(body as never)
    const good = { amount: 5_000, currency: 'usd' }
    for (const [body, code, param] of [
      [{ ...good, ammount: 1 }, 'parameter_unknown', 'ammount'],
      // Gone with this version of the API.
      [{ ...good, payment_method_types: ['card'] }, 'parameter_unknown', 'payment_method_types'],
      [{ currency: 'usd' }, 'parameter_missing', 'amount'],
      [{ ...good, amount: '1.5' }, 'parameter_invalid_integer', 'amount'],
      [{ ...good, currency: '' }, 'parameter_invalid_empty', 'currency'],
      [{ ...good, return_url: 'nowhere' }, 'url_invalid', 'return_url'],
      [
        { ...good, automatic_payment_methods: { enabled: true, how: 1 } },
        'parameter_unknown',
        'automatic_payment_methods[how]',
      ],
    ] as const)
      await expect(create(body), param).rejects.toMatchObject({
        type: 'StripeInvalidRequestError',
        code,
        param,
      })
    await expect(create({ ...good, metadata: { ['x'.repeat(41)]: '1' } })).rejects.toBeTruthy()
    expect(rig.standIn.payments()).toEqual([])
  })

  test('amounts below the least, above the most and in strange money are refused', async () => {
    const create = (amount: number, currency = 'usd') =>
      rig.sdk.paymentIntents.create({ amount, currency })
    await expect(create(49)).rejects.toMatchObject({ code: 'amount_too_small' })
    await expect(create(29, 'gbp')).rejects.toMatchObject({ code: 'amount_too_small' })
    await expect(create(100_000_000)).rejects.toMatchObject({ code: 'amount_too_large' })
    await expect(create(500, 'xyz')).rejects.toMatchObject({ param: 'currency' })
    expect(await create(50)).toMatchObject({ status: 'requires_payment_method', amount: 50 })
    await expect(aSession(rig.sdk, 49)).rejects.toMatchObject({ code: 'amount_too_small' })
  })

  test('objects are expanded along paths, and nothing else is', async () => {
    const ids = await aCustomerWithCard()
    const made = await chargeNow(ids)
    const shown = await rig.sdk.paymentIntents.retrieve(made.id, {
      expand: ['latest_charge.customer', 'payment_method'],
    })
    expect(shown.latest_charge).toMatchObject({ object: 'charge', customer: { id: ids.customer } })
    expect(shown.payment_method).toMatchObject({ card: { last4: '4242' } })
    const listed = await rig.sdk.paymentIntents.list({ expand: ['data.customer'] })
    expect(listed.data[0]?.customer).toMatchObject({ object: 'customer' })
    const wrong = rig.sdk.paymentIntents.retrieve(made.id, { expand: ['amount'] })
    await expect(wrong).rejects.toMatchObject({ statusCode: 400 })
  })

  test('lists come newest first in pages the SDK follows', async () => {
    const made: string[] = []
    for (let n = 0; n < 5; n++) made.unshift((await rig.sdk.customers.create()).id)
    const seen: string[] = []
    for await (const customer of rig.sdk.customers.list({ limit: 2 })) seen.push(customer.id)
    expect(seen).toEqual(made)
    const back = await rig.sdk.customers.list({ limit: 2, ending_before: made[3] as string })
    expect(back.data.map((one) => one.id)).toEqual([made[1], made[2]])
  })
})

describe('idempotency keys', () => {
  const key = { idempotencyKey: 'once' }

  test('the same request again gets the first answer, another one is refused', async () => {
    const first = await rig.sdk.customers.create({ name: 'Ada' }, key)
    const again = await rig.sdk.customers.create({ name: 'Ada' }, key)
    expect(again.id).toBe(first.id)
    expect(again.lastResponse.headers['idempotent-replayed']).toBe('true')
    await expect(rig.sdk.customers.create({ name: 'Eve' }, key)).rejects.toMatchObject({
      type: 'StripeIdempotencyError',
      statusCode: 400,
    })
    expect((await rig.sdk.customers.list()).data).toHaveLength(1)
  })

  test('two at once: one runs, the other is told to wait and then gets the same answer', async () => {
    const both = await Promise.allSettled([
      rig.sdk.customers.create({}, key),
      rig.sdk.customers.create({}, key),
    ])
    expect(both.map((one) => one.status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(both.find((one) => one.status === 'rejected')).toMatchObject({
      reason: { statusCode: 409, code: 'idempotency_key_in_use' },
    })
    const patient = sdkFor(rig.standIn.url, undefined, 2)
    const answers = await Promise.all([1, 2].map(() => patient.customers.create({}, key)))
    expect(answers[0]?.id).toBe(answers[1]?.id)
  })

  test('a decline is kept, a request that was malformed is not, and a key is forgotten after a day', async () => {
    const ids = await aCustomerWithCard('pm_card_chargeDeclined')
    const pay = () =>
      rig.sdk.paymentIntents.create(
        { ...ids, amount: 500, currency: 'usd', confirm: true, off_session: true },
        key,
      )
    await expect(pay()).rejects.toMatchObject({ code: 'card_declined' })
    await expect(pay()).rejects.toMatchObject({ code: 'card_declined' })
    expect(rig.standIn.payments()).toHaveLength(1)

    const other = { idempotencyKey: 'malformed' }
    await expect(rig.sdk.paymentIntents.create({} as never, other)).rejects.toBeTruthy()
    const mended = await rig.sdk.paymentIntents.create({ amount: 500, currency: 'usd' }, other)
    expect(mended.amount).toBe(500)

    rig.clock.offsetMs = 25 * 3_600_000
    await expect(pay()).rejects.toMatchObject({ code: 'card_declined' })
    expect(rig.standIn.payments()).toHaveLength(3)
  })

  test('an answer that is lost on the way is had by asking again', async () => {
    rig.faults.add({
      vendor: 'stripe',
      on: 'request',
      method: 'POST',
      action: { type: 'reset', afterBytes: 10 },
    })
    await expect(rig.sdk.customers.create({}, key)).rejects.toMatchObject({
      type: 'StripeConnectionError',
    })
    const again = await rig.sdk.customers.create({}, key)
    expect((await rig.sdk.customers.list()).data.map((one) => one.id)).toEqual([again.id])
  })
})

describe('payments', () => {
  test('a saved card is charged without its owner', async () => {
    const intent = await chargeNow(await aCustomerWithCard())
    expect(intent).toMatchObject({ status: 'succeeded', amount_received: 5_000 })
    expect(types()).toEqual([
      'customer.created',
      'payment_method.attached',
      'payment_intent.created',
      'charge.succeeded',
      'payment_intent.succeeded',
    ])
    await expect(rig.sdk.paymentIntents.cancel(intent.id)).rejects.toMatchObject({
      code: 'payment_intent_unexpected_state',
    })
  })

  test.each([
    ['pm_card_chargeDeclined', 'card_declined', 'generic_decline'],
    ['pm_card_chargeDeclinedInsufficientFunds', 'card_declined', 'insufficient_funds'],
    ['pm_card_authenticationRequired', 'authentication_required', 'authentication_required'],
    ['pm_card_authenticationRequiredOnSetup', 'authentication_required', 'authentication_required'],
  ])('%s is declined without its owner', async (card, code, declineCode) => {
    await expect(chargeNow(await aCustomerWithCard(card))).rejects.toMatchObject({
      type: 'StripeCardError',
      statusCode: 402,
      code,
      decline_code: declineCode,
      payment_intent: { status: 'requires_payment_method', last_payment_error: { code } },
    })
    expect(types().slice(-2)).toEqual(['charge.failed', 'payment_intent.payment_failed'])
  })

  test('a card that was set up with its owner is charged without them afterwards', async () => {
    const { customer } = await aCustomerWithCard()
    const session = await aSession(rig.sdk, 2_000, {
      customer,
      payment_intent_data: { setup_future_usage: 'off_session' },
    })
    await payWith(session, '4000002500003155')
    await fetch(`${session.url}/authenticate`, {
      method: 'POST',
      redirect: 'manual',
      body: new URLSearchParams({ outcome: 'complete' }),
    })
    const saved = await rig.sdk.customers.listPaymentMethods(customer, { type: 'card' })
    expect(saved.data.map((method) => method.card?.last4)).toEqual(['3155', '4242'])
    expect(
      await chargeNow({ customer, payment_method: saved.data[0]?.id as string }),
    ).toMatchObject({ status: 'succeeded' })
  })

  test('a card of another customer, a spent one, and charging nobody are refused', async () => {
    const mine = await aCustomerWithCard()
    const theirs = await aCustomerWithCard()
    const pay = (more: object) => chargeNow({ ...mine, ...more })
    await expect(pay({ customer: theirs.customer })).rejects.toMatchObject({
      param: 'payment_method',
    })
    await expect(pay({ customer: undefined })).rejects.toMatchObject({ param: 'payment_method' })
    await expect(pay({ payment_method: undefined })).rejects.toMatchObject({
      param: 'payment_method',
    })
    await expect(pay({ confirm: undefined })).rejects.toMatchObject({ param: 'off_session' })
    await expect(pay({ off_session: undefined })).rejects.toMatchObject({ param: 'return_url' })
    await rig.sdk.paymentMethods.detach(mine.payment_method)
    await expect(
      rig.sdk.paymentMethods.attach(mine.payment_method, { customer: mine.customer }),
    ).rejects.toMatchObject({ statusCode: 400 })
  })

  test('a deleted customer is shown as such and pays no more', async () => {
    const ids = await aCustomerWithCard()
    await rig.sdk.customers.del(ids.customer)
    expect(await rig.sdk.customers.retrieve(ids.customer)).toMatchObject({ deleted: true })
    await expect(chargeNow(ids)).rejects.toMatchObject({ code: 'resource_missing' })
  })
})

describe('money back', () => {
  test('a payment is refunded in parts and never for more than it brought', async () => {
    const { id } = await chargeNow(await aCustomerWithCard())
    const refund = (amount?: number) =>
      rig.sdk.refunds.create({ payment_intent: id, ...(amount && { amount }) })
    expect(await refund(1_500)).toMatchObject({ amount: 1_500, status: 'succeeded' })
    await expect(refund(3_501)).rejects.toMatchObject({ param: 'amount' })
    expect(await refund()).toMatchObject({ amount: 3_500 })
    await expect(refund()).rejects.toMatchObject({ code: 'charge_already_refunded' })
    expect((await rig.sdk.refunds.list({ payment_intent: id })).data).toHaveLength(2)
    expect(types().slice(-2)).toEqual(['refund.created', 'charge.refunded'])
  })

  test('a refund can fail afterwards, and a payment without a charge has none', async () => {
    const { id } = await chargeNow(await aCustomerWithCard())
    const refund = await rig.sdk.refunds.create({ payment_intent: id })
    rig.standIn.failRefund(refund.id)
    expect(await rig.sdk.refunds.retrieve(refund.id)).toMatchObject({ status: 'failed' })
    expect(types().slice(-2)).toEqual(['refund.updated', 'refund.failed'])
    const unpaid = await rig.sdk.paymentIntents.create({ amount: 500, currency: 'usd' })
    await expect(rig.sdk.refunds.create({ payment_intent: unpaid.id })).rejects.toMatchObject({
      param: 'payment_intent',
    })
  })

  test('a dispute is won, lost, or stays an inquiry', async () => {
    const ids = await aCustomerWithCard()
    const dispute = async (isInquiry = false) => {
      const { id } = await chargeNow(ids)
      return rig.standIn.openDispute(id, { isInquiry }).id
    }
    const won = await dispute()
    rig.standIn.closeDispute(won, 'won')
    expect(types().slice(-4)).toEqual([
      'charge.dispute.created',
      'charge.dispute.funds_withdrawn',
      'charge.dispute.closed',
      'charge.dispute.funds_reinstated',
    ])
    const lost = await dispute()
    rig.standIn.closeDispute(lost, 'lost')
    const inquiry = await dispute(true)
    rig.standIn.closeDispute(inquiry, 'won')
    const { data } = await rig.sdk.disputes.list()
    expect(data.map((one) => one.status)).toEqual(['warning_closed', 'lost', 'won'])
  })
})

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

/** Where ours lacks a key, has one the sample has not, or is of another kind. */
function compare(path: string, ours: unknown, sample: Shape): string[] {
  if (ABSENT.has(path)) return []
  if (ours === undefined) return [`${path} is missing`]
  const kind = kindOf(ours)
  if (kind === 'null' || sample === 'null') return []
  if (typeof sample === 'string') return kind === sample ? [] : [`${path} is ${kind}`]
  if (kind !== 'object') return [`${path} is ${kind}`]
  const own = ours as Record<string, unknown>
  // An empty object of the sample says nothing of its keys.
  const keys = Object.keys(sample)
  const extra = keys.length === 0 ? [] : Object.keys(own).filter((key) => !(key in sample))
  return [
    ...keys.flatMap((key) => compare(`${path}.${key}`, own[key], sample[key] ?? 'null')),
    ...extra.map((key) => `${path}.${key}`).filter((at) => !ADDED.has(at)),
  ]
}

const kindOf = (value: unknown): string =>
  value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value
