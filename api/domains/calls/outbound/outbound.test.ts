import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { problem } from '#api/contract/problem.ts'
import { asPlatform, type Context, forOrganization } from '#api/core/context.ts'
import { type Person, requestOf, type TestApi, testApi } from '#api/testing.ts'
import { Faults } from '../../../../sandbox/kit/faults.ts'
import { Journal } from '../../../../sandbox/kit/journal.ts'
import { PhraseBook } from '../../../../sandbox/speech/book.ts'
import { formantEngine } from '../../../../sandbox/speech/formant.ts'
import { startTwilio, type TwilioStandIn } from '../../../../sandbox/twilio/start.ts'
import { addDoNotCallNumber } from '../../do-not-call/service.ts'
import { verifyWallets } from '../../wallet/service.ts'
import * as contract from '../contract.ts'
import { endAbandonedCalls } from '../end.ts'
import { claimStream, verifyCalls } from '../service.ts'
import { aCallCentre, type CallCentre, setPrice } from '../testing.ts'
import { answerOutboundCall, noteAnsweredBy, noteOutboundStatus } from './answer.ts'
import { followOutboundCall } from './follow.ts'
import { claimOutboundCall, placeOutboundCall } from './place.ts'
import { anAwakeNumber, awakeCountries } from './testing.ts'

const accountSid = `AC${'0'.repeat(32)}`
const account = { accountSid, authToken: 'sandbox-twilio-token' }
const FROM = Array.from({ length: 60 }, (_, n) => `+141555501${String(n).padStart(2, '0')}`)
const journal = new Journal()
const faults = new Faults()
let standIn: TwilioStandIn
let gateway: ReturnType<typeof createServer>
let api: TestApi

beforeAll(async () => {
  // Takes what the carrier tells and says nothing; each test tells the verbs itself.
  gateway = createServer((_request, response) => response.writeHead(204).end())
  await new Promise<void>((listening) => gateway.listen(0, '127.0.0.1', listening))
  const url = `http://127.0.0.1:${(gateway.address() as AddressInfo).port}`
  standIn = await startTwilio({
    port: 0,
    ...account,
    book: new PhraseBook(formantEngine()),
    journal,
    faults,
    numbers: FROM.map((phoneNumber) => ({ phoneNumber })),
  })
  // Nobody answers: a test says itself what happens.
  standIn.answerOutbound = () => 'no-answer'
  api = await testApi({ TWILIO_BASE_URL: standIn.url, PUBLIC_VOICE_URL: url })
  await setPrice(api)
})
afterEach(() => faults.clear())
afterAll(async () => {
  await standIn.close()
  await api.close()
  gateway.closeAllConnections()
  gateway.close()
})

type Centre = CallCentre & { ctx: Context; admin: Person; from: string; creationsBefore: number }

let centres = 0
async function aCentre(options: { balanceCents?: number } = {}): Promise<Centre> {
  const centre = await aCallCentre(api, options)
  const from = FROM[centres++]
  if (!from) throw new Error('more centres than numbers')
  const { organizationId, phoneNumberId } = centre
  await admin('update phone_numbers set e164 = $2 where id = $1', [phoneNumberId, from])
  await admin('update organizations set allowed_countries = $2 where id = $1', [
    organizationId,
    awakeCountries,
  ])
  return {
    ...centre,
    from,
    creationsBefore: allCreations().length,
    ctx: forOrganization(api.ctx, organizationId),
    admin: await api.aHolderOf('admin', organizationId),
  }
}

const admin = (text: string, values: unknown[]) => api.database.query('admin', text, values)

type Body = (typeof contract.startCall)['body'] extends { _input: infer Input } ? Input : never

const bodyOf = (centre: Centre, over: Partial<Body> = {}): Body => ({
  kind: 'agent',
  agentId: centre.agentId,
  fromPhoneNumberId: centre.phoneNumberId,
  to: anAwakeNumber(),
  consent: { basis: 'written', obtainedAt: new Date(0).toISOString() },
  ...over,
})

function start(centre: Centre, body: Body, options: { key?: string; as?: Person } = {}) {
  const request = requestOf(contract.startCall, { body }, (options.as ?? centre.admin).token)
  const headers = { ...request.headers, 'idempotency-key': options.key ?? randomUUID() }
  return api.app.inject({ ...request, headers })
}

