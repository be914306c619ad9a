import { and, eq, isNull, ne } from 'drizzle-orm'
import type { Db } from '#db/client.ts'
import { agents, agentToolKeys, agentTools } from '#db/schema/agents.ts'

export type ToolRow = typeof agentTools.$inferSelect

export type ToolKeyRow = typeof agentToolKeys.$inferSelect

export type Target = ToolRow['target']

const isTool = (tool: Pick<ToolRow, 'organizationId' | 'agentId' | 'target' | 'fingerprint'>) =>
  and(
    eq(agentTools.organizationId, tool.organizationId),
    eq(agentTools.agentId, tool.agentId),
    eq(agentTools.target, tool.target),
    eq(agentTools.fingerprint, tool.fingerprint),
  )

export function listTools(db: Db, organizationId: string, agentId: string): Promise<ToolRow[]> {
  return db
    .select()
    .from(agentTools)
    .where(and(eq(agentTools.organizationId, organizationId), eq(agentTools.agentId, agentId)))
    .orderBy(agentTools.createdAt, agentTools.fingerprint)
}

export async function insertTool(db: Db, tool: typeof agentTools.$inferInsert): Promise<void> {
  await db.insert(agentTools).values(tool).onConflictDoNothing()
}

export async function setToolId(
  db: Db,
  tool: ToolRow,
  elevenLabsToolId: string | null,
): Promise<void> {
  await db.update(agentTools).set({ elevenLabsToolId }).where(isTool(tool))
}

export async function deleteTool(db: Db, tool: ToolRow): Promise<void> {
  await db.delete(agentTools).where(isTool(tool))
}

/** Published agents of which ElevenLabs holds tools, but for those whose drift somebody has to decide. */
export async function listWithTools(db: Db, organizationId: string): Promise<string[]> {
  const rows = await db
    .selectDistinct({ id: agents.id })
    .from(agents)
    .innerJoin(
      agentTools,
      and(
        eq(agentTools.organizationId, agents.organizationId),
        eq(agentTools.agentId, agents.id),
        eq(agentTools.target, 'published'),
      ),
    )
    .where(
      and(
        eq(agents.organizationId, organizationId),
        isNull(agents.archivedAt),
        ne(agents.syncState, 'drifted'),
      ),
    )
  return rows.map(({ id }) => id)
}

export async function findToolKey(db: Db, organizationId: string): Promise<ToolKeyRow | undefined> {
  const [row] = await db
    .select()
    .from(agentToolKeys)
    .where(eq(agentToolKeys.organizationId, organizationId))
  return row
}

export async function insertToolKey(db: Db, key: ToolKeyRow): Promise<void> {
  await db.insert(agentToolKeys).values(key).onConflictDoNothing()
}

export async function putToolKey(db: Db, key: ToolKeyRow): Promise<void> {
  const { organizationId: _tenant, ...set } = key
  await db
    .insert(agentToolKeys)
    .values(key)
    .onConflictDoUpdate({ target: agentToolKeys.organizationId, set })
}
