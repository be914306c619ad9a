import { and, desc, eq, isNull, sql } from 'drizzle-orm'
import type { Position } from '#api/core/cursor.ts'
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

export function listAgents(
  db: Db,
  organizationId: string,
  page: { before: Position | undefined; limit: number },
): Promise<AgentRow[]> {
  const { before, limit } = page
  return db
    .select()
    .from(agents)
    .where(
      and(
        eq(agents.organizationId, organizationId),
        isNull(agents.archivedAt),
        before && sql`(${agents.createdAt}, ${agents.id}) < (${before.at}, ${before.id})`,
      ),
    )
    .orderBy(desc(agents.createdAt), desc(agents.id))
    .limit(limit)
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