async function started(centre: Centre, over: Partial<Body> = {}) {
  const response = await start(centre, bodyOf(centre, over))
  expect(response.statusCode, response.body).toBe(201)
  return contract.call.parse(response.json())
}

const codeOf = (response: { json(): unknown }) => problem.parse(response.json()).code

type Row = {
  id: string
  state: string
  reason: string
  twilio_call_sid: string | null
  billing_status: string
  cost_cents: number | null
  billable_seconds: number | null
}
const callsOf = (centre: Centre) =>
  api.database.query<Row>(
    'admin',
    'select * from calls where organization_id = $1 order by created_at, id',
    [centre.organizationId],
  )

async function onlyCall(centre: Centre): Promise<Row> {
  const [row, ...others] = await callsOf(centre)
  expect(others).toEqual([])
  if (!row) throw new Error('no call is on record')
  return row
}

async function moneyOf(centre: Centre) {
  const [wallet] = await api.database.query<{ balance_cents: string; held_cents: string }>(
    'admin',
    'select balance_cents, held_cents from wallets where organization_id = $1',
    [centre.organizationId],
  )
  return { balance: Number(wallet?.balance_cents), held: Number(wallet?.held_cents) }
}

/** Requests for a call since the centre was made: of one that was dropped nobody knows whose it was. */
const creations = (centre: Centre) => allCreations().slice(centre.creationsBefore)
const allCreations = () =>
  journal
    .entries({ vendor: 'twilio', kind: 'request', path: '/Calls.json' })
    .filter(({ method }) => method === 'POST')
const legsOf = (centre: Centre) => standIn.legs().filter((leg) => leg.from === centre.from)

/** The same centre, some seconds later. */
const later = (centre: Centre, seconds: number): Context => ({
  ...centre.ctx,
  now: () => new Date(Date.now() + seconds * 1000),
})

const told = (
  centre: Centre,
  call: { id: string; twilio_call_sid?: string | null },
  sid?: string,
) => ({
  organizationId: centre.organizationId,
  callId: call.id,
  twilioCallSid: sid ?? call.twilio_call_sid ?? '',
  twilioAccountSid: accountSid,
})

test('a call is held for, placed once and on record with its consent', async () => {
  const centre = await aCentre()
  const call = await started(centre, {
    consent: { basis: 'spoken', obtainedAt: new Date(0).toISOString(), note: 'at the fair' },
    variables: { first_name: 'Ada' },
  })
  expect(call).toMatchObject({
    direction: 'outbound',
    kind: 'agent',
    state: 'authorized',
    fromNumber: centre.from,
    outbound: { consentBasis: 'spoken', consentNote: 'at the fair', onMachine: 'hang_up' },
  })
  expect(await moneyOf(centre)).toEqual({ balance: 100_000, held: 60 })
  const [leg, ...others] = legsOf(centre)
  expect(others).toEqual([])
  expect(leg?.callSid).toBe(call.twilioCallSid)
  expect(leg?.to).toBe(call.toNumber)
  // The carrier ends it on the funded second, whoever is alive.
  expect(creations(centre)).toHaveLength(1)
})

test('the same key is one call, also for two at once and for one that was refused', async () => {
  const centre = await aCentre()
  const body = bodyOf(centre)
  const key = randomUUID()
  const both = await Promise.all([start(centre, body, { key }), start(centre, body, { key })])
  // Who came while the first was being claimed is told so, and asks again.
  for (const { statusCode } of both) expect([201, 409]).toContain(statusCode)
  const again = await start(centre, body, { key })
  expect(again.statusCode).toBe(201)
  expect(again.headers['idempotent-replayed']).toBe('true')
  const { id } = await onlyCall(centre)
  expect(again.json()).toMatchObject({ id })
  expect(creations(centre)).toHaveLength(1)
  expect((await start(centre, { ...body, onMachine: 'go_on' }, { key })).statusCode).toBe(422)

  const poor = await aCentre({ balanceCents: 1 })
  const wanted = bodyOf(poor)
  const refusals = [await start(poor, wanted, { key }), await start(poor, wanted, { key })]
  expect(refusals.map(codeOf)).toEqual([
    'wallet.insufficient_balance',
    'wallet.insufficient_balance',
  ])
  await onlyCall(poor)
})

const otherCountry = '+33140200000'

