import { and, asc, between, desc, eq, gt, gte, lt, lte, or, sql } from 'drizzle-orm'
import { type AnyPgColumn, unionAll } from 'drizzle-orm/pg-core'
import type { Db } from '#db/client.ts'
import { calls } from '#db/schema/calls.ts'
import { organizations } from '#db/schema/organizations.ts'
import { usageDays, usageMonths, usagePlatformDays, usageStaleDays } from '#db/schema/usage.ts'
import { wallets } from '#db/schema/wallet.ts'
import { type DayRange, wholeMonths } from './whole-months.ts'

/** A moment as the day of the organization's own calendar. Everything here agrees on this one expression. */
const localDay = sql`(c.settled_at at time zone o.time_zone)::date`
// A call that was refused never was one: it took nothing and cost nothing.
const counts = sql`c.settled_at is not null and c.billing_status <> 'blocked'`

const recounted = sql`
  count(*)::int as calls,
  coalesce(sum(c.billable_seconds), 0)::bigint as billable_seconds,
  coalesce(sum(c.cost_cents), 0)::bigint as charged_cents,
  coalesce(sum(c.vendor_cost_micro_usd), 0)::bigint as vendor_cost_micro_usd,
  count(*) filter (where c.vendor_cost_micro_usd is null)::int as calls_without_vendor_cost,
  coalesce(sum(c.cost_cents) filter (where c.vendor_cost_micro_usd is not null), 0)::bigint
    as charged_cents_of_known_cost`
const columns = sql.raw(
  'calls, billable_seconds, charged_cents, vendor_cost_micro_usd, calls_without_vendor_cost, charged_cents_of_known_cost',
)

/** Counts of one organization are made one after another, so the last one has seen what all before it saw. */
export async function lockUsage(db: Db, organizationId: string): Promise<void> {
  await db.execute(
    sql`select pg_advisory_xact_lock(hashtext('usage.days'), hashtext(${organizationId}))`,
  )
}

/** The day a settled call counts for; undefined where it is not settled or does not count. */
export async function findDayOfCall(
  db: Db,
  organizationId: string,
  callId: string,
): Promise<string | undefined> {
  const { rows } = await db.execute<{ day: string }>(sql`
    select ${localDay}::text as day
      from ${calls} c join ${organizations} o on o.id = c.organization_id
     where c.organization_id = ${organizationId} and c.id = ${callId} and ${counts}`)
  return rows[0]?.day
}

// A sum of bigints is made in numerics, at four times the cost; floats are exact up to 2^53, as every figure here is.
const platformSums = sql`
  sum(calls::float8)::bigint as calls,
  sum(billable_seconds::float8)::bigint as billable_seconds,
  sum(charged_cents::float8)::bigint as charged_cents,
  sum(vendor_cost_micro_usd::float8)::bigint as vendor_cost_micro_usd,
  sum(calls_without_vendor_cost::float8)::bigint as calls_without_vendor_cost,
  sum(charged_cents_of_known_cost::float8)::bigint as charged_cents_of_known_cost,
  min(computed_at) as computed_at`

/** One day, made anew from its calls. */
export async function recountDay(
  db: Db,
  organizationId: string,
  day: string,
  at: Date,
): Promise<void> {
  // The index knows moments, not days; no zone is further than a day from UTC, and the last line is exact.
  await db.execute(sql`
    with counted as (
      select c.organization_id, ${localDay} as day, c.kind, ${recounted}
        from ${calls} c join ${organizations} o on o.id = c.organization_id
       where c.organization_id = ${organizationId} and ${counts}
         and c.settled_at >= (${day}::date - 1)::timestamp at time zone 'UTC'
         and c.settled_at < (${day}::date + 2)::timestamp at time zone 'UTC'
         and ${localDay} = ${day}::date
       group by 1, 2, 3),
    gone as (
      delete from ${usageDays} u
       where u.organization_id = ${organizationId} and u.day = ${day}::date
         and u.kind not in (select kind from counted))
    insert into ${usageDays} (organization_id, day, kind, ${columns}, computed_at)
    select organization_id, day, kind, ${columns}, ${at} from counted
    on conflict (organization_id, day, kind) do update set
      calls = excluded.calls,
      billable_seconds = excluded.billable_seconds,
      charged_cents = excluded.charged_cents,
      vendor_cost_micro_usd = excluded.vendor_cost_micro_usd,
      calls_without_vendor_cost = excluded.calls_without_vendor_cost,
      charged_cents_of_known_cost = excluded.charged_cents_of_known_cost,
      computed_at = excluded.computed_at`)
}

