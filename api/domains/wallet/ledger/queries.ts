import { and, desc, eq, lt, type SQL, sql } from 'drizzle-orm'
import { type Db, runNamed } from '#db/client.ts'
import { calls } from '#db/schema/calls.ts'
import { organizations } from '#db/schema/organizations.ts'
import { ledgerEntries, type ledgerKinds, wallets } from '#db/schema/wallet.ts'

export type EntryFilter = {
  kind?: (typeof ledgerKinds)[number] | undefined
  callId?: string | undefined
  /** From this moment on. */
  from?: Date | undefined
  /** Before this moment. */
  to?: Date | undefined
}

export const listEntries = (
  db: Db,
  organizationId: string,
  {
    limit,
    before,
    ...filter
  }: EntryFilter & { limit: number; before?: { id: string } | undefined },
) =>
  db
    .select()
    .from(ledgerEntries)
    .where(
      and(
        eq(ledgerEntries.organizationId, organizationId),
        filter.kind && eq(ledgerEntries.kind, filter.kind),
        filter.callId ? eq(ledgerEntries.callId, filter.callId) : undefined,
        filter.from && since(filter.from),
        filter.to && until(filter.to),
        // The sequence, not the moment: two lines of one posting share their millisecond.
        before && lt(ledgerEntries.sequence, sequenceOf(organizationId, before.id)),
      ),
    )
    .orderBy(desc(ledgerEntries.sequence))
    .limit(limit)

const sequenceOf = (organizationId: string, id: string): SQL =>
  sql`(select e.sequence from ledger_entries e where e.organization_id = ${organizationId} and e.id = ${id})`

// A line's id begins with the moment it was written at, so its index finds moments too; the column decides.
const ID_SLACK_MS = 1_000
const LATEST_ID_MS = 2 ** 48 - 1
const since = (at: Date): SQL => sql`id >= ${idAt(at, -ID_SLACK_MS)}::uuid and at >= ${at}`
const until = (at: Date): SQL => sql`id < ${idAt(at, ID_SLACK_MS)}::uuid and at < ${at}`

