import { randomUUIDv7 } from 'node:crypto'
import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Context, Queue } from '#api/core/context.ts'
import { forOrganization, inTransaction } from '#api/core/context.ts'
import { callSettled } from '#api/domains/calls/events.ts'
import { jobs, subscriptions } from '#api/subscriptions.ts'
import { type TestApi, testApi } from '#api/testing.ts'
import { createQueue } from '#db/queue.ts'
import { startWorkers } from '#db/workers.ts'
import { getPlatformMetrics, getUsage } from './contract.ts'
import { foldDaysJob, noteCallJob, refreshDayJob, repairUsageJob } from './jobs.ts'
import * as queries from './queries.ts'
import { foldDays } from './recount.ts'
import {
  getPlatformMetrics as getMetrics,
  rebuildUsage,
  refreshDay,
  verifyUsage,
} from './service.ts'

let api: TestApi
beforeAll(async () => {
  api = await testApi()
})
afterAll(() => api.close())

type Call = {
  settledAt: string
  kind?: 'agent' | 'mock'
  seconds?: number
  cents?: number
  vendorCostMicroUsd?: number | null
  billingStatus?: 'charged' | 'blocked'
}

async function anOrganization(timeZone = 'UTC'): Promise<{ id: string; ctx: Context }> {
  const id = await api.database.anOrganization()
  await api.database.query('admin', 'update organizations set time_zone = $2 where id = $1', [
    id,
    timeZone,
  ])
  return { id, ctx: forOrganization(api.ctx, id) }
}

/** Made in one transaction: no count may see it between its settling and the day it is put back to. */
function aSettledCall(organizationId: string, call: Call): Promise<string> {
  const id = randomUUIDv7()
  return inTransaction(forOrganization(api.ctx, organizationId), async ({ db }) => {
    const its = sql`organization_id = ${organizationId} and id = ${id}`
    await db.execute(sql`
      insert into calls (organization_id, id, kind, direction, from_number, to_number)
      values (${organizationId}, ${id}, ${call.kind ?? 'agent'}, 'inbound', '+15550001111', '+15550002222')`)
    await db.execute(sql`update calls set state = 'settled' where ${its}`)
    // After its state: the timeline keeps months, and these days lie further back.
    await db.execute(sql`
      update calls set settled_at = ${call.settledAt}, billable_seconds = ${call.seconds ?? 60},
        cost_cents = ${call.cents ?? 10}, vendor_cost_micro_usd = ${call.vendorCostMicroUsd ?? null},
        billing_status = ${call.billingStatus ?? 'charged'}
      where ${its}`)
    return id
  })
}

/** The stored sums, without when they were made. */
const stored = (organizationId: string) =>
  api.database.query<Record<string, unknown>>(
    'app',
    `select day::text, kind, calls, billable_seconds, charged_cents, vendor_cost_micro_usd,
            calls_without_vendor_cost, charged_cents_of_known_cost
       from usage_days order by day, kind`,
    [],
    organizationId,
  )

/** What verifying says of one organization: other tests leave their own behind. */
const findingsOf = async (id: string, options: Parameters<typeof verifyUsage>[1] = {}) =>
  (await verifyUsage(api.ctx, options)).findings.filter((one) => one.organizationId === id)