/** All days of the organization, made anew from its calls; its months follow their days by a trigger. */
export async function recountAll(db: Db, organizationId: string, at: Date): Promise<void> {
  // A month without a day would not follow anything.
  await db.delete(usageMonths).where(eq(usageMonths.organizationId, organizationId))
  await db.delete(usageDays).where(eq(usageDays.organizationId, organizationId))
  await db.execute(sql`
    insert into ${usageDays} (organization_id, day, kind, ${columns}, computed_at)
    select c.organization_id, ${localDay}, c.kind, ${recounted}, ${at}
      from ${calls} c join ${organizations} o on o.id = c.organization_id
     where c.organization_id = ${organizationId} and ${counts}
     group by 1, 2, 3`)
}

export const listDays = (db: Db, organizationId: string, { from, to }: DayRange) =>
  db
    .select()
    .from(usageDays)
    .where(and(eq(usageDays.organizationId, organizationId), between(usageDays.day, from, to)))
    .orderBy(asc(usageDays.day), asc(usageDays.kind))

const total = (column: AnyPgColumn) => sql<number>`coalesce(sum(${column}::float8), 0)::bigint`
const summed = {
  calls: total(usageDays.calls),
  billableSeconds: total(usageDays.billableSeconds),
  chargedCents: total(usageDays.chargedCents),
  vendorCostMicroUsd: total(usageDays.vendorCostMicroUsd),
  callsWithoutVendorCost: total(usageDays.callsWithoutVendorCost),
}

export type PlatformDay = {
  day: string
  calls: number
  billableSeconds: number
  chargedCents: number
  vendorCostMicroUsd: number
  callsWithoutVendorCost: number
  chargedCentsOfKnownCost: number
  computedAt: Date
}

/**
 * Platform role: every day of the range over all organizations, each in its own calendar. A day that changed since it
 * was folded is summed anew here, so the answer never depends on when the fold ran.
 */
export async function sumDays(db: Db, { from, to }: DayRange): Promise<PlatformDay[]> {
  const stale = sql`array(select distinct day from ${usageStaleDays} where day between ${from} and ${to})`
  const { rows } = await db.execute<Record<string, string | number>>(sql`
    select day::text as day, ${columns}, computed_at
      from ${usagePlatformDays} where day between ${from} and ${to} and day <> all(${stale})
    union all
    select day::text, ${platformSums} from ${usageDays} where day = any(${stale}) group by day
     order by day`)
  return rows.map((row) => ({
    day: String(row.day),
    calls: Number(row.calls),
    billableSeconds: Number(row.billable_seconds),
    chargedCents: Number(row.charged_cents),
    vendorCostMicroUsd: Number(row.vendor_cost_micro_usd),
    callsWithoutVendorCost: Number(row.calls_without_vendor_cost),
    chargedCentsOfKnownCost: Number(row.charged_cents_of_known_cost),
    computedAt: new Date(String(row.computed_at)),
  }))
}

/**
 * Platform role: folds the oldest `atMost` days that changed and says how many there were. Two statements: the second
 * must see what the lock waited for, or it would put an older sum over a newer one.
 */
