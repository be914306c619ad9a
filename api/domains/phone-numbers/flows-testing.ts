import { expect } from 'vitest'
import type { Context } from '#api/core/context.ts'
import { type Deed, perform } from './kill-testing.ts'
import { getPhoneNumber, type PhoneNumber } from './show.ts'
import type { NumberLab } from './testing.ts'

const MOST_TRIES = 6
const PURCHASE_PATIENCE_MS = 20_000 // after so long a purchase without a trace is sent once more
const BEFORE_US = 'https://before.voxcalls.test/voice'

type Route = PhoneNumber['route']

export type Flows = {
  ctx: Context
  /** Everything an admin may want, each of a number of its own that is ready for it. */
  deeds: Record<(typeof deedNames)[number], () => Promise<Deed>>
  /** Has somebody do it again until it is done, each time after the dead one's time is over. */
  goOn(deed: Deed): Promise<void>
  /** What both vendors hold of a number is what we say, and we say what was wanted. */
  expectConsistent(deed: Deed): Promise<void>
  /** The vendors hold no number that nobody has here, and none was bought twice. */
  expectNothingOrphaned(): Promise<void>
}

export const deedNames = [
  'a purchase',
  'an import',
  'a native import',
  'a change from our gateways to ElevenLabs',
  'a change from ElevenLabs to our gateways',
  'a repair at ElevenLabs',
  'a release of a native number',
  'a release of a bought number',
] as const

/** One organization with an account of its own, in which numbers are bought, imported, changed and given up. */
export async function numberFlows(lab: NumberLab): Promise<Flows> {
  const { ctx, agentId } = await lab.anOrganization()
  const account = await lab.anOwnAccount(ctx)
  const owner = lab.ownersTwilio(account.accountSid)
  const organizationId = ctx.organizationId ?? ''
  let used = 0

  const aPurchase = async (): Promise<Deed> => {
    const e164 = await lab.aFreeNumber()
    return { do: 'buy', organizationId, e164, agentId, carrierAccountId: null, route: 'gateway' }
  }
  const anImport = async (route: Route): Promise<Deed> => {
    const e164 = account.numbers[used++] ?? ''
    return { do: 'import', organizationId, e164, agentId, carrierAccountId: account.id, route }
  }
  /** What is wanted of a number that is in service. */
  const then = async (made: Promise<Deed>, wanted: Wanted): Promise<Deed> => {
    const { e164 } = await made
    await perform(ctx, await made)
    return { ...wanted, organizationId, e164 }
  }
  const rowOf = async (e164: string) => {
    const [row] = await lab.api.database.query<{ id: string }>(
      'admin',
      'select id from phone_numbers where organization_id = $1 and e164 = $2',
      [organizationId, e164],
    )
    return row?.id
  }
  const importsOf = async (e164: string) =>
    (await lab.imported()).filter((one) => one.phone_number === e164)

  return {
    ctx,
    deeds: {
      'a purchase': aPurchase,
      'an import': () => anImport('gateway'),
      'a native import': () => anImport('native'),
      'a change from our gateways to ElevenLabs': () =>
        then(anImport('gateway'), { do: 'change', route: 'native' }),
      'a change from ElevenLabs to our gateways': () =>
        then(anImport('native'), { do: 'change', route: 'registered' }),
      async 'a repair at ElevenLabs'() {
        const deed = await then(anImport('native'), { do: 'repair' })
        const [there] = await importsOf(deed.e164)
        await lab.atElevenLabs('DELETE', `/phone-numbers/${there?.phone_number_id}`)
        return deed
      },
      'a release of a native number': () =>
        then(anImport('native'), { do: 'release', staysAtCarrier: true }),
      'a release of a bought number': () =>
        then(aPurchase(), { do: 'release', staysAtCarrier: false }),
    },
    async goOn(deed) {
      for (let tries = 1; tries <= MOST_TRIES; tries++) {
        const now = () => new Date(ctx.now().getTime() + tries * PURCHASE_PATIENCE_MS)
        const id = await rowOf(deed.e164)
        if (id) await lab.timePasses(id)
        const outcome = await perform({ ...ctx, now }, deed)
        if (outcome === 'done' || outcome === 'nothing to do') return
      }
    },
    async expectConsistent(deed) {
      const number = await getPhoneNumber(ctx, (await rowOf(deed.e164)) ?? '')
      const isOwn = number.carrierAccountId !== null
      const held = await (isOwn ? owner : ctx.vendors.twilio).findNumber(deed.e164)
      const imports = await importsOf(deed.e164)
      if (deed.do === 'release') {
        expect(number.state).toBe('released')
        expect(held?.voiceUrl).toBe(deed.staysAtCarrier ? BEFORE_US : undefined)
        expect(imports).toEqual([])
        return
      }
      expect(number).toMatchObject({ state: 'active', step: null, error: null, drift: [] })
      if (deed.do !== 'repair') expect(number.route).toBe(deed.route)
      if (number.route !== 'native') {
        expect(held?.voiceUrl).toBe('http://127.0.0.1:3002/twilio/voice')
        expect(imports).toEqual([])
        return
      }
      expect(held?.voiceUrl).toBe(`${lab.elevenLabs.url}/twilio/inbound_call`)
      const [agent] = await lab.api.database.query<{ elevenlabs_agent_id: string }>(
        'admin',
        'select elevenlabs_agent_id from agents where id = $1',
        [agentId],
      )
      const answering = imports.map((one) => one.assigned_agent?.agent_id)
      expect(answering).toEqual([agent?.elevenlabs_agent_id])
    },
    async expectNothingOrphaned() {
      const rows = await lab.api.database.query<{ e164: string; kept: string }>(
        'admin',
        `select e164, case when route = 'native' then 'native' when carrier_account_id is null then 'bought' end as kept
           from phone_numbers where released_at is null and state = 'active' order by e164`,
      )
      const ours = (kept: string) => rows.filter((row) => row.kept === kept).map((row) => row.e164)
      const imported = (await lab.imported()).map((one) => one.phone_number)
      expect(imported.toSorted()).toEqual(ours('native'))
      const bought = (await ctx.vendors.twilio.listNumbers()).map((one) => one.e164)
      expect(bought.toSorted()).toEqual(ours('bought'))
      const purchases = lab.boughtNumbers()
      expect(purchases.toSorted()).toEqual([...new Set(purchases)].toSorted())
    },
  }
}

type Wanted =
  | { do: 'change'; route: Route }
  | { do: 'repair' }
  | { do: 'release'; staysAtCarrier: boolean }
