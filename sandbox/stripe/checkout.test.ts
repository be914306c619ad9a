import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type Stripe from 'stripe'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  aSession,
  aStripe,
  payWith,
  type StripeRig,
  sdkFor,
  submit,
  WEBHOOK_SECRET,
} from './testing.ts'

let rig: StripeRig
beforeEach(async () => {
  rig = await aStripe()
})
afterEach(() => rig.close())

const retrieve = (id: string) => rig.sdk.checkout.sessions.retrieve(id)
const types = () => rig.standIn.events().map((event) => event.type)
const inSeconds = (seconds: number) => Math.floor(Date.now() / 1_000) + seconds

describe('the hosted page', () => {
  test('shows what is paid for and leads back when it is paid', async () => {
    const session = await aSession(rig.sdk, 12_345, {
      metadata: { note: 'mine' },
      payment_intent_data: { metadata: { top_up: '1' } },
    })
    expect(session).toMatchObject({
      status: 'open',
      payment_status: 'unpaid',
      payment_intent: null,
    })
    const page = await fetch(session.url ?? '')
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(await page.text()).toContain('Pay $123.45')

    const paid = await payWith(session, '4242 4242 4242 4242')
    expect(paid.status).toBe(303)
    expect(paid.headers.get('location')).toBe(`http://localhost:3000/wallet?session=${session.id}`)
    const after = await retrieve(session.id)
    expect(after).toMatchObject({ status: 'complete', payment_status: 'paid', url: null })
    const intent = await rig.sdk.paymentIntents.retrieve(String(after.payment_intent))
    // The session's own metadata does not reach the payment.
    expect(intent).toMatchObject({ amount_received: 12_345, metadata: { top_up: '1' } })
    expect(types()).toEqual([
      'payment_intent.created',
      'charge.succeeded',
      'payment_intent.succeeded',
      'checkout.session.completed',
    ])
  })

  test('pressed twice it takes the money once', async () => {
    const session = await aSession(rig.sdk)
    const answers = await Promise.all([1, 2, 3].map(() => payWith(session, '4242424242424242')))
    expect(answers.map((answer) => answer.status)).toEqual([303, 303, 303])
    expect(rig.standIn.payments()).toHaveLength(1)
  })

  test('a declined card and a number that is none leave the session open for another card', async () => {
    const session = await aSession(rig.sdk)
    for (const [number, says] of [
      ['4000000000000002', 'Your card was declined.'],
      ['4000000000009995', 'Your card has insufficient funds.'],
      ['1234', 'Your card number is invalid.'],
    ] as const) {
      const refused = await payWith(session, number)
      expect(refused.status).toBe(402)
      expect(await refused.text()).toContain(says)
    }
    expect(await retrieve(session.id)).toMatchObject({ status: 'open', payment_status: 'unpaid' })
    expect((await payWith(session, '4242424242424242')).status).toBe(303)
    // One payment, tried several times.
    expect(rig.standIn.payments()).toHaveLength(1)
  })

  test('a card that asks for its owner pays after they proved who they are, and not before', async () => {
    const session = await aSession(rig.sdk)
    const asked = await payWith(session, '4000002760003184')
    expect(await asked.text()).toContain('Complete authentication')
    expect(types()).toContain('payment_intent.requires_action')
    const failed = await submit(`${session.url}/authenticate`, { outcome: 'fail' })
    expect(failed.status).toBe(402)
    expect(rig.standIn.payments()[0]).toMatchObject({ status: 'requires_payment_method' })
    const early = await submit(`${session.url}/authenticate`, { outcome: 'complete' })
    expect(early.status).toBe(402)

    await payWith(session, '4000002760003184')
    const done = await submit(`${session.url}/authenticate`, { outcome: 'complete' })
    expect(done.status).toBe(303)
    expect(await retrieve(session.id)).toMatchObject({ payment_status: 'paid' })
  })

  test('what a seller writes is shown as text', async () => {
    const session = await rig.sdk.checkout.sessions.create({
      mode: 'payment',
      line_items: [
        {
          quantity: 1,
          price_data: { currency: 'usd', unit_amount: 500, product_data: { name: '<b>"x"</b>' } },
        },
      ],
      success_url: 'http://localhost:3000/',
    })
    expect(await (await fetch(session.url ?? '')).text()).not.toContain('<b>')
  })
})