export async function foldStaleDays(db: Db, atMost: number): Promise<number> {
  await db.execute(sql`select pg_advisory_xact_lock(hashtext('usage.fold'))`)
  // The marks that are taken away and the sums that are made are of one moment.
  const { rows } = await db.execute<{ days: number }>(sql`
    with due as (select distinct day from ${usageStaleDays} order by day limit ${atMost}),
    taken as (delete from ${usageStaleDays} where day in (select day from due)),
    summed as (
      select day, ${platformSums} from ${usageDays} where day = any(array(select day from due)) group by day),
    gone as (
      delete from ${usagePlatformDays}
       where day in (select day from due) and day not in (select day from summed)),
    folded as (
      insert into ${usagePlatformDays} (day, ${columns}, computed_at)
      select day, ${columns}, computed_at from summed
      on conflict (day) do update set
        calls = excluded.calls,
        billable_seconds = excluded.billable_seconds,
        charged_cents = excluded.charged_cents,
        vendor_cost_micro_usd = excluded.vendor_cost_micro_usd,
        calls_without_vendor_cost = excluded.calls_without_vendor_cost,
        charged_cents_of_known_cost = excluded.charged_cents_of_known_cost,
        computed_at = excluded.computed_at)
    select count(*)::int as days from due`)
  return rows[0]?.days ?? 0
}

/** Platform role: organizations of which a month is not the sum of its days; both are written in one transaction. */
export async function findWrongMonths(db: Db): Promise<string[]> {
  const { rows } = await db.execute<{ organization_id: string }>(sql`
    with summed as (
      select organization_id, date_trunc('month', day)::date as month,
             sum(billable_seconds::float8)::bigint as billable_seconds
        from ${usageDays} group by 1, 2)
    select distinct organization_id
      from summed s full join ${usageMonths} m using (organization_id, month)
     where s.billable_seconds is distinct from m.billable_seconds`)
  return rows.map(({ organization_id }) => organization_id)
}

/** Platform role: marks the days whose folded sums are not those of their organizations, and names them. */
export async function markWrongFolds(db: Db): Promise<string[]> {
  const { rows } = await db.execute<{ day: string }>(sql`
    with summed as (select day, ${platformSums} from ${usageDays} group by day),
    wrong as (
      select day from summed s full join ${usagePlatformDays} p using (day)
       where (s.calls, s.billable_seconds, s.charged_cents, s.vendor_cost_micro_usd,
              s.calls_without_vendor_cost, s.charged_cents_of_known_cost)
             is distinct from
             (p.calls, p.billable_seconds, p.charged_cents, p.vendor_cost_micro_usd,
              p.calls_without_vendor_cost, p.charged_cents_of_known_cost)
         and day not in (select day from ${usageStaleDays}))
    insert into ${usageStaleDays} (day) select day from wrong returning day::text as day`)
  return rows.map(({ day }) => day).toSorted()
}

/** Platform role: who used the most in the range, and how many used anything. */
export async function topOrganizations(db: Db, range: DayRange, atMost: number) {
  // Of everybody only what ranks is summed, by month where a whole one is asked; the rest is summed of the few shown.
  const used = unionAll(secondsOfMonths(db, range), secondsOfOtherDays(db, range)).as('used')
  const ranked = db
    .select({
      organizationId: used.organizationId,
      seconds: sql<number>`sum(${used.seconds}::float8)`.as('total_seconds'),
      organizations: sql<number>`count(*) over ()`.as('organizations'),
    })
    .from(used)
    .groupBy(used.organizationId)
    .orderBy(sql`total_seconds desc`, asc(used.organizationId))
    .limit(atMost)
    .as('ranked')
  const inRange = between(usageDays.day, range.from, range.to)
  return await db
    .select({
      organizationId: ranked.organizationId,
      name: organizations.name,
      ...summed,
      organizations: ranked.organizations,
    })
    .from(ranked)
    .innerJoin(organizations, eq(organizations.id, ranked.organizationId))
    .innerJoin(usageDays, and(eq(usageDays.organizationId, ranked.organizationId), inRange))
    .groupBy(ranked.organizationId, organizations.name, ranked.seconds, ranked.organizations)
    .orderBy(desc(ranked.seconds), asc(ranked.organizationId))
}

