import { afterAll, beforeAll, expect, test } from 'vitest'
import { forOrganization } from '#api/core/context.ts'
import { endAtCarrierJob } from '#api/domains/calls/outbound/end-at-carrier-job.ts'
import { anAwakeNumber, awakeCountries } from '#api/domains/calls/outbound/testing.ts'
import type { CallCentre } from '#api/domains/calls/testing.ts'
import type { Person } from '#api/testing.ts'
import { call, startCall } from '#contracts/calls'
import { PhoneCall } from '../sandbox/control/phone-call.ts'
import { ScriptedCaller, type Step } from '../sandbox/twilio/caller.ts'
import type { AnsweredBy } from '../sandbox/twilio/party.ts'
import { ANSWER, aGateway, type GatewayBench, GREETING, QUESTION } from './gateway-testing.ts'

const SETTLED_MS = 15_000
const NOTICE = 'AI assistant calling for'

let bench: GatewayBench
beforeAll(async () => {
  bench = await aGateway()
})
afterAll(() => bench?.close())

type Home = { centre: CallCentre; admin: Person }

async function aHome(): Promise<Home> {
  const centre = await bench.aCentre()
  await bench.rows('update organizations set allowed_countries = $2 where id = $1', [
    centre.organizationId,
    awakeCountries,
  ])
  return { centre, admin: await bench.api.aHolderOf('admin', centre.organizationId) }
}

/** Somebody who follows a script picks up. */
function somebody(steps: Step[], answeredBy?: AnsweredBy) {
  const { book } = bench
  const driver = new ScriptedCaller(book, steps)
  const phone = new PhoneCall({ book, driver, answeredBy, onAttached: () => undefined })
  bench.twilio.answerOutbound = () => phone
  return driver.done
}

async function place({ centre, admin }: Home, over: { onMachine?: 'go_on' } = {}) {
  const body = {
    kind: 'agent' as const,
    agentId: centre.agentId,
    fromPhoneNumberId: centre.phoneNumberId,
    to: anAwakeNumber(),
    consent: { basis: 'written' as const, obtainedAt: new Date(0).toISOString() },
    variables: { first_name: 'Ada' },
    ...over,
  }
  const response = await bench.api.call(startCall, { body }, admin)
  expect(response.statusCode, response.body).toBe(201)
  return call.parse(response.json())
}

type Row = {
  state: string
  reason: string
  cost_cents: number
  billable_seconds: number
}
const rowOf = async (callId: string) =>
  (await bench.rows<Row>('select * from calls where id = $1', [callId]))[0]

const settled = (callId: string) =>
  expect.poll(async () => (await rowOf(callId))?.state, { timeout: SETTLED_MS }).toBe('settled')

test('whom an agent calls is told that an AI speaks, talks to it, and the call is charged by its seconds', async () => {
  const home = await aHome()
  const before = await bench.money(home.centre)
  const script = somebody([
    { hear: NOTICE },
    { hear: GREETING },
    { say: QUESTION },
    { hear: ANSWER },
    { hangUp: true },
  ])
  const placed = await place(home)
  expect(await script).toBe('finished')
  await settled(placed.id)
  const row = await rowOf(placed.id)
  expect(row).toMatchObject({ reason: 'callee_hung_up' })
  expect(row?.cost_cents).toBe(row?.billable_seconds)
  expect(row?.billable_seconds).toBeGreaterThan(3)
  expect(await bench.money(home.centre)).toEqual({
    balance: before.balance - (row?.cost_cents ?? 0),
    held: 0,
  })
  const turns = await bench.rows<{ speaker: string }>(
    'select speaker from transcript_turns where call_id = $1 order by seq',
    [placed.id],
  )
  expect(turns.map(({ speaker }) => speaker)).toEqual(expect.arrayContaining(['agent', 'customer']))
  const kinds = await bench.rows<{ kind: string }>(
    'select kind from call_events where call_id = $1 order by at',
    [placed.id],
  )
  expect(kinds.map(({ kind }) => kind)).toEqual(
    expect.arrayContaining(['carrier.placed', 'state.ringing', 'state.live', 'state.settled']),
  )
}, 60_000)

test('a machine is hung up on as soon as it is known for one, and what it took is charged', async () => {
  const home = await aHome()
  somebody(
    [{ say: 'Please leave a message after the tone.' }, { waitForEnd: true }],
    'machine_start',
  )
  const placed = await place(home)
  const enqueued = () => bench.api.sent.find(({ name }) => name === endAtCarrierJob.name)
  await expect.poll(enqueued, { timeout: SETTLED_MS }).toBeDefined()
  const data = endAtCarrierJob.data.parse(enqueued()?.data)
  await endAtCarrierJob.run(forOrganization(bench.api.ctx, data.organizationId), data)
  await settled(placed.id)
  const row = await rowOf(placed.id)
  expect(row).toMatchObject({ reason: 'answering_machine' })
  expect(row?.billable_seconds).toBeGreaterThan(0)
  expect(row?.cost_cents).toBe(row?.billable_seconds)
  const [line] = await bench.rows<{ explanation: { endedBecause: string } }>(
    `select explanation from ledger_entries where call_id = $1 and kind = 'capture'`,
    [placed.id],
  )
  expect(line?.explanation.endedBecause).toBe('answering_machine')
}, 60_000)

test('a busy line costs nothing, told by the carrier itself', async () => {
  const home = await aHome()
  const before = await bench.money(home.centre)
  bench.twilio.answerOutbound = () => 'busy'
  const placed = await place(home)
  await settled(placed.id)
  expect(await rowOf(placed.id)).toMatchObject({ reason: 'callee_busy', cost_cents: 0 })
  expect(await bench.money(home.centre)).toEqual(before)
})

test('who hangs up is not called on: the same address asked again is answered with the end', async () => {
  const home = await aHome()
  const script = somebody([{ hear: NOTICE }, { hangUp: true }])
  const placed = await place(home)
  expect(await script).toBe('finished')
  await settled(placed.id)
  const ids = new URLSearchParams({
    organizationId: home.centre.organizationId,
    callId: placed.id,
  })
  const params = {
    AccountSid: `AC${'0'.repeat(32)}`,
    CallSid: placed.twilioCallSid ?? '',
    CallStatus: 'in-progress',
    From: home.centre.number,
    To: placed.toNumber,
  }
  const again = await bench.post(`/twilio/outbound/answer?${ids}`, params)
  expect([again.status, again.body]).toEqual([200, expect.stringContaining('<Hangup/>')])
  // An address that was made up, and one that is not signed.
  for (const path of ['answer', 'status', 'answered-by']) {
    expect((await bench.post(`/twilio/outbound/${path}?callId=x`, params)).status).toBe(400)
    expect((await bench.post(`/twilio/outbound/${path}?${ids}`, params, 'forged')).status).toBe(403)
  }
}, 60_000)
