import { and, eq, isNull, lt, sql } from 'drizzle-orm'
import { type Db, runNamed } from '#db/client.ts'
import { callLeases, calls } from '#db/schema/calls.ts'
import type { organizations } from '#db/schema/organizations.ts'

type OrganizationStatus = (typeof organizations.$inferSelect)['status']
export type LeaseRow = typeof callLeases.$inferSelect

const isLeaseOf = (organizationId: string, callId: string) =>
  and(eq(callLeases.organizationId, organizationId), eq(callLeases.callId, callId))

export const leaseOfCall = and(
  eq(callLeases.organizationId, calls.organizationId),
  eq(callLeases.callId, calls.id),
)

/** Takes the call for this owner and fences whoever had it: the epoch only grows. */
export async function takeLease(
  db: Db,
  lease: {
    organizationId: string
    callId: string
    owner: string
    address: string
    seconds: number
  },
): Promise<LeaseRow> {
  const [row] = await db
    .insert(callLeases)
    .values({
      organizationId: lease.organizationId,
      callId: lease.callId,
      owner: lease.owner,
      address: lease.address,
      heartbeatAt: sql`now()`,
      expiresAt: sql`now() + make_interval(secs => ${lease.seconds})`,
    })
    .onConflictDoUpdate({
      target: [callLeases.organizationId, callLeases.callId],
      set: {
        epoch: sql`${callLeases.epoch} + 1`,
        owner: lease.owner,
        address: lease.address,
        heartbeatAt: sql`now()`,
        expiresAt: sql`now() + make_interval(secs => ${lease.seconds})`,
        closedAt: null,
      },
    })
    .returning()
  return row!
}

/** Takes an expired lease from its silent owner; undefined where the owner has spoken or somebody was faster. */
export async function takeOverLease(
  db: Db,
  organizationId: string,
  callId: string,
  seconds: number,
  owner = 'sweep',
): Promise<LeaseRow | undefined> {
  const [row] = await db
    .update(callLeases)
    .set({
      epoch: sql`${callLeases.epoch} + 1`,
      owner,
      expiresAt: sql`now() + make_interval(secs => ${seconds})`,
    })
    .where(
      and(
        eq(callLeases.organizationId, organizationId),
        eq(callLeases.callId, callId),
        isNull(callLeases.closedAt),
        lt(callLeases.expiresAt, sql`now()`),
      ),
    )
    .returning()
  return row
}

/** Renews many leases of one owner at once; what does not come back is not the owner's any more. */
export async function renewLeases(
  db: Db,
  organizationId: string,
  held: readonly { callId: string; epoch: number; mediaSeconds: number }[],
  seconds: number,
): Promise<{ callId: string; isEndAsked: boolean }[]> {
  // Locked in order, as everybody does who takes several: two at once wait, and neither is sent away.
  const { rows } = await db.execute<{ call_id: string; is_end_asked: boolean }>(sql`
    with h as (
      select * from unnest(
        ${sql.param(held.map((h) => h.callId))}::uuid[],
        ${sql.param(held.map((h) => h.epoch))}::int[],
        ${sql.param(held.map((h) => h.mediaSeconds))}::int[]
      ) as h(call_id, epoch, media_seconds)
    ),
    locked as (
      select l.call_id from call_leases l
      where l.organization_id = ${organizationId} and l.call_id in (select call_id from h)
      order by l.call_id for update
    )
    update call_leases l
    set heartbeat_at = now(), expires_at = now() + make_interval(secs => ${seconds}),
        media_seconds = greatest(l.media_seconds, h.media_seconds)
    from h join locked using (call_id)
    where l.organization_id = ${organizationId} and l.call_id = h.call_id
      and l.epoch = h.epoch and l.closed_at is null
    returning l.call_id, l.end_asked_at is not null as is_end_asked`)
  return rows.map((row) => ({ callId: row.call_id, isEndAsked: row.is_end_asked }))
}

const extensionStatement = `
  select o.status from call_leases l join organizations o on o.id = l.organization_id
   where l.organization_id = $1 and l.call_id = $2 and l.epoch = $3 and l.closed_at is null
     for update of l`

/**
 * As `holdLease`, for what every running call does again and again: no more is read than whether its organization
 * may go on.
 */
export async function holdLeaseToExtend(
  db: Db,
  organizationId: string,
  callId: string,
  epoch: number,
): Promise<{ organizationStatus: OrganizationStatus } | undefined> {
  const [row] = await runNamed<{ status: OrganizationStatus }>(
    db,
    'lease-to-extend',
    extensionStatement,
    [organizationId, callId, epoch],
  )
  return row && { organizationStatus: row.status }
}

/** Locks the lease and returns it only where this epoch still owns it. */
export async function holdLease(
  db: Db,
  organizationId: string,
  callId: string,
  epoch: number,
): Promise<LeaseRow | undefined> {
  const [row] = await db
    .select()
    .from(callLeases)
    .where(
      and(
        isLeaseOf(organizationId, callId),
        eq(callLeases.epoch, epoch),
        isNull(callLeases.closedAt),
      ),
    )
    .for('update')
  return row
}

export async function findLease(db: Db, organizationId: string, callId: string) {
  const [row] = await db.select().from(callLeases).where(isLeaseOf(organizationId, callId))
  return row
}

/** Whoever runs the call is told at its next heartbeat that it should end; false where nobody runs it. */
export async function askForEnd(db: Db, organizationId: string, callId: string): Promise<boolean> {
  const asked = await db
    .update(callLeases)
    .set({ endAskedAt: sql`now()` })
    .where(isLeaseOf(organizationId, callId))
    .returning({ callId: callLeases.callId })
  return asked.length > 0
}

/** Ends ownership for good: later writers find a higher epoch and a closed lease. */
export async function closeLease(db: Db, organizationId: string, callId: string) {
  await db
    .update(callLeases)
    .set({ epoch: sql`${callLeases.epoch} + 1`, closedAt: sql`now()` })
    .where(isLeaseOf(organizationId, callId))
}