describe('a day', () => {
  test('begins at midnight of the organization’s own time zone', async () => {
    const { id, ctx } = await anOrganization('America/New_York')
    // 23:30 and 00:30 in New York, which is on summer time.
    await aSettledCall(id, { settledAt: '2026-06-11T03:30:00Z' })
    await aSettledCall(id, { settledAt: '2026-06-11T04:30:00Z' })
    await rebuildUsage(ctx)
    const days = (await stored(id)).map(({ day, calls }) => ({ day, calls }))
    expect(days).toEqual([
      { day: '2026-06-10', calls: 1 },
      { day: '2026-06-11', calls: 1 },
    ])
  })

  test.each(['Pacific/Kiritimati', 'Pacific/Niue', 'America/Havana', 'Asia/Kathmandu'])(
    'counted alone is the day counted with all others in %s',
    async (timeZone) => {
      const { id, ctx } = await anOrganization(timeZone)
      // Every half hour around the nights on which Havana's clocks change at midnight.
      for (const start of ['2026-03-07T22:00:00Z', '2026-10-31T22:00:00Z'])
        for (let half = 0; half < 40; half++)
          await aSettledCall(id, {
            settledAt: new Date(Date.parse(start) + half * 1_800_000).toISOString(),
          })
      await rebuildUsage(ctx)
      const whole = await stored(id)
      expect(whole.reduce((sum, row) => sum + Number(row.calls), 0)).toBe(80)
      await api.database.query('app', 'delete from usage_days', [], id)
      for (const { day } of whole) await refreshDay(ctx, String(day))
      expect(await stored(id)).toEqual(whole)
    },
  )

  test('sums each kind; what vendors have not told stays uncounted and is said so', async () => {
    const { id, ctx } = await anOrganization()
    const at = '2026-05-01T10:00:00Z'
    await aSettledCall(id, { settledAt: at, seconds: 90, cents: 15, vendorCostMicroUsd: 40_000 })
    await aSettledCall(id, { settledAt: at, seconds: 30, cents: 5 })
    await aSettledCall(id, { settledAt: at, kind: 'mock', seconds: 10, cents: 0 })
    await aSettledCall(id, { settledAt: at, seconds: 0, cents: 0, billingStatus: 'blocked' })
    await refreshDay(ctx, '2026-05-01')
    expect(await stored(id)).toEqual([
      {
        day: '2026-05-01',
        kind: 'agent',
        calls: 2,
        billable_seconds: 120,
        charged_cents: 20,
        vendor_cost_micro_usd: 40_000,
        calls_without_vendor_cost: 1,
        charged_cents_of_known_cost: 15,
      },
      {
        day: '2026-05-01',
        kind: 'mock',
        calls: 1,
        billable_seconds: 10,
        charged_cents: 0,
        vendor_cost_micro_usd: 0,
        calls_without_vendor_cost: 1,
        charged_cents_of_known_cost: 0,
      },
    ])
  })

  test('refreshed twice is the same, and a sum without calls goes away', async () => {
    const { id, ctx } = await anOrganization()
    await aSettledCall(id, { settledAt: '2026-05-02T10:00:00Z' })
    await refreshDay(ctx, '2026-05-02')
    const once = await stored(id)
    await refreshDay(ctx, '2026-05-02')
    expect(await stored(id)).toEqual(once)
    await api.database.query('app', `update calls set settled_at = '2026-05-03T00:00:00Z'`, [], id)
    await refreshDay(ctx, '2026-05-02')
    expect(await stored(id)).toEqual([])
  })

  test('whose count was killed half-way keeps its old sums and is right after the next count', async () => {
    const { id, ctx } = await anOrganization()
    await aSettledCall(id, { settledAt: '2026-05-04T10:00:00Z' })
    await rebuildUsage(ctx)
    const before = await stored(id)
    await aSettledCall(id, { settledAt: '2026-05-04T11:00:00Z' })
    const killed = inTransaction(ctx, async (tx) => {
      await queries.lockUsage(tx.db, id)
      await queries.recountAll(tx.db, id, tx.now())
      throw new Error('killed')
    })
    await expect(killed).rejects.toThrow('killed')
    expect(await stored(id)).toEqual(before)
    await refreshDay(ctx, '2026-05-04')
    expect(await stored(id)).toMatchObject([{ calls: 2 }])
  })

  test('is found by the call that settled in it; a refused call starts no count', async () => {
    const { id, ctx } = await anOrganization('Asia/Tokyo')
    const settledAt = '2026-05-05T20:00:00Z'
    const callId = await aSettledCall(id, { settledAt })
    const refusedId = await aSettledCall(id, { settledAt, billingStatus: 'blocked' })
    const from = api.sent.length
    await noteCallJob.run(api.ctx, { organizationId: id, callId })
    await noteCallJob.run(api.ctx, { organizationId: id, callId: refusedId })
    expect(api.sent.slice(from)).toEqual([
      { name: 'usage.refresh-day', data: { organizationId: id, day: '2026-05-06' } },
    ])
    await refreshDayJob.run(ctx, { organizationId: id, day: '2026-05-06' })
    expect(await stored(id)).toMatchObject([{ day: '2026-05-06', calls: 1 }])
  })
})

