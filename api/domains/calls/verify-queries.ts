import { sql } from 'drizzle-orm'
import type { Db } from '#db/client.ts'

export type CallFinding = { organizationId: string; callId: string; problem: string }

const MAX_FINDINGS = 500

/** Platform role: calls that are not as a call may be, all seen at one moment. */
export async function verify(db: Db, unsettledAfterSeconds: number): Promise<CallFinding[]> {
  const { rows } = await db.execute<{
    organization_id: string
    call_id: string
    problem: string
  }>(sql`
    select c.organization_id, c.id as call_id, 'its owner is silent and nobody settled it' as problem
      from calls c left join call_leases l on l.organization_id = c.organization_id and l.call_id = c.id
     where c.settled_at is null
       and coalesce(l.expires_at, coalesce(c.stream_token_expires_at, c.created_at + interval '60 seconds') + interval '5 seconds')
           < now() - make_interval(secs => ${unsettledAfterSeconds})
    union all
    select c.organization_id, c.id, 'settled, but its hold is open'
      from calls c join holds h on h.organization_id = c.organization_id and h.call_id = c.id
     where c.settled_at is not null and h.state = 'open'
    union all
    select h.organization_id, h.call_id, 'a hold of no call'
      from holds h left join calls c on c.organization_id = h.organization_id and c.id = h.call_id
     where c.id is null
    union all
    select c.organization_id, c.id, 'its cost is not what was captured'
      from calls c join holds h on h.organization_id = c.organization_id and h.call_id = c.id
     where c.settled_at is not null and c.cost_cents is distinct from h.captured_cents
    union all
    select c.organization_id, c.id, 'settled, but its lease is open'
      from calls c join call_leases l on l.organization_id = c.organization_id and l.call_id = c.id
     where c.settled_at is not null and l.closed_at is null
    union all
    select coalesce(c.organization_id, '00000000-0000-0000-0000-000000000000'), s.call_id,
           'a slot is held by a call that does not run'
      from call_slots s left join calls c on c.id = s.call_id
     where s.call_id is not null and (c.id is null or c.settled_at is not null)
    union all
    select c.organization_id, c.id, 'it runs without a slot'
      from calls c
     where c.settled_at is null and c.state <> 'created'
       and not exists (select from call_slots s where s.call_id = c.id)
    limit ${MAX_FINDINGS}`)
  return rows.map((row) => ({
    organizationId: row.organization_id,
    callId: row.call_id,
    problem: row.problem,
  }))
}
