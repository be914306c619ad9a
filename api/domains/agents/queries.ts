import { and, desc, eq, isNull, lt } from 'drizzle-orm'
import type { Db } from '#db/client.ts'
import { agents } from '#db/schema/agents.ts'

export type AgentRow = typeof agents.$inferSelect

export async function insertAgent(db: Db, agent: typeof agents.$inferInsert): Promise<AgentRow> {
  const [row] = await db.insert(agents).values(agent).returning()
  if (!row) throw new Error('an insert without a conflict returned no row')
  return row
}

export async function findAgent(
  db: Db,
  organizationId: string,
  agentId: string,
): Promise<AgentRow | undefined> {
  const [row] = await db
    .select()
    .from(agents)
    .where(and(eq(agents.organizationId, organizationId), eq(agents.id, agentId)))
  return row
}

/** Ids are made in order of time, so the newest stand first. */
export function listAgents(
  db: Db,
  organizationId: string,
  page: { before?: string | undefined; limit: number },
): Promise<AgentRow[]> {
  return db
    .select()
    .from(agents)
    .where(
      and(
        eq(agents.organizationId, organizationId),
        isNull(agents.archivedAt),
        page.before === undefined ? undefined : lt(agents.id, page.before),
      ),
    )
    .orderBy(desc(agents.id))
    .limit(page.limit)
}

export async function setSync(
  db: Db,
  organizationId: string,
  agentId: string,
  sync: { syncState: AgentRow['syncState']; elevenLabsAgentId?: string },
): Promise<void> {
  await db
    .update(agents)
    .set(sync)
    .where(and(eq(agents.organizationId, organizationId), eq(agents.id, agentId)))
}