test.each<[string, (centre: Centre) => Promise<unknown>, string, number]>([
  [
    'a switched-off feature',
    async ({ organizationId }) => {
      await admin(
        `insert into feature_flags (organization_id, flag, enabled) values ($1, 'agent_calls', false)`,
        [organizationId],
      )
    },
    'calls.agent_calls_off',
    409,
  ],
  [
    'an agent that ElevenLabs does not know',
    async ({ agentId }) => {
      await admin('update agents set elevenlabs_agent_id = null where id = $1', [agentId])
    },
    'calls.agent_not_ready',
    409,
  ],
  [
    'a number out of service',
    async ({ phoneNumberId }) => {
      await admin(`update phone_numbers set state = 'importing' where id = $1`, [phoneNumberId])
    },
    'calls.number_not_ready',
    409,
  ],
  ['no number', async () => ({ to: '+12115550123' }), 'calls.number_invalid', 422],
  ['another country', async () => ({ to: otherCountry }), 'calls.country_not_allowed', 409],
  ['premium rate', async () => ({ to: '+499001234567' }), 'calls.number_special', 409],
  ['a satellite', async () => ({ to: '+881612345678' }), 'calls.number_special', 409],
  [
    'rules that leave no hour',
    async ({ organizationId }) => {
      const tomorrow = (new Date().getUTCDay() + 2) % 7 || 7
      const other = (tomorrow % 7) + 1
      await admin(
        'insert into outbound_rules (organization_id, opens_at_minute, closes_at_minute, weekdays) values ($1, 480, 1260, $2)',
        [organizationId, [other]],
      )
    },
    'calls.outside_hours',
    409,
  ],
  [
    'somebody who asked not to be called',
    async ({ ctx }) => {
      const to = anAwakeNumber()
      await addDoNotCallNumber(ctx, { number: to, note: '' })
      return { to }
    },
    'calls.do_not_call',
    409,
  ],
  [
    'a consent of tomorrow',
    async () => ({
      consent: { basis: 'written', obtainedAt: new Date(Date.now() + 86_400_000).toISOString() },
    }),
    'calls.consent_not_valid',
    409,
  ],
  [
    'an organization whose lines are taken',
    async ({ organizationId }) => {
      const callId = randomUUID()
      await admin('update organizations set max_concurrent_calls = 1 where id = $1', [
        organizationId,
      ])
      await admin(
        `insert into calls (organization_id, id, kind, direction, from_number, to_number)
         values ($1, $2, 'agent', 'inbound', '+15550001111', '+15550002222')`,
        [organizationId, callId],
      )
      await admin(`update calls set state = 'authorized', reason = 'test' where id = $1`, [callId])
    },
    'calls.organization_at_capacity',
    429,
  ],
  [
    'minutes that are used up',
    async ({ organizationId }) => {
      await admin('insert into outbound_rules (organization_id, daily_minutes) values ($1, 0)', [
        organizationId,
      ])
    },
    'calls.daily_minutes_used',
    429,
  ],
])(
  '%s: refused, on record, without a hold and without a call',
  async (_what, arrange, code, status) => {
    const centre = await aCentre()
    const before = (await callsOf(centre)).length
    const over = Object(await arrange(centre)) as Partial<Body>
    const others = (await callsOf(centre)).length - before
    const response = await start(centre, bodyOf(centre, over))
    expect(codeOf(response)).toBe(code)
    expect(response.statusCode).toBe(status)
    const refused = (await callsOf(centre)).at(-1)
    expect((await callsOf(centre)).length - others).toBe(1)
    expect(refused).toMatchObject({ state: 'settled', reason: code, billing_status: 'blocked' })
    expect(await moneyOf(centre)).toEqual({ balance: 100_000, held: 0 })
    expect(creations(centre)).toEqual([])
  },
)

test('too little money is refused last, and the admins are told', async () => {
  const centre = await aCentre({ balanceCents: 1 })
  const response = await start(centre, bodyOf(centre))
  expect(response.statusCode).toBe(402)
  expect(await onlyCall(centre)).toMatchObject({ state: 'settled', billing_status: 'blocked' })
  expect(await moneyOf(centre)).toEqual({ balance: 1, held: 0 })
})

test('a number is called by one call at a time, and of many that want to, one does', async () => {
  const centre = await aCentre()
  const to = anAwakeNumber()
  // All claimed before any is decided.
  const actor = await actorOf(centre)
  const asked = contract.startCall.body.parse(bodyOf(centre, { to }))
  const claims = await Promise.all(
    [1, 2, 3].map(() => claimOutboundCall({ ...centre.ctx, actor }, asked)),
  )
  const placed = await Promise.allSettled(
    claims.map(({ callId }) => placeOutboundCall(centre.ctx, callId)),
  )
  expect(placed.map(({ status }) => status).toSorted()).toEqual([
    'fulfilled',
    'rejected',
    'rejected',
  ])
  expect(creations(centre)).toHaveLength(1)
  expect(await moneyOf(centre)).toMatchObject({ held: 60 })
})

