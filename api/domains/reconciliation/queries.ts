import { and, asc, desc, eq, gt, gte, inArray, lt, notInArray, or, sql } from 'drizzle-orm'
import type { Position } from '#api/core/cursor.ts'
import type { Db } from '#db/client.ts'
import { callLeases, calls } from '#db/schema/calls.ts'
import { organizations } from '#db/schema/organizations.ts'
import { reconciliationFindings as findings } from '#db/schema/reconciliation.ts'
import { ledgerEntries, wallets } from '#db/schema/wallet.ts'

export type FindingRow = typeof findings.$inferSelect
export type Place = { settledAt: Date; id: string }

// A call whose gateway died was settled by another clock; its own is what its last heartbeat said.
const gatewaySeconds = sql<number | null>`case when ${calls.reason} = 'owner_lost'
  then (select l.media_seconds from ${callLeases} l
         where l.organization_id = ${calls.organizationId} and l.call_id = ${calls.id})
  else (select max((e.explanation ->> 'measuredSeconds')::int) from ${ledgerEntries} e
         where e.organization_id = ${calls.organizationId} and e.call_id = ${calls.id}
           and e.kind in ('capture', 'release')) end`

const clocks = {
  id: calls.id,
  carrierSeconds: calls.vendorSeconds,
  elevenLabsSeconds: calls.elevenLabsSeconds,
  gatewaySeconds,
  billedSeconds: calls.billableSeconds,
  chargedCents: calls.costCents,
  vendorCostMicroUsd: calls.vendorCostMicroUsd,
  pricePerHourCents: calls.pricePerHourCents,
  currency: wallets.currency,
  reason: calls.reason,
  resumes: calls.resumes,
  hasCarrier: sql<boolean>`${calls.twilioCallSid} is not null`,
  hasConversation: sql<boolean>`${calls.elevenLabsConversationId} is not null`,
  settledAt: sql<Date>`${calls.settledAt}`.mapWith(calls.settledAt),
}

/** Settled calls that were charged, oldest first, with all that is known of their time and cost. */
export const listSettledCalls = (
  db: Db,
  organizationId: string,
  which: { since: Date; after: Place | undefined; limit: number },
) =>
  db
    .select(clocks)
    .from(calls)
    .innerJoin(wallets, eq(wallets.organizationId, calls.organizationId))
    .where(
      and(
        eq(calls.organizationId, organizationId),
        eq(calls.billingStatus, 'charged'),
        gte(calls.settledAt, which.since),
        which.after &&
          or(
            gt(calls.settledAt, which.after.settledAt),
            and(eq(calls.settledAt, which.after.settledAt), gt(calls.id, which.after.id)),
          ),
      ),
    )
    .orderBy(asc(calls.settledAt), asc(calls.id))
    .limit(which.limit)

/** Calls of before that something is open about. */
export const listOpenCalls = (db: Db, organizationId: string, before: Date, limit: number) =>
  db
    .select(clocks)
    .from(calls)
    .innerJoin(wallets, eq(wallets.organizationId, calls.organizationId))
    .where(
      and(
        eq(calls.organizationId, organizationId),
        lt(calls.settledAt, before),
        inArray(
          calls.id,
          db
            .select({ callId: findings.callId })
            .from(findings)
            .where(and(eq(findings.organizationId, organizationId), eq(findings.state, 'open'))),
        ),
      ),
    )
    .orderBy(asc(calls.settledAt), asc(calls.id))
    .limit(limit)