test('after many calls settled at once, some told twice, the sums are those of a rebuild', async () => {
  const { id, ctx } = await anOrganization('Australia/Sydney')
  const log = { warn: () => undefined, error: () => undefined }
  const queue: Queue & { close(): Promise<void> } = await createQueue({
    url: api.database.urls.app,
    subscriptions,
    log,
  })
  const own = { ...ctx, queue }
  const workers = await startWorkers({
    ownerUrl: api.database.urls.owner,
    jobs: jobs.filter(({ name }) => name.startsWith('usage.')),
    contextFor: () => ({ ...api.ctx, queue }),
    log,
  })
  try {
    const settleOne = async (i: number) => {
      const settledAt = `2026-04-0${1 + (i % 3)}T${String(i % 24).padStart(2, '0')}:00:00Z`
      const callId = await aSettledCall(id, { settledAt, seconds: i, cents: i })
      for (let told = 0; told <= i % 2; told++)
        await inTransaction(own, (tx) => tx.emit(callSettled, { organizationId: id, callId }))
    }
    await Promise.all([
      ...Array.from({ length: 40 }, (_, i) => settleOne(i)),
      // Counts of the same days in between, some of which see half of it.
      ...['2026-04-01', '2026-04-02', '2026-04-02'].map((day) => refreshDay(ctx, day)),
      rebuildUsage(ctx),
    ])
    const counted = async () => (await stored(id)).reduce((sum, row) => sum + Number(row.calls), 0)
    await expect.poll(counted, { timeout: 20_000 }).toBe(40)
    await expect.poll(() => findingsOf(id, { graceSeconds: 0 }), { timeout: 20_000 }).toEqual([])
    const incremental = await stored(id)
    await rebuildUsage(ctx)
    expect(await stored(id)).toEqual(incremental)
  } finally {
    await workers.stop(5)
    await queue.close()
  }
}, 60_000)

describe('what is verified', () => {
  test('a sum that differs is found, and the nightly repair makes it anew', async () => {
    const { id, ctx } = await anOrganization()
    await aSettledCall(id, { settledAt: '2026-05-06T10:00:00Z' })
    await rebuildUsage(ctx)
    await api.database.query('app', 'update usage_days set charged_cents = 11', [], id)
    const finding = { organizationId: id, day: '2026-05-06', kind: 'agent' }
    expect(await findingsOf(id)).toEqual([finding])
    const from = api.sent.length
    await repairUsageJob.run(api.ctx, {})
    expect(api.sent.slice(from)).toContainEqual({
      name: 'usage.rebuild',
      data: { organizationId: id },
    })
    await rebuildUsage(ctx)
    expect(await findingsOf(id)).toEqual([])
  })

  test('a day touched a moment ago is not judged, and out of time is said', async () => {
    const { id } = await anOrganization()
    await aSettledCall(id, { settledAt: new Date().toISOString() })
    expect(await findingsOf(id)).toEqual([])
    expect(await findingsOf(id, { graceSeconds: 0 })).toHaveLength(1)
    const until = new Date(Date.now() - 1)
    expect(await verifyUsage(api.ctx, { until })).toEqual({ findings: [], complete: false })
  })
})