test('a sales person sends no agents; another organization’s agent or number is nobody’s', async () => {
  const centre = await aCentre()
  const theirs = await aCentre()
  const rep = await api.aHolderOf('sales_person', centre.organizationId)
  const refused = await start(centre, bodyOf(centre), { as: rep })
  expect([refused.statusCode, codeOf(refused)]).toEqual([403, 'calls.agents_not_yours'])
  for (const over of [{ agentId: theirs.agentId }, { fromPhoneNumberId: theirs.phoneNumberId }])
    expect((await start(centre, bodyOf(centre, over))).statusCode).toBe(404)
  expect(await callsOf(centre)).toEqual([])
})

test('a creation the carrier refuses is settled at zero and refuses again', async () => {
  const centre = await aCentre()
  await admin('update phone_numbers set e164 = $2 where id = $1', [
    centre.phoneNumberId,
    '+14155559999',
  ])
  const key = randomUUID()
  const body = bodyOf(centre)
  expect(codeOf(await start(centre, body, { key }))).toBe('calls.carrier_refused')
  expect(codeOf(await start(centre, body, { key }))).toBe('calls.carrier_refused')
  expect(await onlyCall(centre)).toMatchObject({ state: 'settled', cost_cents: 0 })
  expect(await moneyOf(centre)).toEqual({ balance: 100_000, held: 0 })
})

test('accepted and the answer lost: the call is found at the carrier and becomes ours', async () => {
  const centre = await aCentre()
  loseAnswers(1)
  const call = await started(centre)
  expect(call.twilioCallSid).toBeNull()
  expect(await followOutboundCall(centre.ctx, call.id)).toBe('later')
  expect(await followOutboundCall(later(centre, 16), call.id)).toBe('done')
  const [leg, ...others] = legsOf(centre)
  expect(others).toEqual([])
  expect(await onlyCall(centre)).toMatchObject({ twilio_call_sid: leg?.callSid })
  expect(await followOutboundCall(later(centre, 32), call.id)).toBe('done')
  expect(creations(centre)).toHaveLength(1)
})

test('lost before it was accepted: one retry, fifteen seconds later, and not a third', async () => {
  const centre = await aCentre()
  dropCreations(1)
  const call = await started(centre)
  expect(legsOf(centre)).toEqual([])
  expect(await followOutboundCall(later(centre, 14), call.id)).toBe('later')
  expect(creations(centre)).toHaveLength(1)
  // However many notice it at once.
  await Promise.all([1, 2, 3].map(() => followOutboundCall(later(centre, 16), call.id)))
  expect(creations(centre)).toHaveLength(2)
  expect(legsOf(centre)).toHaveLength(1)
  expect(await followOutboundCall(later(centre, 40), call.id)).toBe('done')
  expect(await onlyCall(centre)).toMatchObject({ state: 'authorized' })

  const unlucky = await aCentre()
  dropCreations(2)
  const lost = await started(unlucky)
  expect(await followOutboundCall(later(unlucky, 16), lost.id)).toBe('later')
  expect(await followOutboundCall(later(unlucky, 40), lost.id)).toBe('done')
  expect(await onlyCall(unlucky)).toMatchObject({
    state: 'settled',
    reason: 'carrier_unreachable',
    cost_cents: 0,
  })
  expect(await moneyOf(unlucky)).toEqual({ balance: 100_000, held: 0 })
  expect(creations(unlucky)).toHaveLength(2)
})

test('what stands against a call by the time of its retry ends it', async () => {
  const centre = await aCentre()
  dropCreations(1)
  const call = await started(centre)
  await addDoNotCallNumber(centre.ctx, { number: call.toNumber, note: '' })
  expect(await followOutboundCall(later(centre, 16), call.id)).toBe('done')
  expect(await onlyCall(centre)).toMatchObject({ state: 'settled', reason: 'calls.do_not_call' })
  expect(await moneyOf(centre)).toEqual({ balance: 100_000, held: 0 })
  expect(creations(centre)).toHaveLength(1)
})

