import { randomUUID, randomUUIDv7 } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { problem } from '#api/contract/problem.ts'
import { asPlatform, forOrganization } from '#api/core/context.ts'
import { type Person, requestOf, type TestApi, testApi } from '#api/testing.ts'
import { holdSlice, settleHold, verifyWallets } from '../wallet/service.ts'
import * as contract from './contract.ts'
import { compareAllJob, compareOrganizationJob } from './jobs.ts'
import { compareCalls } from './service.ts'

const SINCE = new Date('2020-01-01T00:00:00Z')

let api: TestApi
let root: Person
let org: string
beforeAll(async () => {
  api = await testApi()
  root = await api.aHolderOf('super_admin')
})
beforeEach(async () => {
  org = await api.database.anOrganization({ balanceCents: 10_000 })
})
afterAll(async () => {
  // Whatever the tests of this file did, the books are right.
  expect(await asPlatform(api.ctx, verifyWallets)).toEqual([])
  await api.close()
})

/** A call that was charged for `seconds`, of which the vendors say what they say. */
async function aSettledCall(
  seconds: number,
  told: {
    carrier?: number | null
    conversation?: number | null
    costMicroUsd?: number | null
  } = {},
  over: { agoHours?: number; reason?: string } = {},
): Promise<string> {
  const callId = randomUUIDv7()
  const ctx = forOrganization(api.ctx, org)
  const asked = { callId, pricePerHourCents: 3_600, priceId: null, minimumSeconds: 10 }
  await holdSlice(ctx, { ...asked, slice: 1, totalSeconds: seconds })
  await settleHold(ctx, { callId, billableSeconds: seconds })
  await api.database.query(
    'admin',
    `insert into calls (organization_id, id, kind, direction, from_number, to_number, twilio_call_sid,
       elevenlabs_conversation_id, price_per_hour_cents, reason, billing_status, billable_seconds, cost_cents,
       settled_at, vendor_seconds, elevenlabs_seconds, vendor_cost_micro_usd)
     values ($1, $2, 'agent', 'inbound', '+15550001111', '+15550002222', $3, $4, 3600, $5, 'charged', $6::int,
       $6::int, now() - $7 * interval '1 hour', $8, $9, $10)`,
    [
      org,
      callId,
      `CA${callId.replaceAll('-', '')}`,
      `conv_${callId}`,
      over.reason ?? 'caller_hung_up',
      seconds,
      over.agoHours ?? 1,
      told.carrier === undefined ? seconds : told.carrier,
      told.conversation === undefined ? seconds : told.conversation,
      told.costMicroUsd === undefined ? 1_000 : told.costMicroUsd,
    ],
  )
  await api.database.query('admin', `update calls set state = 'settled' where id = $1`, [callId])
  return callId
}

const compare = () => compareCalls(forOrganization(api.ctx, org), SINCE)
const list = async (query: Record<string, string> = {}) => {
  const asked = { query: { organizationId: org, ...query } } as never
  const response = await api.call(contract.listFindings, asked, root)
  expect(response.statusCode).toBe(200)
  return contract.listFindings.response.parse(response.json())
}
function correct(
  callId: string,
  amountCents: number,
  asked: { requestId?: string; key?: string; as?: Person } = {},
) {
  const { requestId = randomUUID(), key, as = root } = asked
  const body = { requestId, amountCents, note: 'as the carrier says' }
  const params = { organizationId: org, callId }
  const request = requestOf(contract.correctCall, { params, body }, as.token)
  const headers = { ...request.headers, ...(key && { 'idempotency-key': key }) }
  return api.app.inject({ ...request, headers })
}
const linesOf = (callId: string) =>
  api.database.query(
    'app',
    `select kind, to_account, amount_cents from ledger_entries where call_id = $1 order by sequence`,
    [callId],
    org,
  )

test('calls whose clocks disagree are told with the cause, and those that agree are not', async () => {
  await aSettledCall(60)
  const overcharged = await aSettledCall(60, { carrier: 40, conversation: 41 })
  const lost = await aSettledCall(30, { carrier: 90, conversation: 31 }, { reason: 'owner_lost' })
  await api.database.query(
    'admin',
    `insert into call_leases (organization_id, call_id, owner, address, heartbeat_at, expires_at, media_seconds)
     values ($1, $2, 'gone', 'ws://gone', now(), now(), 28)`,
    [org, lost],
  )
  await compare()
  const { items } = await list()
  const told = items.map(({ callId, kind, cause }) => ({ callId, kind, cause }))
  expect(told).toHaveLength(3)
  expect(told).toEqual(
    expect.arrayContaining([
      { callId: overcharged, kind: 'charged_beyond_carrier', cause: 'unexplained' },
      { callId: overcharged, kind: 'conversation_shorter', cause: 'unexplained' },
      { callId: lost, kind: 'carrier_longer', cause: 'gateway_lost' },
    ]),
  )
  expect(items.find(({ callId }) => callId === lost)).toMatchObject({
    state: 'open',
    carrierSeconds: 90,
    elevenLabsSeconds: 31,
    gatewaySeconds: 28,
    billedSeconds: 30,
    chargedCents: 30,
    marginCents: 30,
    closedAt: null,
  })
})

