import { and, eq, inArray, isNull, lt, or, sql } from 'drizzle-orm'
import type { Db } from '#db/client.ts'
import { agents } from '#db/schema/agents.ts'
import { organizations } from '#db/schema/organizations.ts'
import type { AgentRow } from './queries.ts'

type Named = { organizationId: string; agentId: string }

const named = { organizationId: agents.organizationId, agentId: agents.id }

const isActive = and(
  eq(organizations.id, agents.organizationId),
  eq(organizations.status, 'active'),
)

/** Platform role: agents that wait for ElevenLabs, and whom nobody takes there now. */
export function listWaiting(db: Db, now: Date, limit: number): Promise<Named[]> {
  return db
    .select(named)
    .from(agents)
    .innerJoin(organizations, isActive)
    .where(
      and(
        eq(agents.syncState, 'pending'),
        isNull(agents.archivedAt),
        or(isNull(agents.pushClaimedUntil), lt(agents.pushClaimedUntil, now)),
      ),
    )
    .limit(limit)
}

/**
 * Platform role: those that were compared longest ago, and those whose pushes failed and may come through by now. Of
 * one that ElevenLabs refused no moment is known: it waits for somebody to change it.
 */
export function listToCompare(
  db: Db,
  before: Date,
  limit: number,
): Promise<(Named & Pick<AgentRow, 'syncState'>)[]> {
  const isPushed = inArray(agents.syncState, ['in_sync', 'drifted'])
  return db
    .select({ ...named, syncState: agents.syncState })
    .from(agents)
    .innerJoin(organizations, isActive)
    .where(
      and(
        isNull(agents.archivedAt),
        or(
          and(isPushed, isNull(agents.driftCheckedAt)),
          and(or(isPushed, eq(agents.syncState, 'failed')), lt(agents.driftCheckedAt, before)),
        ),
      ),
    )
    .orderBy(sql`${agents.driftCheckedAt} nulls first`)
    .limit(limit)
}

/** Platform role: archived ones of which ElevenLabs may still hold something. */
export function listToErase(db: Db, limit: number): Promise<Named[]> {
  return db
    .select(named)
    .from(agents)
    .where(and(sql`${agents.archivedAt} is not null`, isNull(agents.erasedAt)))
    .orderBy(agents.archivedAt)
    .limit(limit)
}
