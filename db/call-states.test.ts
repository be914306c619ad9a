import { randomUUIDv7 } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { callStates } from './schema/calls.ts'
import { type TestDatabase, testDatabase } from './testing.ts'

type State = (typeof callStates)[number]

let t: TestDatabase
let organizationId: string
beforeAll(async () => {
  t = await testDatabase()
  organizationId = await t.anOrganization()
})
afterAll(() => t.close())

const insert = `insert into calls (organization_id, id, kind, direction, state, from_number, to_number, twilio_call_sid)
  values ($1, $2, 'agent', 'inbound', $3, '+15550100', '+15550101', $4)`

async function aCall(...states: State[]): Promise<string> {
  const id = randomUUIDv7()
  await t.query('app', insert, [organizationId, id, 'created', null], organizationId)
  for (const state of states) await move(id, state)
  return id
}
const move = (id: string, state: State, reason = `because_${state}`) =>
  t.query(
    'app',
    'update calls set state = $3, reason = $4 where organization_id = $1 and id = $2',
    [organizationId, id, state, reason],
    organizationId,
  )
const events = (id: string) =>
  t.query<{ kind: string; data: unknown; at: Date }>(
    'app',
    'select kind, data, at from call_events where organization_id = $1 and call_id = $2 order by at, id',
    [organizationId, id],
    organizationId,
  )
const callOf = async (id: string) => {
  const [row] = await t.query<Record<string, unknown>>(
    'app',
    'select * from calls where id = $1',
    [id],
    organizationId,
  )
  return row!
}

const order: State[] = ['created', 'authorized', 'ringing', 'live', 'ending', 'ended', 'settled']
/** The rule of THREATS 11 in its own words, to hold the database's against. */
function mayGo(from: State, to: State): boolean {
  if (from === 'refused' || from === 'failed') return to === 'settled'
  if (to === 'refused' || to === 'failed') return order.indexOf(from) < order.indexOf('ended')
  return order.indexOf(to) > order.indexOf(from)
}

const pairs = callStates.flatMap((from) => callStates.map((to) => ({ from, to })))
test.each(pairs.filter(({ from, to }) => from !== to))(
  'from $from to $to goes as the rule says',
  async ({ from, to }) => {
    const id = await aCall(...(from === 'created' ? [] : [from]))
    if (mayGo(from, to)) {
      await move(id, to)
      expect((await callOf(id)).state).toBe(to)
    } else {
      await expect(move(id, to)).rejects.toMatchObject({
        code: '23514',
        constraint: 'calls_state_only_forward',
      })
      expect((await callOf(id)).state).toBe(from)
    }
  },
)

test('a whole life leaves a line for each state and a moment for each that has one', async () => {
  const id = await aCall('authorized', 'ringing', 'live', 'ending')
  await move(id, 'ended', 'because_ending')
  await move(id, 'settled', 'because_ending')
  const told = await events(id)
  expect(told.map((e) => e.kind)).toEqual(order.map((state) => `state.${state}`))
  expect(told.at(3)?.data).toEqual({ from: 'ringing', to: 'live', reason: 'because_live' })
  expect(told.at(0)?.data).toEqual({ from: null, to: 'created', reason: 'created' })
  const row = await callOf(id)
  expect(row.reason).toBe('because_ending')
  for (const column of ['authorized_at', 'live_at', 'ended_at', 'settled_at'])
    expect(row[column], column).toBeInstanceOf(Date)
})

test('a refused call has ended', async () => {
  const row = await callOf(await aCall('refused'))
  expect(row.ended_at).toBeInstanceOf(Date)
  expect(row.live_at).toBeNull()
})

test('a change without a reason of its own is refused', async () => {
  const id = await aCall('authorized')
  await expect(move(id, 'live', 'because_authorized')).rejects.toMatchObject({
    code: '23514',
    constraint: 'calls_state_has_its_reason',
  })
})

test('a call starts as created and as nothing else', async () => {
  const born = t.query(
    'app',
    insert,
    [organizationId, randomUUIDv7(), 'live', null],
    organizationId,
  )
  await expect(born).rejects.toMatchObject({ constraint: 'calls_state_only_forward' })
})

test('an update that changes no state tells nothing', async () => {
  const id = await aCall('authorized')
  await move(id, 'authorized')
  expect(await events(id)).toHaveLength(2)
})

test('a second insert of the same carrier call leaves no line of a call that is not there', async () => {
  const first = randomUUIDv7()
  const second = randomUUIDv7()
  await t.query('app', insert, [organizationId, first, 'created', 'CA1'], organizationId)
  const again = `${insert} on conflict do nothing`
  await t.query('app', again, [organizationId, second, 'created', 'CA1'], organizationId)
  expect(await events(first)).toHaveLength(1)
  expect(await events(second)).toEqual([])
})

test('of many that would end a call at once one does', async () => {
  const id = await aCall('live')
  const ways: State[] = ['failed', 'ended', 'refused', 'ended', 'failed', 'refused']
  const outcomes = await Promise.allSettled(ways.map((state, i) => move(id, state, `way_${i}`)))
  const won = outcomes.filter((o) => o.status === 'fulfilled').length
  const ends = (await events(id)).filter((e) => !['state.created', 'state.live'].includes(e.kind))
  expect(ends).toHaveLength(1)
  // The same state asked for again by another is no change and no error.
  expect(won).toBeGreaterThanOrEqual(1)
  expect(won).toBeLessThanOrEqual(2)
})
