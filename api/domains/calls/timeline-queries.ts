import { and, eq, sql } from 'drizzle-orm'
import type { Db } from '#db/client.ts'
import { callEvents } from '#db/schema/calls.ts'

/** Only the notes of calls whose epoch still owns them; the leases are held until the transaction ends. */
export async function insertOwnedCallEvents(
  db: Db,
  organizationId: string,
  noted: readonly {
    callId: string
    epoch: number
    notes: readonly { id: string; kind: string; at: Date; data: Record<string, unknown> }[]
  }[],
): Promise<void> {
  const notes = noted.flatMap(({ callId, epoch, notes }) =>
    notes.map(({ id, kind, at, data }) => ({ id, call_id: callId, epoch, at, kind, data })),
  )
  await db.execute(sql`
    with held as (
      select call_id, epoch from call_leases
      where organization_id = ${organizationId} and closed_at is null
        and call_id = any(${sql.param(noted.map(({ callId }) => callId))}::uuid[])
      order by call_id for share
    )
    insert into call_events (organization_id, id, call_id, at, kind, data)
    select ${organizationId}, n.id, n.call_id, n.at, n.kind, n.data
    from jsonb_to_recordset(${JSON.stringify(notes)}::jsonb)
      as n(id uuid, call_id uuid, epoch int, at timestamptz, kind text, data jsonb)
    join held on held.call_id = n.call_id and held.epoch = n.epoch`)
}

export async function insertCallEvents(
  db: Db,
  rows: readonly (typeof callEvents.$inferInsert)[],
): Promise<void> {
  if (rows.length === 0) return
  await db.insert(callEvents).values([...rows])
}

export async function listCallEvents(
  db: Db,
  organizationId: string,
  callId: string,
  page: { after?: { at: Date; id: string }; limit: number },
) {
  return await db
    .select()
    .from(callEvents)
    .where(
      and(
        eq(callEvents.organizationId, organizationId),
        eq(callEvents.callId, callId),
        page.after &&
          sql`(${callEvents.at}, ${callEvents.id}) > (${page.after.at}, ${page.after.id}::uuid)`,
      ),
    )
    .orderBy(callEvents.at, callEvents.id)
    .limit(page.limit)
}

/** Whether the call has an event of this kind, with at least these facts. */
export async function hasCallEvent(
  db: Db,
  organizationId: string,
  callId: string,
  kind: string,
  facts: Record<string, string> = {},
): Promise<boolean> {
  const [row] = await db
    .select({ id: callEvents.id })
    .from(callEvents)
    .where(
      and(
        eq(callEvents.organizationId, organizationId),
        eq(callEvents.callId, callId),
        eq(callEvents.kind, kind),
        sql`${callEvents.data} @> ${JSON.stringify(facts)}::jsonb`,
      ),
    )
    .limit(1)
  return row !== undefined
}
