import { randomUUIDv7 } from 'node:crypto'
import type { Actor, Context, Queue } from '#api/core/context.ts'
import { type Job, job, on, type Subscription } from '#api/core/jobs.ts'
import { createLogger } from '#api/core/log.ts'
import { createKeyring } from '#api/core/sealing.ts'
import { createSigner } from '#api/core/signer.ts'
import type { Vendors } from '#api/core/vendors.ts'
import { stripeClient } from '#api/vendors/stripe.ts'
import { createQueue } from '#db/queue.ts'
import { type TestDatabase, testDatabase } from '#db/testing.ts'
import { payWith, SECRET_KEY, type StripeRig } from '../../../sandbox/stripe/testing.ts'
import { paymentTroubled, rechargeDue, walletExhausted, walletLow } from './events.ts'
import { claimTopUp, openCheckout } from './service.ts'

export type WalletLab = {
  t: TestDatabase
  /** A context of an organization, or of the platform. */
  ctx(organizationId: string | null, actor?: Actor): Context
  /** A top-up whose page is open. */
  anOpenTopUp(
    organizationId: string,
    asked?: { amountCents?: number; saveCard?: boolean },
  ): Promise<{ topUpId: string; url: string }>
  /** One that somebody paid with a card, of which we have not heard yet. */
  aPaidTopUp(
    organizationId: string,
    asked?: { amountCents?: number; saveCard?: boolean; card?: string },
  ): Promise<{ topUpId: string; stripeSessionId: string; stripePaymentIntentId: string }>
  /** What the organization's events started, in order. */
  told(organizationId: string): Promise<unknown[]>
  close(): Promise<void>
}

const listener = (name: string, data: Job['data']) =>
  job({
    name,
    data,
    retry: { limit: 1, delaySeconds: 1 },
    key: () => randomUUIDv7(), // each is kept, so that a test sees how often it was said
    run: async () => undefined,
  }) as unknown as Job

const subscriptions: Subscription[] = [
  on(walletLow, [listener('testing.low', walletLow.data) as never]),
  on(walletExhausted, [listener('testing.exhausted', walletExhausted.data) as never]),
  on(rechargeDue, [listener('testing.recharge-due', rechargeDue.data) as never]),
  on(paymentTroubled, [listener('testing.troubled', paymentTroubled.data) as never]),
]

/** The wallet on a real database with a real queue. Money for calls touches no vendor; paying in asks Stripe's stand-in. */
export async function walletLab(stripe?: StripeRig): Promise<WalletLab> {
  const t = await testDatabase()
  const log = createLogger({ name: 'test', level: 'silent' })
  const queue: Queue & { close(): Promise<void> } = await createQueue({
    url: t.urls.app,
    subscriptions,
    log,
  })
  const payments = stripe && stripeClient({ secretKey: SECRET_KEY, baseUrl: stripe.standIn.url })
  const vendors = new Proxy({} as Vendors, {
    get: (_, name) => {
      if (name === 'stripe' && payments) return payments
      throw new Error(`the wallet asked a vendor: ${String(name)}`)
    },
  })
  const ctx: WalletLab['ctx'] = (organizationId, actor = { kind: 'job', name: 'test' }) => ({
    database: t.database,
    actor,
    organizationId,
    requestId: randomUUIDv7(),
    log,
    now: () => new Date(),
    queue,
    signer: createSigner('test'),
    keyring: createKeyring([{ id: 'test', key: Buffer.alloc(32, 1) }]),
    publicWebUrl: 'http://localhost:3000',
    vendors,
  })
  const anOpenTopUp: WalletLab['anOpenTopUp'] = async (organizationId, asked = {}) => {
    const body = { amountCents: 5_000, saveCard: false, ...asked }
    const { topUpId } = await claimTopUp(ctx(organizationId), body)
    const { checkoutUrl } = await openCheckout(ctx(organizationId), topUpId)
    return { topUpId, url: checkoutUrl ?? '' }
  }
  return {
    t,
    ctx,
    anOpenTopUp,
    async aPaidTopUp(organizationId, { card = '4242424242424242', ...asked } = {}) {
      const { topUpId, url } = await anOpenTopUp(organizationId, asked)
      await payWith({ url }, card)
      const stripeSessionId = url.split('/').at(-1) ?? ''
      const session = await payments?.findCheckout(stripeSessionId)
      return {
        topUpId,
        stripeSessionId,
        stripePaymentIntentId: session?.stripePaymentIntentId ?? '',
      }
    },
    async told(organizationId) {
      const rows = await t.query<{ name: string; data: object }>(
        'admin',
        `select name, data from jobs.job where data ->> 'organizationId' = $1 order by created_on`,
        [organizationId],
      )
      return rows.map(({ name, data }) => ({ name, ...data }))
    },
    async close() {
      await queue.close()
      await t.close()
    },
  }
}
