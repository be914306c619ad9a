import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TestApi, testApi } from '#api/testing.ts'
import { Faults } from '../../../sandbox/kit/faults.ts'
import { Journal } from '../../../sandbox/kit/journal.ts'
import { PhraseBook } from '../../../sandbox/speech/book.ts'
import { formantEngine } from '../../../sandbox/speech/formant.ts'
import { startTwilio, type TwilioStandIn } from '../../../sandbox/twilio/start.ts'
import { endAbandonedCalls } from './end.ts'
import { endCall, renewLeases } from './service.ts'
import { aCallCentre, aLiveCall, aRingingCall, setPrice } from './testing.ts'

const AUTH_TOKEN = 'sandbox-twilio-token'

let api: TestApi
let twilio: TwilioStandIn
const journal = new Journal()
const faults = new Faults()
beforeAll(async () => {
  twilio = await startTwilio({
    port: 0,
    accountSid: `AC${'0'.repeat(32)}`,
    authToken: AUTH_TOKEN,
    book: new PhraseBook(formantEngine()),
    journal,
    faults,
  })
  api = await testApi({ TWILIO_BASE_URL: twilio.url })
  await setPrice(api)
})
afterAll(async () => {
  await api?.close()
  await twilio?.close()
})

const run = (text: string, values: unknown[]) => api.database.query('admin', text, values)
const fallSilent = (callId: string, mediaSeconds: number) =>
  run(
    `update call_leases set expires_at = now() - interval '1 second', media_seconds = $2 where call_id = $1`,
    [callId, mediaSeconds],
  )
const rowOf = async (callId: string) =>
  (await run('select * from calls where id = $1', [callId]))[0]
const hungUp = (twilioCallSid: string) =>
  journal
    .entries({ vendor: 'twilio' })
    .some(({ method, path }) => method === 'POST' && path?.includes(twilioCallSid))
const sweep = () => endAbandonedCalls(api.ctx, { patienceMs: 0 })

test('a call whose owner is silent is hung up and charged by its last heartbeat, once', async () => {
  const centre = await aCallCentre(api, { balanceCents: 1_000 })
  const call = await aLiveCall(api, centre)
  await fallSilent(call.callId, 17)
  const ended = await Promise.all([sweep(), sweep(), sweep()])
  expect(ended.reduce((sum, one) => sum + one, 0)).toBe(1)
  expect(hungUp(call.twilioCallSid)).toBe(true)
  expect(await rowOf(call.callId)).toMatchObject({
    state: 'settled',
    reason: 'owner_lost',
    billable_seconds: 17,
    cost_cents: 17,
  })
  expect(await sweep()).toBe(0)
})

test('an owner that speaks while the sweep is patient keeps its call and its caller', async () => {
  const centre = await aCallCentre(api)
  const call = await aLiveCall(api, centre)
  await fallSilent(call.callId, 5)
  const sweeping = endAbandonedCalls(api.ctx, { patienceMs: 300 })
  const kept = await renewLeases(api.ctx, centre.organizationId, [{ ...call, mediaSeconds: 6 }])
  expect(kept).toEqual([{ callId: call.callId, isEndAsked: false }])
  expect(await sweeping).toBe(0)
  expect(hungUp(call.twilioCallSid)).toBe(false)
  expect(await rowOf(call.callId)).toMatchObject({ state: 'live' })
})

test('an owner that wakes after the sweep can neither renew nor settle', async () => {
  const centre = await aCallCentre(api, { balanceCents: 1_000 })
  const call = await aLiveCall(api, centre)
  await fallSilent(call.callId, 3)
  expect(await sweep()).toBe(1)
  expect(
    await renewLeases(api.ctx, centre.organizationId, [{ ...call, mediaSeconds: 50 }]),
  ).toEqual([])
  expect(await endCall(api.ctx, call, { reason: 'caller_hung_up', mediaSeconds: 50 })).toBe(
    'not ours',
  )
  expect(await rowOf(call.callId)).toMatchObject({ cost_cents: 3, reason: 'owner_lost' })
})

test('a sweep that died after taking a call over leaves it to a later one', async () => {
  const centre = await aCallCentre(api)
  const call = await aLiveCall(api, centre)
  await fallSilent(call.callId, 4)
  await run(
    `update call_leases set owner = 'sweep', epoch = epoch + 1, expires_at = now() + interval '1 minute' where call_id = $1`,
    [call.callId],
  )
  expect(await sweep()).toBe(0)
  await fallSilent(call.callId, 4)
  expect(await sweep()).toBe(1)
  expect(await rowOf(call.callId)).toMatchObject({ state: 'settled', cost_cents: 4 })
})

const MANY = 12
const hangsUp = { vendor: 'twilio', on: 'request', method: 'POST', path: '/Calls/' } as const

async function manySilentCalls(mediaSeconds: number) {
  const calls = await Promise.all(
    Array.from({ length: MANY }, async () =>
      aLiveCall(api, await aCallCentre(api, { balanceCents: 1_000 })),
    ),
  )
  for (const call of calls) await fallSilent(call.callId, mediaSeconds)
  return calls
}

test("a dead gateway's calls wait for the carrier together, not one after another", async () => {
  const calls = await manySilentCalls(8)
  const rule = faults.add({ ...hangsUp, times: MANY, action: { type: 'block' } })
  const patience = { patienceMs: 0, carrierPatienceMs: 60_000 }
  const sweeping = Promise.all([
    endAbandonedCalls(api.ctx, patience),
    endAbandonedCalls(api.ctx, patience),
  ])
  await expect
    .poll(() => calls.every(({ twilioCallSid }) => hungUp(twilioCallSid)), { timeout: 15_000 })
    .toBe(true)
  faults.release(rule.id)
  const [one, other] = await sweeping
  expect(one + other).toBe(MANY)
  for (const { callId } of calls)
    expect(await rowOf(callId)).toMatchObject({ state: 'settled', cost_cents: 8 })
})

test('calls whose carrier does not answer are settled by the last heartbeat', async () => {
  const calls = await manySilentCalls(9)
  faults.add({ ...hangsUp, times: MANY, action: { type: 'hang' } })
  expect(await endAbandonedCalls(api.ctx, { patienceMs: 0, carrierPatienceMs: 200 })).toBe(MANY)
  for (const { callId } of calls)
    expect(await rowOf(callId)).toMatchObject({ state: 'settled', cost_cents: 9 })
})

test('a call whose media never came is settled at zero after its token has run out, not before', async () => {
  const centre = await aCallCentre(api)
  const call = await aRingingCall(api, centre)
  expect(await sweep()).toBe(0)
  const later = { ...api.ctx, now: () => new Date(Date.now() + 66_000) }
  expect(await endAbandonedCalls(later, { patienceMs: 0 })).toBe(1)
  expect(await rowOf(call.callId)).toMatchObject({
    state: 'settled',
    reason: 'stream_never_started',
    cost_cents: 0,
  })
})