test('the carrier’s word comes before its answer: the call is ours at once, and no second one is', async () => {
  const centre = await aCentre()
  loseAnswers(1)
  const call = await started(centre)
  const [leg] = legsOf(centre)
  const sid = leg?.callSid ?? ''
  const status = { status: 'ringing', durationSeconds: null, sequence: 1 }
  await noteOutboundStatus(api.ctx, { ...told(centre, call, sid), ...status })
  expect(await onlyCall(centre)).toMatchObject({ twilio_call_sid: sid, state: 'ringing' })

  // A second creation that was thought lost turns up: it is hung up, whatever it tells.
  const stray = await centre.ctx.vendors.twilio.createCall({
    from: centre.from,
    to: call.toNumber,
    answerUrl: 'http://127.0.0.1:9/a',
    fallbackUrl: 'http://127.0.0.1:9/f',
    statusUrl: 'http://127.0.0.1:9/s',
    answeredByUrl: 'http://127.0.0.1:9/b',
    ringSeconds: 30,
    timeLimitSeconds: 60,
  })
  if (stray.outcome !== 'created') throw new Error(stray.outcome)
  expect(await answerOutboundCall(api.ctx, told(centre, call, stray.twilioCallSid))).toBeNull()
  await expect.poll(() => standIn.leg(stray.twilioCallSid)?.isOver).toBe(true)
  expect(await onlyCall(centre)).toMatchObject({ twilio_call_sid: sid })
})

test.each([
  ['busy', 'callee_busy'],
  ['no-answer', 'no_answer'],
  ['failed', 'carrier_failed'],
  ['canceled', 'canceled'],
])(
  'a call that ends in %s costs nothing and says so, however often it is told',
  async (status, reason) => {
    const centre = await aCentre()
    const call = await started(centre)
    const what = { ...told(centre, call, call.twilioCallSid ?? ''), durationSeconds: 0 }
    // In the wrong order and twice.
    for (const [one, sequence] of [
      [status, 2],
      ['ringing', 1],
      [status, 2],
      ['initiated', 0],
    ] as const)
      await noteOutboundStatus(api.ctx, { ...what, status: one, sequence })
    expect(await onlyCall(centre)).toMatchObject({ state: 'settled', reason, cost_cents: 0 })
    expect(await moneyOf(centre)).toEqual({ balance: 100_000, held: 0 })
  },
)

test('who is answered gets the notice that an AI calls, and one stream of the call', async () => {
  const centre = await aCentre()
  const call = await started(centre)
  const from = told(centre, call, call.twilioCallSid ?? '')
  const [first, again] = [
    await answerOutboundCall(api.ctx, from),
    await answerOutboundCall(api.ctx, from),
  ]
  expect(first).toEqual(again)
  expect(first?.announcement).toMatch(/AI assistant calling for .+ This call may be recorded\./)
  const running = await claimStream(api.ctx, {
    organizationId: centre.organizationId,
    callId: call.id,
    token: first?.streamToken ?? '',
    twilioCallSid: from.twilioCallSid,
    owner: 'gateway',
    address: 'ws://gateway',
  })
  expect(running).toMatchObject({
    direction: 'outbound',
    toNumber: call.toNumber,
    fundedSeconds: 60,
  })
  // It runs: what asks for it now is not let in, and statuses that come late end nothing.
  expect(await answerOutboundCall(api.ctx, from)).toBeNull()
  const late = { ...from, status: 'no-answer', durationSeconds: 0, sequence: 9 }
  await noteOutboundStatus(api.ctx, late)
  expect(await onlyCall(centre)).toMatchObject({ state: 'live' })
})

test('an organization that switched its announcement off still tells that an AI calls', async () => {
  const centre = await aCentre()
  await admin('update organizations set announcement_enabled = false where id = $1', [
    centre.organizationId,
  ])
  await admin(`update agents set language = 'de' where id = $1`, [centre.agentId])
  const call = await started(centre)
  const answered = await answerOutboundCall(api.ctx, told(centre, call, call.twilioCallSid ?? ''))
  expect(answered?.announcement).toMatch(/^Hier spricht ein KI-Assistent/)
})

