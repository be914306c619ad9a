import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { problem } from '#api/contract/problem.ts'
import { aSession, payWith } from '../../../../sandbox/stripe/testing.ts'
import * as api from '../contract.ts'
import { reconcileTopUpsJob } from '../jobs.ts'
import { followCheckout, followPayment } from './credit.ts'
import { claimTopUp, openCheckout } from './open.ts'
import { aPaymentRig, type PaymentRig } from './testing.ts'

let rig: PaymentRig
beforeAll(async () => {
  rig = await aPaymentRig()
})
afterEach(() => rig.stripe.faults.clear())
afterAll(() => rig.close())

type Admin = Awaited<ReturnType<PaymentRig['anAdmin']>>
const stateOf = async (admin: Admin, topUpId: string) => {
  const response = await rig.api.call(api.getTopUp, { params: { topUpId } }, admin)
  return api.topUp.parse(response.json())
}
const codeOf = (response: { json(): unknown }) => problem.parse(response.json()).code
const LATER_MS = 180_000
const reconcile = (laterMs = LATER_MS) => reconcileTopUpsJob.run(rig.at(null, laterMs), {})
const paymentOf = async (sessionUrl: string) => {
  const session = await rig.stripe.sdk.checkout.sessions.retrieve(sessionIdOf(sessionUrl))
  return String(session.payment_intent)
}
const sessionIdOf = (url: string) => url.split('/').at(-1) ?? ''

describe('paying in', () => {
  test('money that was paid is credited when Stripe says so, and not before', async () => {
    const admin = await rig.anAdmin(100)
    const page = await rig.open(admin, { amountCents: 12_345 })
    expect((await rig.pay(page)).headers.get('location')).toContain(`top-up=${page.id}`)
    expect(await rig.balance(admin.organizationId)).toBe(100)
    expect(await stateOf(admin, page.id)).toMatchObject({ state: 'pending', receivedCents: null })

    expect(new Set(await rig.deliverAll())).toEqual(new Set([204]))
    expect(await rig.balance(admin.organizationId)).toBe(100)
    await rig.work()
    expect(await rig.balance(admin.organizationId)).toBe(12_445)
    expect(await stateOf(admin, page.id)).toMatchObject({
      state: 'paid',
      receivedCents: 12_345,
      checkoutUrl: null,
      receiptUrl: expect.stringContaining('/receipts/'),
    })
    expect(await rig.lines(admin.organizationId)).toEqual([
      'grant grants > available 100',
      'top_up payments > available 12345',
    ])
  })

  test('one key is one top-up and one page, another body under it is refused', async () => {
    const admin = await rig.anAdmin()
    const ask = (amountCents: number, key = 'once') =>
      rig.api.app.inject({
        method: 'POST',
        url: '/v1/wallet/top-ups',
        headers: { authorization: `Bearer ${admin.token}`, 'idempotency-key': key },
        payload: { amountCents },
      })
    const [first, second] = [await ask(900), await ask(900)]
    expect(first.statusCode).toBe(201)
    expect(second.json()).toEqual(first.json())
    expect((await ask(901)).statusCode).toBe(422)
    const listed = await rig.api.call(api.listTopUps, { query: {} }, admin)
    expect(api.listTopUps.response.parse(listed.json()).items).toHaveLength(1)
    expect((await ask(900, 'another')).json()).not.toEqual(first.json())
  })

  test('too little, too much and what nobody asked for are refused', async () => {
    const admin = await rig.anAdmin()
    for (const body of [{ amountCents: 499 }, { amountCents: 1_000_001 }, { amountCents: 1.5 }])
      expect((await rig.api.call(api.createTopUp, { body }, admin)).statusCode).toBe(400)
    const more = { amountCents: 500, currency: 'eur' }
    expect((await rig.api.call(api.createTopUp, { body: more }, admin)).statusCode).toBe(400)
  })

  test('somebody who opens page after page is stopped', async () => {
    const admin = await rig.anAdmin()
    for (let n = 0; n < 20; n++)
      await claimTopUp(rig.at(admin.organizationId), { amountCents: 500, saveCard: false })
    const refused = await rig.api.call(api.createTopUp, { body: { amountCents: 500 } }, admin)
    expect(codeOf(refused)).toBe('wallet.too_many_open_top_ups')
  })

  test('without a key for Stripe nothing can be paid in, and the wallet goes on', async () => {
    const without = await aPaymentRig({ STRIPE_SECRET_KEY: '', STRIPE_WEBHOOK_SECRET: '' })
    try {
      const admin = await without.anAdmin(100)
      const refused = await without.api.call(api.createTopUp, { body: { amountCents: 500 } }, admin)
      expect(codeOf(refused)).toBe('wallet.payments_off')
      expect((await without.api.call(api.getWallet, {}, admin)).statusCode).toBe(200)
      await reconcileTopUpsJob.run(without.at(null), {})
    } finally {
      await without.close()
    }
  })

  test('a card that is refused leaves the page open, one that proves its owner pays', async () => {
    const admin = await rig.anAdmin()
    const page = await rig.open(admin)
    await rig.pay(page, '4000000000000002')
    await rig.deliverAll()
    await rig.work()
    expect(await stateOf(admin, page.id)).toMatchObject({
      state: 'pending',
      failureCode: 'generic_decline',
      checkoutUrl: page.checkoutUrl,
    })
    await rig.pay(page, '4000002760003184')
    await rig.deliverAll()
    await rig.work()
    expect(await stateOf(admin, page.id)).toMatchObject({ state: 'paid', failureCode: null })
  })

  test('a page that nobody paid expires', async () => {
    const admin = await rig.anAdmin()
    const page = await rig.open(admin)
    await rig.stripe.sdk.checkout.sessions.expire(sessionIdOf(page.checkoutUrl))
    await rig.deliverAll()
    await rig.work()
    expect(await stateOf(admin, page.id)).toMatchObject({ state: 'expired', checkoutUrl: null })
  })

  test('another organization’s top-up is answered like one of nobody', async () => {
    const [mine, theirs] = [await rig.anAdmin(), await rig.anAdmin()]
    const { id } = await rig.open(theirs)
    const ask = (topUpId: string) => rig.api.call(api.getTopUp, { params: { topUpId } }, mine)
    const [other, random] = [await ask(id), await ask(randomUUID())]
    expect([other.statusCode, random.statusCode]).toEqual([404, 404])
    expect(codeOf(other)).toBe(codeOf(random))
  })
})