function idAt(at: Date, slackMs: number): string {
  const ms = Math.min(LATEST_ID_MS, Math.max(0, at.getTime() + slackMs))
  const hex = ms.toString(16).padStart(12, '0')
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`
}

export type Month = {
  organizationName: string
  timeZone: string
  currency: string
  fromMs: number
  toMs: number
}

/** A month by its first day, in the organization's own calendar. */
export async function findMonth(
  db: Db,
  organizationId: string,
  firstDay: string,
): Promise<Month | undefined> {
  const { rows } = await db.execute<Month>(sql`
    select o.name as "organizationName", o.time_zone as "timeZone", w.currency,
           (extract(epoch from ${firstDay}::date::timestamp at time zone o.time_zone) * 1000)::bigint as "fromMs",
           (extract(epoch from (${firstDay}::date + interval '1 month') at time zone o.time_zone) * 1000)::bigint
             as "toMs"
      from ${organizations} o join ${wallets} w on w.organization_id = o.id
     where o.id = ${organizationId}`)
  return rows[0]
}

/** The organization's months from its first ledger line to this moment, newest first, as `2026-11`. */
export async function listMonths(
  db: Db,
  organizationId: string,
  now: Date,
  atMost: number,
): Promise<string[]> {
  const { rows } = await db.execute<{ month: string }>(sql`
    select to_char(m, 'YYYY-MM') as month
      from ${organizations} o
      join ${ledgerEntries} e on e.organization_id = o.id and e.sequence = 1,
           generate_series(date_trunc('month', e.at at time zone o.time_zone),
                           date_trunc('month', ${now}::timestamptz at time zone o.time_zone),
                           interval '1 month') m
     where o.id = ${organizationId} order by m desc limit ${atMost}`)
  return rows.map(({ month }) => month)
}

/** The lines of a time are those from one sequence up to another, so what they add up to fits what stood before. */
export type Stretch = {
  firstSequence: number
  /** The first line after it. */
  endSequence: number
  openingCents: number
  closingCents: number
  closingHeldCents: number
}

export async function findStretch(
  db: Db,
  organizationId: string,
  from: Date,
  to: Date,
): Promise<Stretch> {
  const ours = sql`e.organization_id = ${organizationId}`
  const firstSince = (at: Date) => sql`coalesce(
    (select e.sequence from ${ledgerEntries} e where ${ours} and ${since(at)} order by e.id limit 1),
    (select coalesce(max(e.sequence), 0) + 1 from ${ledgerEntries} e where ${ours}))`
  const { rows } = await db.execute<Stretch>(sql`
    with edges as (select ${firstSince(from)} as first, ${firstSince(to)} as last)
    select first as "firstSequence", last as "endSequence",
      coalesce((select e.balance_after_cents from ${ledgerEntries} e where ${ours} and e.sequence = first - 1), 0)
        as "openingCents",
      coalesce((select e.balance_after_cents from ${ledgerEntries} e where ${ours} and e.sequence = last - 1), 0)
        as "closingCents",
      coalesce((select e.held_after_cents from ${ledgerEntries} e where ${ours} and e.sequence = last - 1), 0)
        as "closingHeldCents"
      from edges`)
  if (!rows[0]) throw new Error('a query of one row answered none')
  return rows[0]
}

type Lines = { kind: string; lines: number; amountCents: number; isCredit: boolean }
export type Movement = Lines & {
  kind: 'top_up' | 'adjustment' | 'grant' | 'refund' | 'dispute' | 'deficit'
}

const inStretch = (organizationId: string, { firstSequence, endSequence }: Stretch): SQL =>
  sql`e.organization_id = ${organizationId} and e.sequence >= ${firstSequence} and e.sequence < ${endSequence}`

/** What entered or left the balance, other than for calls; what only repays or makes a deficit says so. */
export async function sumMovements(
  db: Db,
  organizationId: string,
  stretch: Stretch,
): Promise<Movement[]> {
  const { rows } = await db.execute<Movement>(sql`
    select case when e.to_account = 'deficit' then 'deficit' else e.kind end as kind,
           e.to_account = 'available' as "isCredit",
           count(*)::int as lines, sum(e.amount_cents)::bigint as "amountCents"
      from ${ledgerEntries} e
     where ${inStretch(organizationId, stretch)} and e.kind not in ('hold', 'release', 'capture')
       and (e.to_account = 'available' or e.from_account = 'available')
     group by 1, 2 order by 1`)
  return rows
}

export type Charged = {
  kind: 'agent' | 'live' | 'mock' | 'meeting' | 'test' | 'unknown'
  calls: number
  billedSeconds: number
  amountCents: number
}

/** Charges by kind of call. A call that cost nothing counts too: its hold was released whole. */
export async function sumCharges(
  db: Db,
  organizationId: string,
  stretch: Stretch,
): Promise<Charged[]> {
  const { rows } = await db.execute<Charged>(sql`
    with charged as (
      select e.call_id, sum(e.amount_cents) filter (where e.kind = 'capture') as cents,
             max((e.explanation ->> 'billedSeconds')::int) as seconds
        from ${ledgerEntries} e
       where ${inStretch(organizationId, stretch)} and e.kind in ('capture', 'release')
       group by e.call_id)
    select coalesce(c.kind, 'unknown') as kind, count(*)::int as calls,
           coalesce(sum(t.seconds), 0)::bigint as "billedSeconds",
           coalesce(sum(t.cents), 0)::bigint as "amountCents"
      from charged t left join ${calls} c on c.organization_id = ${organizationId} and c.id = t.call_id
     where t.seconds > 0 or t.cents > 0
     group by 1 order by 1`)
  return rows
}

export type Standing = { organizationStatus: string; isFeatureOff: boolean }

/** What besides money decides whether a call of the kind starts. */
export async function findStanding(
  db: Db,
  organizationId: string,
  feature: string,
): Promise<Standing | undefined> {
  const [row] = await runNamed<Standing>(
    db,
    'wallet-standing',
    `select o.status as "organizationStatus",
            exists (select from feature_flags f
                     where f.organization_id = o.id and f.flag = $2 and not f.enabled) as "isFeatureOff"
       from organizations o where o.id = $1`,
    [organizationId, feature],
  )
  return row
}
