import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { asPlatform } from '#api/core/context.ts'
import { type TestApi, testApi } from '#api/testing.ts'
import { endCall, verifyCalls } from './service.ts'
import { aCallCentre, aRingingCall, type CallCentre, setPrice, takeStream } from './testing.ts'

let api: TestApi
let centres: CallCentre[]
beforeAll(async () => {
  api = await testApi()
  await setPrice(api)
  centres = await Promise.all([1, 2, 3].map(() => aCallCentre(api)))
})
afterAll(() => api.close())
beforeEach(async () => {
  for (const admission of running.splice(0)) await end(admission)
})

type Admission = Awaited<ReturnType<typeof aRingingCall>>
const running: Admission[] = []

/** The setting as the office would have changed it, from the next admission on. */
const limitTo = (calls: number) =>
  api.database.query(
    'admin',
    `insert into system_settings (id, key, value, effective_from, reason, created_at)
     values (gen_random_uuid(), 'platform_max_concurrent_calls', $1, now(), 'test', clock_timestamp())`,
    [JSON.stringify(calls)],
  )
async function admit(centre: CallCentre) {
  const admission = await aRingingCall(api, centre)
  running.push(admission)
  return admission
}
const centre = (index: number): CallCentre => {
  const found = centres[index % centres.length]
  if (!found) throw new Error('no call centre')
  return found
}
const admitAtOnce = async (calls: number) => {
  const outcomes = await Promise.allSettled(
    Array.from({ length: calls }, (_, index) => admit(centre(index))),
  )
  return {
    admitted: outcomes.filter(({ status }) => status === 'fulfilled').length,
    refused: outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason.code] : [])),
  }
}
/** As the sweep would: without a stream there is no lease, so the call is settled at zero. */
async function end(admission: Admission) {
  const claimed = await takeStream(api, admission)
  if (typeof claimed === 'string') throw new Error(claimed)
  await endCall(api.ctx, claimed, { reason: 'caller_hung_up', mediaSeconds: 1 })
}
const slotsTaken = async () =>
  (await api.database.query('platform', 'select 1 from call_slots where call_id is not null'))
    .length
const held = async () =>
  api.database.query('admin', 'select 1 from holds where state = $1', ['open'])

test.each([
  [5, 6],
  [3, 40],
])(
  'on %i lines of the platform, of %i calls at once over three organizations that many are admitted',
  async (lines, calls) => {
    await limitTo(lines)
    const { admitted, refused } = await admitAtOnce(calls)
    expect(admitted).toBe(lines)
    expect(refused).toEqual(
      Array.from({ length: calls - lines }, () => 'calls.platform_at_capacity'),
    )
    expect(await slotsTaken()).toBe(lines)
    expect(await held()).toHaveLength(lines)
    expect(await asPlatform(api.ctx, (tx) => verifyCalls(tx))).toEqual([])
  },
)

test('a call that ends makes room for exactly one, and admissions and ends at once never deadlock', async () => {
  await limitTo(4)
  await admitAtOnce(4)
  const first = running.shift()
  if (!first) throw new Error('no call runs')
  await end(first)
  expect(await admitAtOnce(3)).toMatchObject({ admitted: 1 })

  for (let round = 0; round < 5; round++) {
    const ending = running.splice(0, 2)
    const [outcome] = await Promise.all([admitAtOnce(9), ...ending.map(end)])
    expect(new Set(outcome.refused)).toEqual(new Set(['calls.platform_at_capacity']))
    expect(await slotsTaken()).toBe(running.length)
    expect(running.length).toBeLessThanOrEqual(4)
    await admitAtOnce(4)
    expect(running).toHaveLength(4)
  }
})

test('a lowered limit counts the calls that run beyond it, and a raised one holds at once', async () => {
  await limitTo(6)
  await admitAtOnce(6)
  for (const admission of running.splice(0, 3)) await end(admission)
  await limitTo(2)
  expect(await admitAtOnce(4)).toMatchObject({ admitted: 0 })
  for (const admission of running.splice(0, 2)) await end(admission)
  expect(await admitAtOnce(4)).toMatchObject({ admitted: 1 })

  // A limit beyond all that were made so far: its slots are made by the calls that need them.
  for (const admission of running.splice(0)) await end(admission)
  await admitAtOnce(2)
  await api.database.query('admin', 'delete from call_slots where slot > 2')
  await limitTo(8)
  expect(await admitAtOnce(12)).toMatchObject({ admitted: 6 })
  expect(await slotsTaken()).toBe(8)
})

test('the application role sees no slot, and takes none for another organization’s call', async () => {
  await limitTo(100)
  const { callId } = await admit(centre(0))
  const other = centre(1).organizationId
  await expect(
    api.database.query('app', 'select * from call_slots', [], other),
  ).rejects.toMatchObject({ code: '42501' })
  await expect(
    api.database.query('app', 'select take_call_slot($1, 100)', [callId], other),
  ).rejects.toMatchObject({ code: 'P0002' })
})

test('where agent calls are switched off a call is refused on record and costs nothing, from the next call on', async () => {
  await limitTo(100)
  const own = await aCallCentre(api)
  const flag = (enabled: boolean) =>
    api.database.query(
      'app',
      `insert into feature_flags (organization_id, flag, enabled) values ($1, 'agent_calls', $2)
       on conflict (organization_id, flag) do update set enabled = excluded.enabled`,
      [own.organizationId, enabled],
      own.organizationId,
    )
  await flag(false)
  await expect(admit(own)).rejects.toMatchObject({ code: 'calls.agent_calls_off' })
  const [call] = await api.database.query(
    'admin',
    'select state, reason, cost_cents::int from calls where organization_id = $1',
    [own.organizationId],
  )
  expect(call).toEqual({ state: 'settled', reason: 'calls.agent_calls_off', cost_cents: 0 })
  await flag(true)
  expect(await admit(own)).toMatchObject({ organizationId: own.organizationId })
})