describe('the sums over all organizations', () => {
  const year = { from: '2024-01-15', to: '2024-12-20' }
  type Role = 'app' | 'platform' | 'owner' | 'admin'
  const run = (role: Role, text: string, id?: string) =>
    api.database.query<Record<string, unknown>>(role, text, [], id)
  const metrics = () => getMetrics(api.ctx, year)
  /** The days themselves, added up by nobody but this test. */
  const expected = () =>
    run(
      'admin',
      `select day::text as day, sum(calls)::int as calls, sum(billable_seconds)::int as "billableSeconds",
              sum(charged_cents)::int as "chargedCents", sum(vendor_cost_micro_usd)::int as "vendorCostMicroUsd",
              sum(calls_without_vendor_cost)::int as "callsWithoutVendorCost"
         from usage_days where day between '2024-01-15' and '2024-12-20' group by 1 order by 1`,
    )
  const staleDays = async () =>
    (
      await run('platform', 'select distinct day::text as day from usage_stale_days order by 1')
    ).map(({ day }) => day)

  test('are the same before, while and after they are folded, whatever changed in between', async () => {
    const [one, other] = [await anOrganization(), await anOrganization('Asia/Tokyo')]
    for (const day of ['2024-01-10', '2024-01-20', '2024-03-31', '2024-12-20', '2024-12-25'])
      for (const { id } of [one, other])
        await aSettledCall(id, { settledAt: `${day}T10:00:00Z`, seconds: 100, cents: 7 })
    await Promise.all([rebuildUsage(one.ctx), rebuildUsage(other.ctx)])
    const unfolded = await metrics()
    expect(unfolded.days).toEqual(await expected())
    expect(unfolded.calls).toBe(6)

    await foldDays(api.ctx)
    expect(await staleDays()).toEqual([])
    expect(await metrics()).toEqual(unfolded)

    await aSettledCall(one.id, { settledAt: '2024-03-31T11:00:00Z', seconds: 11, cents: 3 })
    await refreshDay(one.ctx, '2024-03-31')
    expect(await staleDays()).toEqual(['2024-03-31'])
    const changed = await metrics()
    expect(changed.days).toEqual(await expected())
    expect(changed.calls).toBe(7)
    await foldDays(api.ctx)
    expect(await metrics()).toEqual(changed)

    await run('app', `update calls set settled_at = '2024-04-01T00:00:00Z'`, other.id)
    await Promise.all([rebuildUsage(other.ctx), foldDays(api.ctx), metrics()])
    expect((await metrics()).days).toEqual(await expected())
    await foldDays(api.ctx)
    const moved = await metrics()
    expect(moved.days).toEqual(await expected())
    expect(moved.days.map(({ day }) => day)).toContain('2024-04-01')
  })

  test('rank by whole months and the days around them as the days alone do', async () => {
    const ids: string[] = []
    for (let i = 0; i < 4; i++) {
      const { id, ctx } = await anOrganization()
      ids.push(id)
      for (const [n, day] of ['2024-01-14', '2024-01-15', '2024-02-29', '2024-06-01'].entries())
        await aSettledCall(id, { settledAt: `${day}T10:00:00Z`, seconds: 1 + ((n + i) % 4) * 1000 })
      for (const day of ['2024-11-30', '2024-12-01', '2024-12-20', '2024-12-21'])
        await aSettledCall(id, { settledAt: `${day}T10:00:00Z`, seconds: 500 + i })
      await rebuildUsage(ctx)
    }
    const ranges = [
      ['2024-01-15', '2024-12-20'],
      ['2024-01-01', '2024-12-31'],
      ['2024-02-01', '2024-02-29'],
      ['2024-01-31', '2024-03-01'],
      ['2024-02-02', '2024-03-30'],
      ['2024-11-30', '2024-12-01'],
      ['2024-12-01', '2024-12-01'],
      ['2023-12-21', '2024-12-20'],
    ] as const
    for (const [from, to] of ranges) {
      const { top, organizationsWithCalls } = await getMetrics(api.ctx, { from, to })
      const wanted = await run(
        'admin',
        `select organization_id as "organizationId", sum(billable_seconds)::int as "billableSeconds"
           from usage_days where day between '${from}' and '${to}' group by 1 order by 2 desc, 1`,
      )
      const shown = top.map(({ organizationId, billableSeconds }) => ({
        organizationId,
        billableSeconds,
      }))
      expect(shown, `${from} to ${to}`).toEqual(wanted.slice(0, 10))
      expect(organizationsWithCalls, `${from} to ${to}`).toBe(wanted.length)
    }
    const months = await run(
      'app',
      'select month::text, billable_seconds from usage_months',
      ids[0],
    )
    const wanted = await run(
      'app',
      `select date_trunc('month', day)::date::text as month, sum(billable_seconds)::bigint as billable_seconds
         from usage_days group by 1`,
      ids[0],
    )
    expect(new Set(months)).toEqual(new Set(wanted))
  })

  test('are right after many organizations settled while several folded', async () => {
    const all = await Promise.all(Array.from({ length: 6 }, () => anOrganization()))
    const days = ['2024-07-01', '2024-07-02']
    for (let round = 0; round < 4; round++)
      await Promise.all([
        ...all.map(async ({ id, ctx }, i) => {
          const day = days[(round + i) % 2]!
          await aSettledCall(id, { settledAt: `${day}T09:00:00Z`, seconds: 10 + i })
          await refreshDay(ctx, day)
        }),
        foldDays(api.ctx),
        foldDays(api.ctx),
      ])
    const known = (await metrics()).days
    expect(known).toEqual(await expected())
    await foldDays(api.ctx)
    expect((await metrics()).days).toEqual(known)
  })

  test('that were folded wrongly are found, marked and folded again by the nightly repair', async () => {
    const { id, ctx } = await anOrganization()
    await aSettledCall(id, { settledAt: '2024-08-01T10:00:00Z' })
    await rebuildUsage(ctx)
    await foldDays(api.ctx)
    await run('platform', `update usage_platform_days set calls = 99 where day = '2024-08-01'`)
    await run(
      'platform',
      `insert into usage_platform_days select date '2024-08-02', 1, 1, 1, 1, 1, 1, now()`,
    )
    await repairUsageJob.run(api.ctx, {})
    expect(await staleDays()).toEqual(['2024-08-01', '2024-08-02'])
    expect((await metrics()).days).toEqual(await expected())
    await foldDaysJob.run(api.ctx, {})
    expect((await metrics()).days).toEqual(await expected())
    expect(await staleDays()).toEqual([])
  })

  test('months that are not the sum of their days are found and made anew by the nightly repair', async () => {
    const [wrong, bogus, right] = [
      await anOrganization(),
      await anOrganization(),
      await anOrganization(),
    ]
    for (const { id, ctx } of [wrong, bogus, right]) {
      await aSettledCall(id, { settledAt: '2024-09-01T10:00:00Z', seconds: 40 })
      await rebuildUsage(ctx)
    }
    const monthsOf = (id: string) =>
      run('app', 'select month::text, billable_seconds from usage_months order by 1', id)
    const before = await monthsOf(right.id)
    expect(before).toEqual([{ month: '2024-09-01', billable_seconds: 40 }])
    await run('app', 'update usage_months set billable_seconds = 39', wrong.id)
    await run(
      'app',
      `insert into usage_months select organization_id, date '2024-01-01', 7 from usage_months`,
      bogus.id,
    )
    const from = api.sent.length
    await repairUsageJob.run(api.ctx, {})
    const asked = api.sent.slice(from).filter(({ name }) => name === 'usage.rebuild')
    const rebuilt = asked.map(({ data }) => JSON.stringify(data))
    for (const { id } of [wrong, bogus])
      expect(rebuilt).toContain(JSON.stringify({ organizationId: id }))
    expect(rebuilt).not.toContain(JSON.stringify({ organizationId: right.id }))
    await Promise.all([rebuildUsage(wrong.ctx), rebuildUsage(bogus.ctx)])
    for (const { id } of [wrong, bogus]) expect(await monthsOf(id)).toEqual(before)
  })

  test('an organization reads neither them nor what others changed', async () => {
    const { id } = await anOrganization()
    for (const table of ['usage_platform_days', 'usage_stale_days'])
      await expect(run('app', `select * from ${table}`, id), table).rejects.toMatchObject({
        code: '42501',
      })
    expect(await run('app', 'select * from usage_months', id)).toEqual([])
  })
})

