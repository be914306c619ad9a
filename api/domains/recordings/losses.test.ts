import { afterAll, beforeAll, expect, test } from 'vitest'
import { aCallCentre, aRingingCall, setPrice } from '#api/domains/calls/testing.ts'
import { type TestApi, testApi } from '#api/testing.ts'
import { getCall } from '#contracts/calls'
import { storeRecording } from './service.ts'

let api: TestApi
beforeAll(async () => {
  api = await testApi()
  await setPrice(api)
})
afterAll(() => api?.close())

test.each([
  { lostRecords: 0, isTorn: false },
  { lostRecords: 7, isTorn: true },
])('a recording tells what its tape misses: %o', async (losses) => {
  const centre = await aCallCentre(api)
  const admin = await api.aHolderOf('admin', centre.organizationId)
  const { organizationId, callId } = await aRingingCall(api, centre)
  const made = {
    organizationId,
    callId,
    wav: Buffer.alloc(44),
    tape: Buffer.alloc(1),
    peaks: { durationMs: 1_000, perSecond: 1, customer: [0], agent: [0] },
  }
  expect(await storeRecording(api.ctx, { ...made, ...losses })).toBe('stored')
  // What was stored once stays as it is.
  expect(await storeRecording(api.ctx, { ...made, lostRecords: 99, isTorn: true })).toBe('known')
  const answer = await api.call(getCall, { params: { callId } }, admin)
  expect(answer.json().recording).toMatchObject(losses)
})