test('a machine is hung up on, once, unless the call says to go on; a fax always is', async () => {
  const centre = await aCentre()
  const said = async (answeredBy: string, over: Partial<Body> = {}) => {
    const call = await started(centre, over)
    api.sent.length = 0
    const what = { ...told(centre, call, call.twilioCallSid ?? ''), answeredBy }
    await noteAnsweredBy(api.ctx, what)
    await noteAnsweredBy(api.ctx, { ...what, answeredBy: 'human' })
    const detail = await api.call(contract.getCall, { params: { callId: call.id } }, centre.admin)
    return {
      answeredBy: contract.call.parse(detail.json()).outbound?.answeredBy,
      hungUp: api.sent.filter(({ name }) => name === 'calls.end-at-carrier').length,
    }
  }
  expect(await said('machine_start')).toEqual({ answeredBy: 'machine', hungUp: 1 })
  expect(await said('human')).toEqual({ answeredBy: 'human', hungUp: 0 })
  expect(await said('fax', { onMachine: 'go_on' })).toEqual({ answeredBy: 'fax', hungUp: 1 })
  expect(await said('machine_end_beep', { onMachine: 'go_on' })).toEqual({
    answeredBy: 'machine',
    hungUp: 0,
  })
  expect(await said('nothing we know')).toEqual({ answeredBy: 'unknown', hungUp: 0 })
})

test('what the carrier tells of a call that is another organization’s changes nothing', async () => {
  const centre = await aCentre()
  const theirs = await aCentre()
  const call = await started(centre)
  const foreign = {
    ...told(centre, call, call.twilioCallSid ?? ''),
    organizationId: theirs.organizationId,
  }
  expect(await answerOutboundCall(api.ctx, foreign)).toBeNull()
  const otherAccount = {
    ...told(centre, call, call.twilioCallSid ?? ''),
    twilioAccountSid: `AC${'9'.repeat(32)}`,
  }
  await noteOutboundStatus(api.ctx, {
    ...otherAccount,
    status: 'busy',
    durationSeconds: 0,
    sequence: 1,
  })
  expect(await onlyCall(centre)).toMatchObject({ state: 'authorized' })
})

test('a call is ended by hand while it rings: the carrier is told, nothing is charged, it is audited', async () => {
  const centre = await aCentre()
  const call = await started(centre)
  const params = { callId: call.id }
  const ended = await api.call(contract.endCallByHand, { params }, centre.admin)
  expect(ended.statusCode, ended.body).toBe(202)
  await expect.poll(() => standIn.leg(call.twilioCallSid ?? '')?.status).toBe('canceled')
  const over = { ...told(centre, call, call.twilioCallSid ?? ''), durationSeconds: 0, sequence: 3 }
  await noteOutboundStatus(api.ctx, { ...over, status: 'canceled' })
  expect(await onlyCall(centre)).toMatchObject({ state: 'settled', reason: 'operator' })
  expect(await moneyOf(centre)).toEqual({ balance: 100_000, held: 0 })
  expect((await api.call(contract.endCallByHand, { params }, centre.admin)).statusCode).toBe(409)
})

test('ended by hand before the carrier confirmed it: over at once, and what turns up is hung up', async () => {
  const centre = await aCentre()
  loseAnswers(1)
  const call = await started(centre)
  await api.call(contract.endCallByHand, { params: { callId: call.id } }, centre.admin)
  expect(await onlyCall(centre)).toMatchObject({ state: 'settled', reason: 'operator' })
  const [leg] = legsOf(centre)
  const ringing = { status: 'ringing', durationSeconds: null, sequence: 1 }
  await noteOutboundStatus(api.ctx, { ...told(centre, call, leg?.callSid), ...ringing })
  await expect.poll(() => leg?.isOver).toBe(true)
})

test('nobody tells anything: the sweep waits while the phone may ring, then gives the money back', async () => {
  const centre = await aCentre()
  const call = await started(centre)
  await endAbandonedCalls(later(centre, 100), { patienceMs: 0 })
  expect(await onlyCall(centre)).toMatchObject({ state: 'authorized' })
  await endAbandonedCalls(later(centre, 120), { patienceMs: 0 })
  expect(await onlyCall(centre)).toMatchObject({ id: call.id, state: 'settled', cost_cents: 0 })
  expect(await moneyOf(centre)).toEqual({ balance: 100_000, held: 0 })
})