describe('GET /v1/usage', () => {
  const range = { from: '2026-05-01', to: '2026-05-31' }

  test('answers days and total of the caller’s own organization; money for admins alone', async () => {
    const { id, ctx } = await anOrganization()
    const other = await anOrganization()
    await aSettledCall(id, { settledAt: '2026-05-10T10:00:00Z', seconds: 90, cents: 15 })
    await aSettledCall(id, { settledAt: '2026-06-10T10:00:00Z' })
    await aSettledCall(other.id, { settledAt: '2026-05-10T10:00:00Z' })
    await Promise.all([rebuildUsage(ctx), rebuildUsage(other.ctx)])
    const as = async (role: 'admin' | 'org_manager') =>
      (await api.call(getUsage, { query: range }, await api.aHolderOf(role, id))).json()
    const sums = { calls: 1, billableSeconds: 90 }
    expect(await as('admin')).toEqual({
      days: [{ day: '2026-05-10', kind: 'agent', ...sums, chargedCents: 15 }],
      total: { ...sums, chargedCents: 15 },
      computedAt: expect.stringMatching(/^20/),
    })
    expect(await as('org_manager')).toMatchObject({
      days: [{ ...sums, chargedCents: null }],
      total: { ...sums, chargedCents: null },
    })
  })

  test('says nothing was made where nothing was', async () => {
    const admin = await api.aHolderOf('admin')
    const response = await api.call(getUsage, { query: range }, admin)
    expect(response.json()).toEqual({
      days: [],
      total: { calls: 0, billableSeconds: 0, chargedCents: 0 },
      computedAt: null,
    })
  })

  test.each([
    ['a range that ends before it begins', { from: '2026-05-02', to: '2026-05-01' }],
    ['more than a year', { from: '2025-01-01', to: '2026-05-01' }],
    ['a day that does not exist', { from: '2026-02-30', to: '2026-03-01' }],
  ])('%s is refused', async (_, query) => {
    const response = await api.call(getUsage, { query }, await api.aHolderOf('admin'))
    expect([response.statusCode, response.json().code]).toEqual([400, 'request.invalid'])
  })
})