describe('deliveries', () => {
  const inject = (body: string, headers: Record<string, string>) =>
    rig.api.app.inject({ method: 'POST', url: '/webhooks/stripe', headers, payload: body })

  test('a forged, changed, old or future delivery is refused and starts nothing', async () => {
    const admin = await rig.anAdmin()
    await rig.pay(await rig.open(admin))
    const event = rig.stripe.standIn.events('checkout.session.completed').at(-1)
    const { body, headers } = rig.stripe.standIn.delivery(event?.id ?? '')
    const sent = rig.api.sent.length
    const shifted = (ms: number) => {
      rig.stripe.clock.offsetMs = ms
      const late = rig.stripe.standIn.delivery(event?.id ?? '').headers
      rig.stripe.clock.offsetMs = 0
      return late
    }
    const { 'stripe-signature': signature = '', ...bare } = headers
    for (const [what, text, head] of [
      ['changed', body.replace('5000', '9000'), headers],
      ['unsigned', body, bare],
      ['of an old scheme', body, { ...bare, 'stripe-signature': signature.replace('v1', 'v0') }],
      ['signed with nothing', body, { ...bare, 'stripe-signature': 't=1,v1=' }],
      ['six minutes old', body, shifted(-360_000)],
      ['six minutes ahead', body, shifted(360_000)],
      ['no JSON', '{', { ...bare, 'stripe-signature': signature }],
    ] as const)
      expect((await inject(text, head)).statusCode, what).toBe(400)
    expect(rig.api.sent).toHaveLength(sent)
    const kept = `select 1 from webhook_deliveries where delivery_id = $1`
    expect(await rig.api.database.query('platform', kept, [event?.id])).toEqual([])
    expect((await inject(body, headers)).statusCode).toBe(204)
    await rig.deliverAll()
    await rig.work()
    expect(await rig.balance(admin.organizationId)).toBe(5_000)
  })

  test('news that change nothing here are taken and forgotten', async () => {
    await rig.stripe.sdk.customers.create()
    const sent = rig.api.sent.length
    expect(await rig.deliverAll()).toContain(204)
    expect(rig.api.sent).toHaveLength(sent)
  })

  test('whatever comes twice, backward or at once is credited once', async () => {
    const admin = await rig.anAdmin()
    const page = await rig.open(admin)
    await rig.pay(page)
    await rig.deliverAll('backward')
    const news = rig.stripe.standIn.events().slice(-4)
    await Promise.all([...news, ...news, ...news].map(({ id }) => rig.deliver(id)))
    const paid = await paymentOf(page.checkoutUrl)
    const sessionId = sessionIdOf(page.checkoutUrl)
    const outcomes = await Promise.all([
      followCheckout(rig.at(null), sessionId),
      followPayment(rig.at(null), paid),
      followPayment(rig.at(null), paid),
      followCheckout(rig.at(null), sessionId),
      rig.work().then(() => 'worked'),
      reconcile().then(() => 'reconciled'),
    ])
    await rig.work()
    expect(outcomes.filter((outcome) => outcome === 'credited').length).toBeLessThanOrEqual(1)
    expect(await rig.lines(admin.organizationId)).toEqual(['top_up payments > available 5000'])
    expect(await rig.balance(admin.organizationId)).toBe(5_000)
  })

  test('a payment that nobody told us of is found by asking', async () => {
    const admin = await rig.anAdmin()
    const page = await rig.open(admin)
    await rig.pay(page)
    await reconcile()
    await rig.work()
    expect(await stateOf(admin, page.id)).toMatchObject({ state: 'paid' })
    expect(await rig.balance(admin.organizationId)).toBe(5_000)
    // The news arrive after all.
    await rig.deliverAll()
    await rig.work()
    expect(await rig.balance(admin.organizationId)).toBe(5_000)
  })

  test('money that comes after a page was given up is credited all the same', async () => {
    const admin = await rig.anAdmin()
    const page = await rig.open(admin)
    await rig.pay(page)
    await rig.api.database.query(
      'app',
      `update top_ups set state = 'expired', decided_at = now() where id = $1`,
      [page.id],
      admin.organizationId,
    )
    await reconcile()
    await rig.work()
    expect(await stateOf(admin, page.id)).toMatchObject({ state: 'paid', receivedCents: 5_000 })
  })
})