test('what nobody told stays null and is asked for after a day', async () => {
  const unknown = { carrier: null, conversation: null, costMicroUsd: null }
  await aSettledCall(60, unknown, { agoHours: 2 })
  const old = await aSettledCall(60, unknown, { agoHours: 25 })
  await compare()
  const { items } = await list()
  expect(items.map(({ callId, kind }) => [callId, kind]).toSorted()).toEqual([
    [old, 'carrier_unknown'],
    [old, 'conversation_unknown'],
    [old, 'cost_unknown'],
  ])
  for (const one of items)
    expect(one).toMatchObject({
      carrierSeconds: null,
      elevenLabsSeconds: null,
      vendorCostMicroUsd: null,
      marginCents: null,
    })
})

test('compared again, also by two at once, a finding is one; it vanishes when the clocks agree, and comes back', async () => {
  const callId = await aSettledCall(60, { carrier: 40 })
  await Promise.all([compare(), compare()])
  await compare()
  const [first] = (await list()).items
  expect((await list()).items).toHaveLength(1)
  const say = (seconds: number) =>
    api.database.query('admin', 'update calls set vendor_seconds = $2 where id = $1', [
      callId,
      seconds,
    ])
  await say(60)
  await compareCalls(forOrganization(api.ctx, org), new Date()) // too late for the call itself
  expect((await list()).items).toMatchObject([{ id: first?.id, state: 'vanished' }])
  await say(30)
  await compare()
  expect((await list({ state: 'open' })).items).toMatchObject([
    { id: first?.id, carrierSeconds: 30, closedAt: null },
  ])
})

test('a correction is a new line that names the call, once, and closes what was open', async () => {
  const callId = await aSettledCall(60, { carrier: 40 })
  await compare()
  const before = await linesOf(callId)
  const asked = { requestId: randomUUID(), key: randomUUID() }
  const [one, two] = await Promise.all([correct(callId, 20, asked), correct(callId, 20, asked)])
  expect([one.statusCode, two.statusCode].toSorted()).toSatisfy(
    ([a, b]: number[]) => a === 200 && (b === 200 || b === 409),
  )
  expect((await correct(callId, 20, asked)).json()).toMatchObject({
    items: [
      { callId, state: 'corrected', correctedCents: 20, closedBy: root.userId, chargedCents: 60 },
    ],
  })
  expect(await linesOf(callId)).toEqual([
    ...before,
    { kind: 'adjustment', to_account: 'available', amount_cents: 20 },
  ])
  await compare()
  expect((await list({ state: 'open' })).items).toEqual([])
  const other = await correct(callId, 21, { requestId: asked.requestId })
  expect(problem.parse(other.json()).code).toBe('wallet.request_id_reused')
})

test('what is accepted as it is moves no money and stays closed', async () => {
  const callId = await aSettledCall(60, { carrier: 90 })
  await compare()
  const before = await linesOf(callId)
  const accepted = await correct(callId, 0)
  expect(accepted.json()).toMatchObject({ items: [{ state: 'accepted', correctedCents: null }] })
  expect(await linesOf(callId)).toEqual(before)
  await compare()
  expect((await list({ state: 'accepted' })).items).toHaveLength(1)
})

test('the list is filtered and read page by page', async () => {
  for (const carrier of [10, 20, 90]) await aSettledCall(60, { carrier })
  await compare()
  expect((await list({ kind: 'carrier_longer' })).items).toHaveLength(1)
  expect((await list({ cause: 'gateway_lost' })).items).toEqual([])
  expect((await list({ from: new Date(Date.now() + 60_000).toISOString() })).items).toEqual([])
  const first = await list({ limit: '2' })
  const rest = await list({ limit: '2', cursor: first.nextCursor ?? '' })
  expect([first.items.length, rest.items.length, rest.nextCursor]).toEqual([2, 1, null])
  expect(new Set([...first.items, ...rest.items].map(({ id }) => id)).size).toBe(3)
})

test('a run compares every organization, a job each', async () => {
  const callId = await aSettledCall(60, { carrier: 90 })
  const before = api.sent.length
  const started = await api.call(contract.startRun, { body: { days: 2 } }, root)
  expect(started.statusCode).toBe(202)
  expect(api.sent.slice(before)).toEqual([{ name: compareAllJob.name, data: { days: 2 } }])
  await compareAllJob.run(api.ctx, { days: 2 })
  const ours = api.sent
    .slice(before)
    .filter(({ name }) => name === compareOrganizationJob.name)
    .map(({ data }) => compareOrganizationJob.data.parse(data))
    .filter(({ organizationId }) => organizationId === org)
  expect(ours).toHaveLength(1)
  for (const data of ours) await compareOrganizationJob.run(api.ctx, data)
  expect((await list()).items.map((one) => one.callId)).toEqual([callId])
})

test('others than a super admin are refused, and a call that is not there is not found', async () => {
  const callId = await aSettledCall(60)
  for (const role of ['manager', 'admin'] as const) {
    const as = await api.aHolderOf(role)
    expect((await correct(callId, 5, { as })).statusCode).toBe(403)
    expect((await api.call(contract.listFindings, { query: {} }, as)).statusCode).toBe(403)
  }
  expect((await correct(randomUUID(), 5)).statusCode).toBe(404)
  const elsewhere = await api.database.anOrganization()
  const params = { organizationId: elsewhere, callId }
  const body = { requestId: randomUUID(), amountCents: 5, note: 'not theirs' }
  expect((await api.call(contract.correctCall, { params, body }, root)).statusCode).toBe(404)
})