test('who claimed the call died: it is placed fifteen seconds later, once', async () => {
  const centre = await aCentre()
  const asked = contract.startCall.body.parse(bodyOf(centre))
  const as = { ...centre.ctx, actor: await actorOf(centre) }
  const { callId } = await claimOutboundCall(as, asked)
  expect(await onlyCall(centre)).toMatchObject({ state: 'created' })
  expect(await followOutboundCall(centre.ctx, callId)).toBe('later')
  expect(creations(centre)).toEqual([])
  await Promise.all([1, 2, 3].map(() => followOutboundCall(later(centre, 16), callId)))
  expect(creations(centre)).toHaveLength(1)
  expect(await onlyCall(centre)).toMatchObject({ state: 'authorized' })
})

async function actorOf(centre: Centre): Promise<Context['actor']> {
  return {
    kind: 'user',
    userId: centre.admin.userId,
    email: 'admin@voxcalls.test',
    platformRole: null,
    membership: { organizationId: centre.organizationId, role: 'admin' },
  }
}

test('the check says what a call would be answered, and when the hours allow it', async () => {
  const centre = await aCentre()
  const check = async (to: string) => {
    const query = { agentId: centre.agentId, fromPhoneNumberId: centre.phoneNumberId, to }
    const response = await api.call(contract.checkOutboundCall, { query }, centre.admin)
    expect(response.statusCode, response.body).toBe(200)
    return contract.checkOutboundCall.response.parse(response.json())
  }
  const to = anAwakeNumber()
  expect(await check(to)).toMatchObject({ isAllowed: true, reason: null, opensAt: null })
  expect(await check(otherCountry)).toMatchObject({
    isAllowed: false,
    reason: 'calls.country_not_allowed',
    country: 'FR',
    localTimes: [{ zone: 'Europe/Paris', minute: expect.any(Number) }],
  })
  await admin('insert into outbound_rules (organization_id, weekdays) values ($1, $2)', [
    centre.organizationId,
    [((new Date().getUTCDay() + 2) % 7) + 1],
  ])
  const closed = await check(to)
  expect(closed).toMatchObject({ isAllowed: false, reason: 'calls.outside_hours' })
  expect(closed.opensAt?.getTime()).toBeGreaterThan(Date.now())
  expect(await callsOf(centre)).toEqual([])
})

test('the rules are narrowed by admins, read by all, never wider than the platform’s', async () => {
  const centre = await aCentre()
  const rep = await api.aHolderOf('sales_person', centre.organizationId)
  const first = await api.call(contract.getOutboundRules, {}, rep)
  expect(first.json()).toEqual({
    opensAtMinute: 480,
    closesAtMinute: 1260,
    weekdays: [1, 2, 3, 4, 5, 6, 7],
    dailyMinutes: null,
    platformDailyMinutes: 2_000,
  })
  const body = { opensAtMinute: 540, closesAtMinute: 1020, weekdays: [5, 1, 1], dailyMinutes: 30 }
  expect((await api.call(contract.changeOutboundRules, { body }, rep)).statusCode).toBe(403)
  const changed = await api.call(contract.changeOutboundRules, { body }, centre.admin)
  expect(changed.json()).toMatchObject({ ...body, weekdays: [1, 5] })
  expect((await api.call(contract.getOutboundRules, {}, rep)).json()).toEqual(changed.json())
  for (const wider of [
    { opensAtMinute: 479 },
    { closesAtMinute: 1261 },
    { opensAtMinute: 1020 },
    { weekdays: [] },
    { weekdays: [8] },
    { dailyMinutes: -1 },
  ]) {
    const asked = { body: { ...body, ...wider } }
    const response = await api.call(contract.changeOutboundRules, asked, centre.admin)
    expect(response.statusCode, JSON.stringify(wider)).toBe(400)
  }
})

test('after all of this the ledgers hold and no call is left behind', async () => {
  await endAbandonedCalls(
    { ...api.ctx, now: () => new Date(Date.now() + 600_000) },
    { patienceMs: 0 },
  )
  expect(await asPlatform(api.ctx, verifyWallets)).toEqual([])
  expect(await asPlatform(api.ctx, verifyCalls)).toEqual([])
})

/** The carrier accepts, and its answer does not arrive. */
function loseAnswers(times: number): void {
  const action = { type: 'reset', afterBytes: 10 } as const
  faults.add({
    vendor: 'twilio',
    on: 'request',
    method: 'POST',
    path: '/Calls.json',
    times,
    action,
  })
}

function dropCreations(times: number): void {
  const action = { type: 'drop' } as const
  faults.add({
    vendor: 'twilio',
    on: 'request',
    method: 'POST',
    path: '/Calls.json',
    times,
    action,
  })
}