describe('GET /v1/platform/metrics', () => {
  const range = { from: '2026-01-01', to: '2026-01-31' }
  const ask = async () =>
    (await api.call(getPlatformMetrics, { query: range }, await api.aHolderOf('manager'))).json()

  test('a margin that nobody can know is null, not zero', async () => {
    const { id, ctx } = await anOrganization()
    await aSettledCall(id, { settledAt: '2026-01-05T10:00:00Z', cents: 50 })
    await rebuildUsage(ctx)
    expect(await ask()).toMatchObject({
      calls: 1,
      chargedCents: 50,
      callsWithoutVendorCost: 1,
      vendorCostMicroUsd: 0,
      marginCents: null,
    })
  })

  test('sums all organizations, names the biggest and counts what runs', async () => {
    const [small, big] = [await anOrganization(), await anOrganization()]
    await aSettledCall(small.id, { settledAt: '2026-01-06T10:00:00Z', seconds: 10 })
    await aSettledCall(big.id, {
      settledAt: '2026-01-07T10:00:00Z',
      seconds: 600,
      cents: 100,
      vendorCostMicroUsd: 250_000,
    })
    await Promise.all([rebuildUsage(small.ctx), rebuildUsage(big.ctx)])
    const running = await aSettledCall(small.id, { settledAt: '2026-01-06T10:00:00Z' })
    await api.database.query(
      'app',
      'update calls set settled_at = null where id = $1',
      [running],
      small.id,
    )
    const answer = await ask()
    expect(answer.top[0]).toEqual({
      organizationId: big.id,
      name: 'Test organization',
      calls: 1,
      billableSeconds: 600,
      chargedCents: 100,
      vendorCostMicroUsd: 250_000,
      callsWithoutVendorCost: 0,
    })
    expect(answer).toMatchObject({
      organizationsWithCalls: 3,
      callsRunning: 1,
      callsRunningLimit: 1_000,
      calls: 3,
      // Of the one call whose cost is known: 100 cents less 25.
      marginCents: 75,
    })
    expect(answer.days.map(({ day }: { day: string }) => day)).toEqual([
      '2026-01-05',
      '2026-01-06',
      '2026-01-07',
    ])
    expect(answer.organizations.active).toBeGreaterThan(3)
  })
})