describe('what Stripe says of the money', () => {
  /** Answers once with this in place of the payment. */
  async function answerWith(change: object) {
    const admin = await rig.anAdmin()
    const page = await rig.open(admin)
    await rig.pay(page)
    const payment = await rig.stripe.sdk.paymentIntents.retrieve(
      await paymentOf(page.checkoutUrl),
      {
        expand: ['latest_charge', 'payment_method'],
      },
    )
    rig.stripe.faults.add({
      vendor: 'stripe',
      on: 'request',
      path: '/v1/payment_intents',
      action: { type: 'status', status: 200, body: { ...payment, ...change } },
    })
    const outcome = await followCheckout(rig.at(null), sessionIdOf(page.checkoutUrl))
    return { admin, page, outcome }
  }

  test('a payment that is not received yet is waited for', async () => {
    const { admin, page, outcome } = await answerWith({ status: 'processing', amount_received: 0 })
    expect(outcome).toBe('waiting')
    expect(await rig.balance(admin.organizationId)).toBe(0)
    expect(await followCheckout(rig.at(null), sessionIdOf(page.checkoutUrl))).toBe('credited')
  })

  test('what was received is credited, not what was asked for', async () => {
    const { admin, page, outcome } = await answerWith({ amount_received: 4_200 })
    expect(outcome).toBe('credited')
    expect(await rig.balance(admin.organizationId)).toBe(4_200)
    expect(await stateOf(admin, page.id)).toMatchObject({
      amountCents: 5_000,
      receivedCents: 4_200,
    })
  })

  test('another currency is credited to nobody and somebody is told', async () => {
    const { admin, outcome } = await answerWith({ currency: 'eur' })
    expect(outcome).toBe('other currency')
    expect(await rig.balance(admin.organizationId)).toBe(0)
    expect(rig.api.logged().some((line) => line.alert === 'payment.unexpected')).toBe(true)
  })

  test('metadata does not make a stranger’s payment ours', async () => {
    const admin = await rig.anAdmin()
    const page = await rig.open(admin, { amountCents: 900 })
    const { sdk } = rig.stripe
    const metadata = { top_up_id: page.id, organization_id: admin.organizationId }
    const forged = await aSession(sdk, 99_999, {
      client_reference_id: page.id,
      metadata,
      payment_intent_data: { metadata },
    })
    await payWith(forged, '4242424242424242')
    const payment = await sdk.checkout.sessions.retrieve(forged.id)
    expect(await followCheckout(rig.at(null), forged.id)).toBe('not ours')
    expect(await followPayment(rig.at(null), String(payment.payment_intent))).toBe('not ours')
    await rig.deliverAll()
    await rig.work()
    expect(await rig.balance(admin.organizationId)).toBe(0)
    expect(rig.api.logged().some((line) => line.alert === 'webhook.not_ours')).toBe(true)
  })
})

