import Stripe from 'stripe'
import { Faults } from '../kit/faults.ts'
import { Journal } from '../kit/journal.ts'
import { type StripeOptions, type StripeStandIn, startStripe } from './start.ts'

export const SECRET_KEY = 'sk_test_of_the_sandbox'
export const WEBHOOK_SECRET = 'whsec_of_the_sandbox'
const TIMEOUT_MS = 5_000

export type StripeRig = {
  standIn: StripeStandIn
  journal: Journal
  faults: Faults
  /** The vendor's own SDK; it does not repeat anything unless told to. */
  sdk: Stripe
  clock: { offsetMs: number }
  close(): Promise<void>
}

export async function aStripe(options: Partial<StripeOptions> = {}): Promise<StripeRig> {
  const journal = new Journal()
  const faults = new Faults()
  const clock = { offsetMs: 0 }
  const standIn = await startStripe({
    port: 0,
    secretKey: SECRET_KEY,
    webhookSecret: WEBHOOK_SECRET,
    journal,
    faults,
    now: () => Date.now() + clock.offsetMs,
    ...options,
  })
  return {
    standIn,
    journal,
    faults,
    clock,
    sdk: sdkFor(standIn.url),
    close: () => standIn.close(),
  }
}

export function sdkFor(address: string, key = SECRET_KEY, retries = 0): Stripe {
  const { hostname, port } = new URL(address)
  return new Stripe(key, {
    host: hostname,
    port,
    protocol: 'http',
    maxNetworkRetries: retries,
    timeout: TIMEOUT_MS,
    telemetry: false,
  })
}

/** A session for `amount` cents, paid back to addresses nobody serves. */
export const aSession = (
  sdk: Stripe,
  amount = 5_000,
  more: Partial<Stripe.Checkout.SessionCreateParams> = {},
) =>
  sdk.checkout.sessions.create({
    mode: 'payment',
    line_items: [
      {
        quantity: 1,
        price_data: {
          currency: 'usd',
          unit_amount: amount,
          product_data: { name: 'Wallet top-up' },
        },
      },
    ],
    success_url: 'http://localhost:3000/wallet?session={CHECKOUT_SESSION_ID}',
    cancel_url: 'http://localhost:3000/wallet',
    ...more,
  })

/** What a person does on a hosted page: one form, no redirect followed. */
export const submit = (url: string, fields: Record<string, string>) =>
  fetch(url, { method: 'POST', redirect: 'manual', body: new URLSearchParams(fields) })

export const payWith = (session: { url: string | null }, number: string) =>
  submit(session.url ?? '', { number })