const secondsOfMonths = (db: Db, range: DayRange) => {
  const { firstDay, dayAfter } = wholeMonths(range)
  return db
    .select({ organizationId: usageMonths.organizationId, seconds: usageMonths.billableSeconds })
    .from(usageMonths)
    .where(and(gte(usageMonths.month, firstDay), lt(usageMonths.month, dayAfter)))
}

const secondsOfOtherDays = (db: Db, range: DayRange) => {
  const { firstDay, dayAfter } = wholeMonths(range)
  return db
    .select({ organizationId: usageDays.organizationId, seconds: usageDays.billableSeconds })
    .from(usageDays)
    .where(
      or(
        and(gte(usageDays.day, range.from), lt(usageDays.day, firstDay)),
        and(gte(usageDays.day, dayAfter), lte(usageDays.day, range.to)),
      ),
    )
}

/** Platform role. */
export const countOrganizations = (db: Db) =>
  db
    .select({ status: organizations.status, count: sql<number>`count(*)::int` })
    .from(organizations)
    .groupBy(organizations.status)

/** Platform role: whether somebody is charged in another currency than vendors bill us in. */
export async function chargesInOtherCurrency(db: Db): Promise<boolean> {
  const { rows } = await db.execute<{ other: boolean }>(
    sql`select exists (select from ${wallets} where ${wallets.currency} <> 'usd') as other`,
  )
  return rows[0]?.other ?? false
}

/** Platform role: ids in order, for walking over all organizations a batch at a time. */
export async function organizationsAfter(
  db: Db,
  after: string | undefined,
  atMost: number,
): Promise<string[]> {
  const rows = await db
    .select({ id: organizations.id })
    .from(organizations)
    .where(after === undefined ? undefined : gt(organizations.id, after))
    .orderBy(asc(organizations.id))
    .limit(atMost)
  return rows.map(({ id }) => id)
}

export type UsageFinding = { organizationId: string; day: string; kind: string }

/** Platform role: days whose stored sums are not those of their calls. A day just touched is not judged yet. */
export async function findDifferences(
  db: Db,
  organizationIds: readonly string[],
  graceSeconds: number,
  atMost: number,
): Promise<UsageFinding[]> {
  const ids = sql`${sql.param(organizationIds)}::uuid[]`
  const { rows } = await db.execute<{ organization_id: string; day: string; kind: string }>(sql`
    with counted as (
      select c.organization_id, ${localDay} as day, c.kind, ${recounted},
             max(greatest(c.settled_at, coalesce(c.reconciled_at, c.settled_at))) as touched_at
        from ${calls} c join ${organizations} o on o.id = c.organization_id
       where c.organization_id = any(${ids}) and ${counts}
       group by 1, 2, 3),
    stored as (select * from ${usageDays} where organization_id = any(${ids}))
    select organization_id, day::text as day, kind
      from counted c full join stored s using (organization_id, day, kind)
     where (c.calls, c.billable_seconds, c.charged_cents, c.vendor_cost_micro_usd,
            c.calls_without_vendor_cost, c.charged_cents_of_known_cost)
           is distinct from
           (s.calls, s.billable_seconds, s.charged_cents, s.vendor_cost_micro_usd,
            s.calls_without_vendor_cost, s.charged_cents_of_known_cost)
       and coalesce(c.touched_at, '-infinity') < now() - make_interval(secs => ${graceSeconds})
     limit ${atMost}`)
  return rows.map((row) => ({
    organizationId: row.organization_id,
    day: row.day,
    kind: row.kind,
  }))
}
