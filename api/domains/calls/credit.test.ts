import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { asPlatform } from '#api/core/context.ts'
import { type TestApi, testApi } from '#api/testing.ts'
import { changePrice, verifyWallets } from '../wallet/service.ts'
import { endCall, extendSlice } from './service.ts'
import { aCallCentre, aLiveCall, type CallCentre, MINIMUM_SECONDS, setPrice } from './testing.ts'

let api: TestApi
beforeAll(async () => {
  api = await testApi()
  await setPrice(api)
})
afterAll(async () => {
  // Whatever the tests of this file did, the books are right.
  expect(await asPlatform(api.ctx, verifyWallets)).toEqual([])
  await api.close()
})

type Call = Awaited<ReturnType<typeof aLiveCall>>

const extend = (call: Call, slice: number, totalSeconds: number) =>
  extendSlice(api.ctx, call, { slice, totalSeconds, minimumSeconds: MINIMUM_SECONDS })
const post = (centre: CallCentre, kind: 'dispute' | 'grant', cents: number) =>
  api.database.query(
    'app',
    `select wallet_post($1, $2, $3, $4, null, '{}')`,
    [centre.organizationId, kind, cents, randomUUID()],
    centre.organizationId,
  )
const costOf = async (call: Call, mediaSeconds: number) => {
  await endCall(api.ctx, call, { reason: 'caller_hung_up', mediaSeconds })
  const [row] = await api.database.query(
    'admin',
    'select billable_seconds, cost_cents from calls where id = $1',
    [call.callId],
  )
  return row
}

test('a slice says how long the call can last in all, the last part of a slice that this is all', async () => {
  const centre = await aCallCentre(api, { balanceCents: 200 })
  const call = await aLiveCall(api, centre)
  const told = (fundedSeconds: number) => ({ outcome: 'extended', fundedSeconds })
  expect(await extend(call, 2, 120)).toEqual({ ...told(120), affordableSeconds: 200 })
  expect(await extend(call, 3, 180)).toEqual({ ...told(180), affordableSeconds: 200 })
  expect(await extend(call, 4, 240)).toEqual({ ...told(200), affordableSeconds: 200 })
  expect(await extend(call, 5, 260)).toEqual({ outcome: 'exhausted' })
})

test('money that comes while a call runs carries it on where it would have ended', async () => {
  const centre = await aCallCentre(api, { balanceCents: 60 })
  const call = await aLiveCall(api, centre)
  expect(await extend(call, 2, 120)).toEqual({ outcome: 'exhausted' })
  await post(centre, 'grant', 90)
  // The slice that was refused is asked for under its own number again.
  expect(await extend(call, 2, 120)).toMatchObject({ fundedSeconds: 120, affordableSeconds: 150 })
  expect(await costOf(call, 130)).toEqual({ billable_seconds: 120, cost_cents: 120 })
})

test('another price from now on is that of calls to come, not of the one that runs', async () => {
  const centre = await aCallCentre(api, { balanceCents: 100_000 })
  const call = await aLiveCall(api, centre)
  const dearer = { pricePerHourCents: 360_000, mockPricePercent: 0, reason: 'dearer' }
  await changePrice(api.ctx, dearer)
  expect(await extend(call, 2, 120)).toMatchObject({ outcome: 'extended', fundedSeconds: 120 })
  const next = await aLiveCall(api, centre)
  expect([call.pricePerHourCents, next.pricePerHourCents]).toEqual([3_600, 360_000])
  expect(await costOf(call, 100)).toEqual({ billable_seconds: 100, cost_cents: 100 })
  expect(await costOf(next, 10)).toEqual({ billable_seconds: 10, cost_cents: 1_000 })
  await changePrice(api.ctx, { ...dearer, pricePerHourCents: 3_600, reason: 'as before' })
})

test('money taken back while a call runs leaves it what is held, and blocks the next one', async () => {
  const centre = await aCallCentre(api, { balanceCents: 100 })
  const call = await aLiveCall(api, centre)
  await post(centre, 'dispute', -300)
  expect(await extend(call, 2, 120)).toEqual({ outcome: 'exhausted' })
  expect(await costOf(call, 30)).toEqual({ billable_seconds: 30, cost_cents: 30 })
  await expect(aLiveCall(api, centre)).rejects.toMatchObject({
    code: 'wallet.insufficient_balance',
  })
  await post(centre, 'grant', 500)
  expect(await aLiveCall(api, centre)).toMatchObject({ fundedSeconds: 60 })
})

test('a pause ends the call at its next slice and charges what it took, whatever money there is', async () => {
  const centre = await aCallCentre(api)
  const call = await aLiveCall(api, centre)
  await api.database.query('admin', `update organizations set status = 'paused' where id = $1`, [
    centre.organizationId,
  ])
  expect(await extend(call, 2, 120)).toEqual({ outcome: 'organization_paused' })
  await expect(aLiveCall(api, centre)).rejects.toMatchObject({
    code: 'calls.organization_not_active',
  })
  expect(await costOf(call, 45)).toEqual({ billable_seconds: 45, cost_cents: 45 })
})