/** Keeps what was found. What a person has closed stays closed; what had vanished is open again. */
export async function keepFindings(db: Db, rows: (typeof findings.$inferInsert)[]): Promise<void> {
  if (rows.length === 0) return
  const isBack = sql`${findings.state} = 'vanished'`
  await db
    .insert(findings)
    .values(rows)
    .onConflictDoUpdate({
      target: [findings.organizationId, findings.callId, findings.kind],
      set: {
        cause: sql`excluded.cause`,
        carrierSeconds: sql`excluded.carrier_seconds`,
        elevenLabsSeconds: sql`excluded.elevenlabs_seconds`,
        gatewaySeconds: sql`excluded.gateway_seconds`,
        billedSeconds: sql`excluded.billed_seconds`,
        chargedCents: sql`excluded.charged_cents`,
        vendorCostMicroUsd: sql`excluded.vendor_cost_micro_usd`,
        checkedAt: sql`excluded.checked_at`,
        state: sql`case when ${isBack} then 'open' else ${findings.state} end`,
        closedAt: sql`case when ${isBack} then null else ${findings.closedAt} end`,
      },
    })
}

/** Closes what is open about the call and was not found again. */
export async function closeVanished(
  db: Db,
  organizationId: string,
  callId: string,
  found: readonly FindingRow['kind'][],
  at: Date,
): Promise<void> {
  await db
    .update(findings)
    .set({ state: 'vanished', closedAt: at, checkedAt: at })
    .where(
      and(
        eq(findings.organizationId, organizationId),
        eq(findings.callId, callId),
        eq(findings.state, 'open'),
        found.length > 0 ? notInArray(findings.kind, [...found]) : undefined,
      ),
    )
}

/** Calls that something is open about, of those given. */
export async function withOpenFindings(
  db: Db,
  organizationId: string,
  callIds: readonly string[],
): Promise<Set<string>> {
  const rows = await db
    .selectDistinct({ callId: findings.callId })
    .from(findings)
    .where(
      and(
        eq(findings.organizationId, organizationId),
        eq(findings.state, 'open'),
        inArray(findings.callId, [...callIds]),
      ),
    )
  return new Set(rows.map(({ callId }) => callId))
}

export async function closeFindings(
  db: Db,
  organizationId: string,
  callId: string,
  closed: Pick<FindingRow, 'state' | 'closedAt' | 'closedBy' | 'note' | 'correctedCents'>,
): Promise<void> {
  await db
    .update(findings)
    .set(closed)
    .where(
      and(
        eq(findings.organizationId, organizationId),
        eq(findings.callId, callId),
        eq(findings.state, 'open'),
      ),
    )
}

export type FindingFilter = {
  state?: FindingRow['state'] | undefined
  kind?: FindingRow['kind'] | undefined
  cause?: string | undefined
  organizationId?: string | undefined
  callId?: string | undefined
  from?: Date | undefined
  to?: Date | undefined
}

/** Newest first. Of one organization, or with the platform role of all. */
export const listFindings = (
  db: Db,
  which: FindingFilter & { before?: Position | undefined; limit: number },
) =>
  db
    .select({
      finding: findings,
      organizationName: organizations.name,
      currency: wallets.currency,
    })
    .from(findings)
    .innerJoin(organizations, eq(organizations.id, findings.organizationId))
    .innerJoin(wallets, eq(wallets.organizationId, findings.organizationId))
    .where(
      and(
        which.organizationId ? eq(findings.organizationId, which.organizationId) : undefined,
        which.callId ? eq(findings.callId, which.callId) : undefined,
        which.state && eq(findings.state, which.state),
        which.kind && eq(findings.kind, which.kind),
        which.cause ? eq(findings.cause, which.cause) : undefined,
        which.from && gte(findings.foundAt, which.from),
        which.to && lt(findings.foundAt, which.to),
        which.before &&
          or(
            lt(findings.foundAt, which.before.at),
            and(eq(findings.foundAt, which.before.at), lt(findings.id, which.before.id)),
          ),
      ),
    )
    .orderBy(desc(findings.foundAt), desc(findings.id))
    .limit(which.limit)

export async function hasCall(db: Db, organizationId: string, callId: string): Promise<boolean> {
  const [row] = await db
    .select({ id: calls.id })
    .from(calls)
    .where(and(eq(calls.organizationId, organizationId), eq(calls.id, callId)))
  return row !== undefined
}

/** Platform role: ids in order, a batch at a time. */
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
