import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { Context } from '#api/core/context.ts'
import * as contract from './contract.ts'
import { converge } from './converge.ts'
import { getPhoneNumber, type PhoneNumber } from './show.ts'
import { type NumberLab, numberLab } from './testing.ts'

// Each flow asks the vendors fewer times than this, and writes fewer times.
const MOST_STEPS = 30
const MOST_TRIES = 6
const PURCHASE_PATIENCE_MS = 20_000 // after so long a purchase without a trace is sent once more

let lab: NumberLab
let home: Awaited<ReturnType<NumberLab['anOrganization']>>
let account: Awaited<ReturnType<NumberLab['anOwnAccount']>>
let used = 0
beforeAll(async () => {
  lab = await numberLab({ count: 1, numbersEach: 200 })
  home = await lab.anOrganization()
  account = await lab.anOwnAccount(home.ctx)
})
afterEach(() => lab.faults.clear())
afterAll(() => lab.close())

type Numbered = Awaited<ReturnType<typeof aNumber>>

/** A number of an own account, claimed; `release` is what its owner asks for in the end. */
async function aNumber(route: PhoneNumber['route']) {
  const { admin, ctx, agentId } = home
  const e164 = account.numbers[used++] ?? ''
  const body = { e164, agentId, carrierAccountId: account.id, route }
  const response = await lab.api.call(contract.importPhoneNumber, { body }, admin)
  const { id } = contract.phoneNumber.parse(response.json())
  const params = { phoneNumberId: id }
  return {
    ctx,
    id,
    e164,
    agentId,
    owner: lab.ownersTwilio(account.accountSid),
    change: (to: PhoneNumber['route']) =>
      lab.api.call(contract.updatePhoneNumber, { params, body: { route: to } }, admin),
    release: () =>
      lab.api.call(
        contract.releasePhoneNumber,
        { params, body: { staysAtCarrier: true, confirmE164: e164 } },
        admin,
      ),
  }
}

/** One that Twilio sells, ordered. */
async function anOrder(): Promise<Numbered> {
  const { admin, ctx, agentId } = home
  const e164 = await lab.aFreeNumber()
  const body = { e164, confirmE164: e164, agentId }
  const response = await lab.api.call(contract.buyPhoneNumber, { body }, admin)
  const { id } = contract.phoneNumber.parse(response.json())
  const unasked = () => Promise.reject(new Error('nothing else is asked of an order'))
  const owner = ctx.vendors.twilio
  return { ctx, id, e164, agentId, owner, change: unasked, release: unasked }
}

const flows = {
  'a purchase': anOrder,
  'an import': async () => await aNumber('gateway'),
  'a native import': async () => await aNumber('native'),
  'a change from our gateways to ElevenLabs': async () => {
    const number = await aNumber('gateway')
    await converge(number.ctx, number.id)
    await number.change('native')
    return number
  },
  'a change from ElevenLabs to our gateways': async () => {
    const number = await aNumber('native')
    await converge(number.ctx, number.id)
    await number.change('registered')
    return number
  },
  'a release of a native number': async () => {
    const number = await aNumber('native')
    await converge(number.ctx, number.id)
    await number.release()
    return number
  },
} satisfies Record<string, () => Promise<Numbered>>

/** As whoever comes next does: once the time of whoever was stopped is over. */
async function goOn({ ctx, id }: Numbered): Promise<void> {
  for (let tries = 1; tries <= MOST_TRIES; tries++) {
    const now = () => new Date(ctx.now().getTime() + tries * PURCHASE_PATIENCE_MS)
    await lab.api.database.query(
      'admin',
      "update phone_numbers set work_until = now() - interval '1 second' where id = $1 and work_until is not null",
      [id],
    )
    const outcome = await converge({ ...ctx, now }, id)
    if (outcome === 'done' || outcome === 'nothing to do') return
  }
}

/** What both vendors hold is what we say, and nothing else. */
async function expectConsistent({ ctx, id, e164, owner, agentId }: Numbered): Promise<void> {
  const number = await getPhoneNumber(ctx, id)
  const held = await owner.findNumber(e164)
  const imports = (await lab.imported()).filter((one) => one.phone_number === e164)
  if (number.state === 'released') {
    expect(held?.voiceUrl).toBe('https://before.voxcalls.test/voice')
    expect(imports).toEqual([])
    return
  }
  expect(number).toMatchObject({ state: 'active', step: null, error: null })
  if (number.route !== 'native') {
    expect(held?.voiceUrl).toBe('http://127.0.0.1:3002/twilio/voice')
    expect(imports).toEqual([])
    return
  }
  const [agent] = await lab.api.database.query<{ elevenlabs_agent_id: string }>(
    'admin',
    'select elevenlabs_agent_id from agents where id = $1',
    [agentId],
  )
  expect(held?.voiceUrl).toBe(`${lab.elevenLabs.url}/twilio/inbound_call`)
  expect(imports.map((one) => one.assigned_agent?.agent_id)).toEqual([agent?.elevenlabs_agent_id])
}

/** The same context in a process that dies at its n-th way to the database: nothing it does counts after that. */
function killedAt(ctx: Context, nth: number): { ctx: Context; isDead(): boolean } {
  let asked = 0
  const alive =
    <A extends unknown[], R>(work: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      if (asked++ >= nth) throw new Error('killed')
      return await work(...args)
    }
  const { database } = ctx
  return {
    isDead: () => asked > nth,
    ctx: {
      ...ctx,
      database: {
        ...database,
        withOrganization: alive(database.withOrganization) as typeof database.withOrganization,
        readOrganization: alive(database.readOrganization) as typeof database.readOrganization,
        withPlatform: alive(database.withPlatform) as typeof database.withPlatform,
      },
    },
  }
}

const names = Object.keys(flows) as (keyof typeof flows)[]

test.each(names)(
  '%s whose worker is killed between any two steps ends consistent at both vendors',
  async (name) => {
    let kills = 0
    for (let step = 1; step < MOST_STEPS; step++) {
      const number = await flows[name]()
      const killed = killedAt(number.ctx, step)
      await converge(killed.ctx, number.id).catch(() => undefined)
      await goOn(number)
      await expectConsistent(number)
      if (!killed.isDead()) break
      kills++
    }
    expect(kills).toBeGreaterThan(1)
    expect(kills).toBeLessThan(MOST_STEPS - 2)
  },
  120_000,
)

test.each(
  names.flatMap((name) =>
    (['reset', 'drop'] as const).map((how) => [
      name,
      how === 'reset' ? 'answers are lost' : 'requests do not arrive',
      how,
    ]),
  ) as [keyof typeof flows, string, 'reset' | 'drop'][],
)(
  '%s of which %s at any step ends consistent at both vendors',
  async (name, _what, how) => {
    let hits = 0
    for (let skip = 0; skip < MOST_STEPS; skip++) {
      const number = await flows[name]()
      const action = how === 'reset' ? { type: how, afterBytes: 0 } : { type: how }
      const rules = (['twilio', 'elevenlabs'] as const).map((vendor) =>
        // Three times, so that a read that is tried again fails as well.
        lab.faults.add({ vendor, on: 'request', skip, times: 3, action }),
      )
      await converge(number.ctx, number.id)
      const wasHit = rules.some(({ fired }) => fired > 0)
      lab.faults.clear()
      await goOn(number)
      await expectConsistent(number)
      if (!wasHit) break
      hits++
    }
    expect(hits).toBeGreaterThan(0)
    expect(hits).toBeLessThan(MOST_STEPS - 1)
  },
  120_000,
)
