import type { Context } from '#api/core/context.ts'
import { asPlatform, forOrganization } from '#api/core/context.ts'
import type { Job } from '#api/core/jobs.ts'
import { jobs, subscriptions } from '#api/subscriptions.ts'
import { type Person, type TestApi, testApi } from '#api/testing.ts'
import {
  aStripe,
  payWith,
  SECRET_KEY,
  type StripeRig,
  submit,
  WEBHOOK_SECRET,
} from '../../../../sandbox/stripe/testing.ts'
import * as api from '../contract.ts'
import { getWallet, verifyWallets } from '../service.ts'

export type PaymentRig = {
  api: TestApi
  stripe: StripeRig
  /** Somebody who may pay, in an organization of their own. */
  anAdmin(balanceCents?: number): Promise<Person & { organizationId: string }>
  /** A context of an organization at a moment from now. */
  at(organizationId: string | null, laterMs?: number): Context
  open(
    admin: Person,
    asked?: { amountCents?: number; saveCard?: boolean },
  ): Promise<{ id: string; checkoutUrl: string }>
  pay(page: { checkoutUrl: string }, card?: string): Promise<Response>
  /** A top-up that was opened, paid, told and credited. */
  topUp(admin: Person, asked?: { amountCents?: number; saveCard?: boolean }): Promise<string>
  /** Delivers every event of Stripe's that was not delivered yet; returns the statuses. */
  deliverAll(order?: 'forward' | 'backward'): Promise<number[]>
  deliver(eventId: string): Promise<number>
  /** Runs what was sent since the last time, and what that sends, until nothing is left. */
  work(): Promise<string[]>
  /** Forgets what was sent and not run, as a queue that lost it. */
  lose(): void
  balance(organizationId: string): Promise<number>
  lines(organizationId: string): Promise<string[]>
  close(): Promise<void>
}

const MAX_ROUNDS = 10 // jobs that send jobs: two deep is the most there is

/** The API over Stripe's stand-in, which tells nothing by itself: a test delivers what it wants, when it wants. */
export async function aPaymentRig(over: Record<string, string> = {}): Promise<PaymentRig> {
  const stripe = await aStripe({ workMs: 1 })
  const testing = await testApi({
    STRIPE_SECRET_KEY: SECRET_KEY,
    STRIPE_WEBHOOK_SECRET: WEBHOOK_SECRET,
    STRIPE_API_BASE: stripe.standIn.url,
    ...over,
  })
  const delivered = new Set<string>()
  let worked = 0

  const deliver = async (eventId: string): Promise<number> => {
    delivered.add(eventId)
    const { body, headers } = stripe.standIn.delivery(eventId)
    const url = '/webhooks/stripe'
    const response = await testing.app.inject({ method: 'POST', url, headers, payload: body })
    return response.statusCode
  }
  const deliverAll: PaymentRig['deliverAll'] = async (order = 'forward') => {
    const news = stripe.standIn.events().filter(({ id }) => !delivered.has(id))
    if (order === 'backward') news.reverse()
    const statuses = []
    for (const { id } of news) statuses.push(await deliver(id))
    return statuses
  }
  const at: PaymentRig['at'] = (organizationId, laterMs = 0) => ({
    ...(organizationId ? forOrganization(testing.ctx, organizationId) : testing.ctx),
    actor: { kind: 'job', name: 'test' },
    now: () => new Date(Date.now() + laterMs),
  })
  const work = async () => {
    const ran: string[] = []
    for (let round = 0; round < MAX_ROUNDS && worked < testing.sent.length; round++) {
      const news = testing.sent.slice(worked)
      worked = testing.sent.length
      for (const { name, data } of news)
        for (const job of jobsOf(name)) {
          ran.push(job.name)
          await job.run(at(null), job.data.parse(data))
        }
    }
    return ran
  }
  const open: PaymentRig['open'] = async (admin, asked = {}) => {
    const body = { amountCents: 5_000, ...asked }
    const response = await testing.call(api.createTopUp, { body }, admin)
    const { id, checkoutUrl } = api.topUp.parse(response.json())
    if (!checkoutUrl) throw new Error('a new top-up has no page')
    return { id, checkoutUrl }
  }
  const pay: PaymentRig['pay'] = async ({ checkoutUrl }, card = '4242424242424242') => {
    const answer = await payWith({ url: checkoutUrl }, card)
    if (answer.status !== 200) return answer
    return submit(`${checkoutUrl}/authenticate`, { outcome: 'complete' })
  }

  return {
    api: testing,
    stripe,
    at,
    open,
    pay,
    deliver,
    deliverAll,
    work,
    lose() {
      worked = testing.sent.length
    },
    async anAdmin(balanceCents = 0) {
      const organizationId = await testing.database.anOrganization({ balanceCents })
      return { ...(await testing.aHolderOf('admin', organizationId)), organizationId }
    },
    async topUp(admin, asked) {
      const page = await open(admin, asked)
      await pay(page)
      await deliverAll()
      await work()
      return page.id
    },
    balance: async (organizationId) => (await getWallet(at(organizationId))).balanceCents,
    async lines(organizationId) {
      const rows = await testing.database.query<{ line: string }>(
        'app',
        `select kind || ' ' || from_account || ' > ' || to_account || ' ' || amount_cents as line
           from ledger_entries order by sequence`,
        [],
        organizationId,
      )
      return rows.map(({ line }) => line)
    },
    async close() {
      const findings = await asPlatform(at(null), verifyWallets)
      await testing.close()
      await stripe.close()
      // Whatever a file's tests did, the books are right.
      if (findings.length > 0) throw new Error(JSON.stringify(findings))
    },
  }
}

/** The job of a name, or those that an event of that name starts. */
const jobsOf = (name: string): Job[] => [
  ...jobs.filter((job) => job.name === name),
  ...subscriptions
    .filter(({ event }) => event === name)
    .flatMap((subscription) => subscription.jobs)
    .filter((job) => job.name.startsWith('wallet.')),
]