describe('sessions', () => {
  test('what Stripe refuses is refused', async () => {
    const wrong: [string, Partial<Stripe.Checkout.SessionCreateParams>][] = [
      ['success_url', { success_url: 'nowhere' }],
      ['expires_at', { expires_at: inSeconds(29 * 60) }],
      ['expires_at', { expires_at: inSeconds(25 * 3_600) }],
      ['line_items', { line_items: [] }],
      ['setup_intent_data', { setup_intent_data: { description: 'x' } }],
      ['mode', { mode: 'subscription' }],
    ]
    for (const [param, more] of wrong)
      await expect(aSession(rig.sdk, 5_000, more), param).rejects.toMatchObject({
        statusCode: 400,
        param: expect.stringContaining(param),
      })
  })

  test('one that nobody paid expires when it is due, and is gone from its page', async () => {
    const session = await aSession(rig.sdk, 5_000, { expires_at: inSeconds(1_800) })
    rig.clock.offsetMs = 1_801_000
    expect(await retrieve(session.id)).toMatchObject({ status: 'expired', url: null })
    expect((await payWith(session, '4242424242424242')).status).toBe(404)
    expect(types()).toEqual(['checkout.session.expired'])
  })

  test('an open one is expired on request, a paid one is not', async () => {
    const session = await aSession(rig.sdk)
    expect(await rig.sdk.checkout.sessions.expire(session.id)).toMatchObject({ status: 'expired' })
    const paid = await aSession(rig.sdk)
    await payWith(paid, '4242424242424242')
    await expect(rig.sdk.checkout.sessions.expire(paid.id)).rejects.toMatchObject({
      statusCode: 400,
    })
    const found = await rig.sdk.checkout.sessions.list({
      payment_intent: String(rig.standIn.payments()[0]?.id),
    })
    expect(found.data.map((one) => one.id)).toEqual([paid.id])
  })

  test('a card is saved without a payment', async () => {
    const customer = await rig.sdk.customers.create({ email: 'ada@voxcalls.test' })
    const session = await rig.sdk.checkout.sessions.create({
      mode: 'setup',
      currency: 'usd',
      customer: customer.id,
      success_url: 'http://localhost:3000/wallet',
    })
    expect((await payWith(session, '5555 5555 5555 4444')).status).toBe(303)
    const after = await rig.sdk.checkout.sessions.retrieve(session.id, {
      expand: ['setup_intent.payment_method'],
    })
    expect(after).toMatchObject({
      payment_status: 'no_payment_required',
      setup_intent: { payment_method: { customer: customer.id, card: { brand: 'mastercard' } } },
    })
  })

  test('everything outlives the process when it has a folder', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'stripe-'))
    try {
      await rig.close()
      rig = await aStripe({ dataDir })
      const key = { idempotencyKey: 'before' }
      const customer = await rig.sdk.customers.create({}, key)
      const method = await rig.sdk.paymentMethods.attach('pm_card_visa', { customer: customer.id })
      await rig.close()
      rig = await aStripe({ dataDir })
      expect((await rig.sdk.customers.create({}, key)).id).toBe(customer.id)
      const paid = await rig.sdk.paymentIntents.create({
        amount: 500,
        currency: 'usd',
        customer: customer.id,
        payment_method: method.id,
        off_session: true,
        confirm: true,
      })
      expect(paid.status).toBe('succeeded')
    } finally {
      rmSync(dataDir, { recursive: true })
    }
  })
})

describe('webhooks', () => {
  async function aReceiver(status: (n: number) => number = () => 200) {
    const arrived: { event: Stripe.Event; header: string; body: string }[] = []
    const server = createServer(async (request, response) => {
      let body = ''
      for await (const chunk of request) body += chunk
      const header = String(request.headers['stripe-signature'])
      arrived.push({ event: JSON.parse(body), header, body })
      response.writeHead(status(arrived.length)).end()
    })
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/stripe`
    await rig.close()
    rig = await aStripe({ webhookUrl: url, webhookRetryDelaysMs: [5, 5] })
    const close = () => new Promise((done) => server.close(done))
    return { arrived, close }
  }

  test('every event arrives with a signature that the vendor’s SDK accepts', async () => {
    const { arrived, close } = await aReceiver()
    try {
      await payWith(await aSession(rig.sdk), '4242424242424242')
      await rig.standIn.webhooksIdle()
      expect(arrived.map(({ event }) => event.type).sort()).toEqual([...types()].sort())
      const verifier = sdkFor(rig.standIn.url).webhooks
      for (const { body, header } of arrived) {
        expect(verifier.constructEvent(body, header, WEBHOOK_SECRET).object).toBe('event')
        expect(() => verifier.constructEvent(`${body} `, header, WEBHOOK_SECRET)).toThrow()
      }
    } finally {
      await close()
    }
  })

  test('a delivery that failed comes again with its id, one that is doubled comes twice', async () => {
    const { arrived, close } = await aReceiver((n) => (n === 1 ? 500 : 200))
    try {
      await rig.sdk.customers.create()
      await rig.standIn.webhooksIdle()
      expect(arrived.map(({ event }) => event.id)).toEqual([
        arrived[0]?.event.id,
        arrived[0]?.event.id,
      ])
      rig.faults.add({ vendor: 'stripe', on: 'webhook', action: { type: 'duplicate' } })
      await rig.sdk.customers.create()
      await rig.standIn.webhooksIdle()
      expect(arrived).toHaveLength(4)
      rig.faults.add({ vendor: 'stripe', on: 'webhook', action: { type: 'lose' } })
      await rig.sdk.customers.create()
      await rig.standIn.webhooksIdle()
      expect(arrived).toHaveLength(4)
      // What was lost is still found by asking.
      const { data } = await rig.sdk.events.list({ types: ['customer.created'] })
      expect(data).toHaveLength(3)
      rig.standIn.resend(data[0]?.id ?? '')
      await rig.standIn.webhooksIdle()
      expect(arrived.at(-1)?.event.id).toBe(data[0]?.id)
    } finally {
      await close()
    }
  })
})
