import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { renewLeases } from '#api/domains/calls/service.ts'
import { aCallCentre, aLiveCall, setPrice } from '#api/domains/calls/testing.ts'
import { type TestApi, testApi } from '#api/testing.ts'
import { TimelineWriter } from './timeline-writer.ts'

let api: TestApi
beforeAll(async () => {
  api = await testApi()
  await setPrice(api)
})
afterAll(() => api.close())

const aNote = (kind: string, data: Record<string, unknown> = {}) => ({
  id: randomUUID(),
  kind,
  at: new Date(),
  data,
})

const timelineOf = async (callId: string) => {
  const rows = await api.database.query<{ kind: string }>(
    'admin',
    `select kind from call_events where call_id = $1 and kind like 'tested.%' order by kind`,
    [callId],
  )
  return rows.map(({ kind }) => kind)
}

test('calls of several organizations write at once, each to its own timeline', async () => {
  const writer = new TimelineWriter(api.ctx)
  const [one, other] = [await aCallCentre(api), await aCallCentre(api)]
  const calls = [await aLiveCall(api, one), await aLiveCall(api, one), await aLiveCall(api, other)]
  await Promise.all(
    calls.map((call, n) => writer.write(call, [aNote(`tested.${n}`), aNote(`tested.${n}b`)])),
  )
  for (const [n, { callId }] of calls.entries())
    expect(await timelineOf(callId)).toEqual([`tested.${n}`, `tested.${n}b`])
})

test('what one call says is refused, and what the others say is written', async () => {
  const writer = new TimelineWriter(api.ctx)
  const centre = await aCallCentre(api)
  const calls = [
    await aLiveCall(api, centre),
    await aLiveCall(api, centre),
    await aLiveCall(api, centre),
  ]
  const outcomes = await Promise.allSettled(
    calls.map((call, n) =>
      // Postgres takes no NUL.
      writer.write(call, [aNote(`tested.${n}`, n === 1 ? { said: 'a\u0000b' } : {})]),
    ),
  )
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  const timelines = await Promise.all(calls.map(({ callId }) => timelineOf(callId)))
  expect(timelines).toEqual([['tested.0'], [], ['tested.2']])
})

test('an owner that was fenced writes nothing, and the others of its batch do', async () => {
  const writer = new TimelineWriter(api.ctx)
  const centre = await aCallCentre(api)
  const [kept, fenced] = [await aLiveCall(api, centre), await aLiveCall(api, centre)]
  await api.database.query('admin', 'update call_leases set epoch = 2 where call_id = $1', [
    fenced.callId,
  ])
  await Promise.all([kept, fenced].map((call) => writer.write(call, [aNote('tested.late')])))
  expect(await timelineOf(kept.callId)).toEqual(['tested.late'])
  expect(await timelineOf(fenced.callId)).toEqual([])
})

test('heartbeats and notes of many calls at once stand in nobody’s way', async () => {
  const writer = new TimelineWriter(api.ctx)
  const centre = await aCallCentre(api)
  const calls = []
  for (let n = 0; n < 12; n++) calls.push(await aLiveCall(api, centre))
  const { organizationId } = centre
  for (let round = 0; round < 20; round++) {
    // In opposite orders, as two tables of calls may have them.
    const held = calls.map((call) => ({ ...call, mediaSeconds: round })).reverse()
    const [leases] = await Promise.all([
      renewLeases(api.ctx, organizationId, held),
      ...calls.map((call) => writer.write(call, [aNote(`tested.${round}`)])),
    ])
    expect(leases).toHaveLength(calls.length)
  }
  for (const { callId } of calls) expect(await timelineOf(callId)).toHaveLength(20)
})