describe('a process that dies', () => {
  const loseAnswers = (path: string, times: number) =>
    rig.stripe.faults.add({
      vendor: 'stripe',
      on: 'request',
      method: 'POST',
      path,
      times,
      action: { type: 'reset', afterBytes: 20 },
    })

  test('between Stripe’s answer and our note, the same page is had by asking again', async () => {
    const admin = await rig.anAdmin()
    const own = rig.at(admin.organizationId)
    const { topUpId } = await claimTopUp(own, { amountCents: 700, saveCard: false })
    loseAnswers('/v1/checkout/sessions', 9)
    await expect(openCheckout(own, topUpId)).rejects.toMatchObject({ retryable: true })
    rig.stripe.faults.clear()
    const pages = await Promise.all([openCheckout(own, topUpId), openCheckout(own, topUpId)])
    expect(pages[0]).toEqual(pages[1])
    const made = await rig.stripe.sdk.checkout.sessions.list({ limit: 100 })
    expect(made.data.filter((one) => one.client_reference_id === topUpId)).toHaveLength(1)
  })

  test('before Stripe was asked, the poll asks; when it is too late, the top-up is let go', async () => {
    const admin = await rig.anAdmin()
    const own = rig.at(admin.organizationId)
    const { topUpId } = await claimTopUp(own, { amountCents: 700, saveCard: false })
    await reconcile()
    await rig.work()
    expect(await stateOf(admin, topUpId)).toMatchObject({
      state: 'pending',
      checkoutUrl: expect.stringContaining('/c/pay/'),
    })
    const late = await claimTopUp(rig.at(admin.organizationId, -7_200_000), {
      amountCents: 700,
      saveCard: false,
    })
    await reconcile()
    await rig.work()
    expect(await stateOf(admin, late.topUpId)).toMatchObject({ state: 'expired' })
  })

  test('a page that was paid and never noted is found by the id it carries', async () => {
    const admin = await rig.anAdmin()
    const page = await rig.open(admin)
    await rig.pay(page)
    await rig.api.database.query(
      'app',
      'update top_ups set stripe_session_id = null, checkout_url = null where id = $1',
      [page.id],
      admin.organizationId,
    )
    await rig.deliverAll()
    await rig.work()
    expect(await stateOf(admin, page.id)).toMatchObject({ state: 'paid' })
    expect(await rig.balance(admin.organizationId)).toBe(5_000)
  })
})
