import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { asPlatform, forOrganization } from '#api/core/context.ts'
import { KILLS_MS, killAtEachStep, killing } from '#api/killing-testing.ts'
import { type TestApi, testApi, testEnvironment } from '#api/testing.ts'
import { aStripe, payWith, SECRET_KEY, type StripeRig } from '../../../sandbox/stripe/testing.ts'
import { claimTopUp, openCheckout, verifyWallets } from '../wallet/service.ts'
import { type Deed, perform } from './kill-testing.ts'
import { claimOutboundCall } from './outbound/place.ts'
import { anAwakeNumber, awakeCountries } from './outbound/testing.ts'
import { aCallCentre, aCaller, aCallSid, aLiveCall, setPrice } from './testing.ts'

let stripe: StripeRig
let api: TestApi
let die: ReturnType<typeof killing<Deed>>
beforeAll(async () => {
  stripe = await aStripe({ workMs: 0 })
  const paying = { STRIPE_SECRET_KEY: SECRET_KEY, STRIPE_API_BASE: stripe.standIn.url }
  api = await testApi(paying)
  die = killing<Deed>({
    databaseUrls: api.database.urls,
    environment: testEnvironment(paying),
    performs: path.join(import.meta.dirname, 'kill-testing.ts'),
  })
  await setPrice(api)
})
afterAll(async () => {
  await api.close()
  await stripe.close()
})

/** What is there before the deed, and what the ledger must say after it. */
type Scene = { organizationId: string; deed: Deed }

async function aRingingCall() {
  const centre = await aCallCentre(api, { balanceCents: 1_000 })
  const { organizationId, number, twilioAccountSid } = centre
  const asked = { from: aCaller(), to: number, twilioCallSid: aCallSid(), twilioAccountSid }
  return { organizationId, asked }
}

async function aRunningCall() {
  const centre = await aCallCentre(api, { balanceCents: 1_000 })
  const { organizationId, callId, epoch, pricePerHourCents } = await aLiveCall(api, centre)
  return { organizationId, callId, epoch, pricePerHourCents }
}

async function aPaidCheckout() {
  const organizationId = await api.database.anOrganization({ balanceCents: 1_000 })
  const ctx = forOrganization(api.ctx, organizationId)
  const { topUpId } = await claimTopUp(ctx, { amountCents: 5_000, saveCard: false })
  const { checkoutUrl } = await openCheckout(ctx, topUpId)
  await payWith({ url: checkoutUrl }, '4242424242424242')
  const id = checkoutUrl?.split('/').at(-1) ?? ''
  return { organizationId, about: { kind: 'checkout' as const, id } }
}

const scenes: Record<string, { make(): Promise<Scene>; lines: string[] }> = {
  admit: {
    async make() {
      const { organizationId, asked } = await aRingingCall()
      return { organizationId, deed: { do: 'admit', asked } }
    },
    lines: ['grant 1000', 'hold 60'],
  },
  place: {
    async make() {
      const centre = await aCallCentre(api, { balanceCents: 1_000 })
      const { organizationId, agentId, phoneNumberId } = centre
      await api.database.query(
        'admin',
        'update organizations set allowed_countries = $2 where id = $1',
        [organizationId, awakeCountries],
      )
      const { userId } = await api.aHolderOf('admin', organizationId)
      const membership = { organizationId, role: 'admin' as const }
      const actor = { kind: 'user' as const, userId, email: '', platformRole: null, membership }
      const own = { ...forOrganization(api.ctx, organizationId), actor }
      const { callId } = await claimOutboundCall(own, {
        kind: 'agent',
        agentId,
        fromPhoneNumberId: phoneNumberId,
        to: anAwakeNumber(),
        consent: { basis: 'written', obtainedAt: new Date(0), note: '' },
        variables: {},
        onMachine: 'hang_up',
      })
      return { organizationId, deed: { do: 'place', organizationId, callId } }
    },
    lines: ['grant 1000', 'hold 60'],
  },
  renew: {
    async make() {
      const call = await aRunningCall()
      return { organizationId: call.organizationId, deed: { do: 'renew', call } }
    },
    lines: ['grant 1000', 'hold 60', 'hold 60'],
  },
  settle: {
    async make() {
      const call = await aRunningCall()
      return { organizationId: call.organizationId, deed: { do: 'settle', call } }
    },
    lines: ['grant 1000', 'hold 60', 'capture 45', 'release 15'],
  },
  'top-up': {
    async make() {
      const { organizationId, about } = await aPaidCheckout()
      return { organizationId, deed: { do: 'follow', about } }
    },
    lines: ['grant 1000', 'top_up 5000'],
  },
  refund: {
    async make() {
      const { organizationId, about } = await aPaidCheckout()
      await perform(api.ctx, { do: 'follow', about })
      const session = await api.ctx.vendors.stripe?.findCheckout(about.id)
      const refund = await stripe.sdk.refunds.create({
        payment_intent: session?.stripePaymentIntentId ?? '',
        amount: 700,
      })
      return { organizationId, deed: { do: 'follow', about: { kind: 'refund', id: refund.id } } }
    },
    lines: ['grant 1000', 'top_up 5000', 'refund 700'],
  },
}

async function linesOf(organizationId: string): Promise<string[]> {
  const rows = await api.database.query<{ line: string }>(
    'app',
    `select kind || ' ' || amount_cents as line from ledger_entries order by sequence`,
    [],
    organizationId,
  )
  return rows.map(({ line }) => line)
}

test.each(Object.keys(scenes))(
  'killed between its statements, %s is done once by whoever does it again',
  async (name) => {
    const { make, lines } = scenes[name]!
    const outcomes = new Set<string>()
    await killAtEachStep({
      async make() {
        const { organizationId, deed } = await make()
        return { organizationId, deed, before: await linesOf(organizationId) }
      },
      die: ({ deed }, point) => die(deed, point),
      async look({ organizationId, deed, before }, isWhole) {
        const between = await linesOf(organizationId)
        // All of it, or nothing of it.
        expect(isWhole ? [lines] : [before, lines]).toContainEqual(between)
        outcomes.add(between.length === before.length ? 'nothing' : 'all')
        await perform(api.ctx, deed)
        expect(await linesOf(organizationId)).toEqual(lines)
      },
    })
    expect([...outcomes].toSorted()).toEqual(['all', 'nothing'])
    expect(await asPlatform(api.ctx, verifyWallets)).toEqual([])
  },
  KILLS_MS,
)
