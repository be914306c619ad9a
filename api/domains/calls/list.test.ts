import { randomUUIDv7 } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Person, type TestApi, testApi } from '#api/testing.ts'
import { listCalls } from './contract.ts'

const CALLS = 1_010 // two requests' worth of looking back, and a few more

let api: TestApi
let admin: Person
let organizationId: string
let oldest: string
beforeAll(async () => {
  api = await testApi()
  organizationId = await api.database.anOrganization()
  admin = await api.aHolderOf('admin', organizationId)
  const rows = await api.database.query<{ id: string }>(
    'app',
    `insert into calls (organization_id, id, kind, direction, from_number, to_number, created_at)
     select $1, gen_random_uuid(), 'agent', case when n % 2 = 0 then 'inbound' else 'outbound' end,
            '+15550001111', '+15550002222', now() - make_interval(secs => n)
       from generate_series(1, $2) n returning id`,
    [organizationId, CALLS],
    organizationId,
  )
  oldest = rows.at(-1)?.id ?? ''
  await said(oldest, 'a peculiar xylophone')
})
afterAll(() => api.close())

/** As it is stored: at the moment of its call. */
const said = (callId: string, text: string) =>
  api.database.query(
    'app',
    `insert into transcript_turns (organization_id, id, call_id, at, seq, speaker, text, heard, start_ms, end_ms)
     select organization_id, $3, id, created_at, 1, 'customer', $4, 'heard', 0, 1000
       from calls where organization_id = $1 and id = $2`,
    [organizationId, callId, randomUUIDv7(), text],
    organizationId,
  )
const page = async (query: object) =>
  listCalls.response.parse((await api.call(listCalls, { query }, admin)).json())

test('a search for words finds what was said long ago, a bounded look back a page', async () => {
  const found: string[] = []
  let pages = 0
  let cursor: string | undefined
  do {
    const next = await page({ text: 'Xylophone peculiar', ...(cursor && { cursor }) })
    found.push(...next.items.map(({ id }) => id))
    cursor = next.nextCursor ?? undefined
    pages++
  } while (cursor && pages < 10)
  expect(found).toEqual([oldest])
  expect(pages).toBe(3)
})

test('a search for words that many said fills its pages and misses none', async () => {
  const ids = await api.database.query<{ id: string }>(
    'app',
    'select id from calls order by created_at desc, id desc limit 7 offset 498',
    [],
    organizationId,
  )
  // Around the place where the first look back ends.
  for (const { id } of ids) await said(id, 'the delivery')
  const found: string[] = []
  let cursor: string | undefined
  do {
    const next = await page({ text: 'delivery', limit: 2, ...(cursor && { cursor }) })
    expect(next.items.length).toBeLessThanOrEqual(2)
    found.push(...next.items.map(({ id }) => id))
    cursor = next.nextCursor ?? undefined
  } while (cursor)
  expect(found).toEqual(ids.map(({ id }) => id))
})

test('part of a number is found with the other filters, in order, page by page, as the whole list has it', async () => {
  const agentId = randomUUIDv7()
  await api.database.query(
    'app',
    `insert into agents (organization_id, id, name, prompt, first_message, voice_id)
     values ($1, $2, 'Front desk', 'We are open.', 'Hello.', 'voice')`,
    [organizationId, agentId],
    organizationId,
  )
  await api.database.query(
    'app',
    `update calls c set agent_id = $2,
            from_number = case when n % 3 = 0 then '+15557654000' else c.from_number end,
            to_number = case when n % 3 = 1 then '+15540005678' else c.to_number end
       from (select id, row_number() over (order by created_at) as n from calls) numbered
      where c.id = numbered.id and n % 100 < 5 and c.organization_id = $1`,
    [organizationId, agentId],
    organizationId,
  )
  const all = async (query: object) => {
    const found: Awaited<ReturnType<typeof page>>['items'] = []
    let cursor: string | undefined
    do {
      const next = await page({ ...query, ...(cursor && { cursor }) })
      found.push(...next.items)
      cursor = next.nextCursor ?? undefined
    } while (cursor)
    return found
  }
  const everything = await all({ limit: 100 })
  expect(everything).toHaveLength(CALLS)
  const expected = everything.filter(
    (call) => /4000/.test(call.fromNumber + call.toNumber) && call.direction === 'inbound',
  )
  expect(expected.length).toBeGreaterThan(10)
  expect(new Set(expected.map((call) => call.agentName))).toEqual(new Set(['Front desk']))
  expect(await all({ number: '4000', direction: 'inbound', limit: 7 })).toEqual(expected)
  expect(await all({ number: '999999' })).toEqual([])
})

test('calls that run are found among many that do not', async () => {
  await api.database.query(
    'app',
    `update calls set state = 'settled', live_at = now() where id <> $1`,
    [oldest],
    organizationId,
  )
  expect((await page({ state: 'running' })).items.map(({ id }) => id)).toEqual([oldest])
  expect((await page({ state: 'created' })).items.map(({ id }) => id)).toEqual([oldest])
  const settled = await page({ state: 'settled', limit: 100 })
  expect(settled.items).toHaveLength(100)
  expect(settled.items.map(({ id }) => id)).not.toContain(oldest)
})
