import {
  aliasedTable,
  and,
  count,
  desc,
  eq,
  gt,
  inArray,
  isNotNull,
  isNull,
  lt,
  ne,
  or,
  type SQL,
  sql,
} from 'drizzle-orm'
import type { Position } from '#api/core/cursor.ts'
import type { Db } from '#db/client.ts'
import {
  agentDocuments,
  agents,
  agentToolKeys,
  agentTools,
  agentVersions,
} from '#db/schema/agents.ts'
import { calls } from '#db/schema/calls.ts'
import { knowledgeDocuments } from '#db/schema/knowledge.ts'
import { memberships } from '#db/schema/members.ts'
import { organizations } from '#db/schema/organizations.ts'
import { phoneNumbers } from '#db/schema/phone-numbers.ts'

export type AgentRow = typeof agents.$inferSelect
export type VersionRow = typeof agentVersions.$inferSelect
export type ToolRow = typeof agentTools.$inferSelect
export type ToolKeyRow = typeof agentToolKeys.$inferSelect
export type Target = ToolRow['target']

const isAgent = (organizationId: string, id: string): SQL | undefined =>
  and(eq(agents.organizationId, organizationId), eq(agents.id, id))

/** Additions of one organization come one after another, so that each counts the others. */
export async function countForAddition(db: Db, organizationId: string): Promise<number> {
  await db.execute(
    sql`select pg_advisory_xact_lock(hashtextextended(${`agents:${organizationId}`}, 0))`,
  )
  const [row] = await db
    .select({ agents: count() })
    .from(agents)
    .where(and(eq(agents.organizationId, organizationId), isNull(agents.archivedAt)))
  return row?.agents ?? 0
}

export async function insertAgent(db: Db, agent: typeof agents.$inferInsert): Promise<AgentRow> {
  const [row] = await db.insert(agents).values(agent).returning()
  if (!row) throw new Error('an insert without a conflict returned no row')
  return row
}

export async function findAgent(
  db: Db,
  organizationId: string,
  id: string,
): Promise<AgentRow | undefined> {
  const [row] = await db.select().from(agents).where(isAgent(organizationId, id))
  return row
}

export async function lockAgent(
  db: Db,
  organizationId: string,
  id: string,
): Promise<AgentRow | undefined> {
  const [row] = await db.select().from(agents).where(isAgent(organizationId, id)).for('update')
  return row
}

export async function updateAgent(
  db: Db,
  organizationId: string,
  id: string,
  change: Partial<AgentRow>,
): Promise<void> {
  await db.update(agents).set(change).where(isAgent(organizationId, id))
}

const publishedOf = and(
  eq(agentVersions.organizationId, agents.organizationId),
  eq(agentVersions.agentId, agents.id),
  eq(agentVersions.number, agents.publishedVersion),
)
const hasUnpublishedChanges = sql<boolean>`coalesce(${agentVersions.spec} <> ${agents.draft}, true)`

// A row of the list carries what it shows: drafts and what was pushed are long.
const listed = {
  id: agents.id,
  name: agents.name,
  language: agents.language,
  voiceId: agents.voiceId,
  maxDurationSeconds: agents.maxDurationSeconds,
  publishedVersion: agents.publishedVersion,
  syncState: agents.syncState,
  elevenLabsAgentId: agents.elevenLabsAgentId,
  createdAt: agents.createdAt,
}
export type ListedAgent = Pick<AgentRow, keyof typeof listed>

export function listAgents(
  db: Db,
  organizationId: string,
  page: { before: Position | undefined; limit: number },
) {
  const { before, limit } = page
  return db
    .select({ agent: listed, hasUnpublishedChanges })
    .from(agents)
    .leftJoin(agentVersions, publishedOf)
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

const savers = aliasedTable(memberships, 'savers')
const publishers = aliasedTable(memberships, 'publishers')
const publisherOfVersion = and(
  eq(publishers.organizationId, agentVersions.organizationId),
  eq(publishers.userId, agentVersions.publishedByUserId),
)

/** One that is not archived, with its published version. */
export async function findWhole(db: Db, organizationId: string, id: string) {
  const [row] = await db
    .select({
      agent: agents,
      hasUnpublishedChanges,
      savedBy: savers.name,
      version: agentVersions,
      publishedBy: publishers.name,
    })
    .from(agents)
    .leftJoin(agentVersions, publishedOf)
    .leftJoin(
      savers,
      and(
        eq(savers.organizationId, agents.organizationId),
        eq(savers.userId, agents.draftSavedByUserId),
      ),
    )
    .leftJoin(publishers, publisherOfVersion)
    .where(and(isAgent(organizationId, id), isNull(agents.archivedAt)))
  return row
}

export type AttachedNumber = { id: string; e164: string; label: string; agentId: string | null }

export function listNumbers(
  db: Db,
  organizationId: string,
  agentIds: string[],
): Promise<AttachedNumber[]> {
  return db
    .select({
      id: phoneNumbers.id,
      e164: phoneNumbers.e164,
      label: phoneNumbers.label,
      agentId: phoneNumbers.agentId,
    })
    .from(phoneNumbers)
    .where(
      and(
        eq(phoneNumbers.organizationId, organizationId),
        inArray(phoneNumbers.agentId, agentIds),
        isNull(phoneNumbers.releasedAt),
      ),
    )
    .orderBy(phoneNumbers.e164)
}

/** Customers' calls: a draft that is tried says nothing of how much an agent is called. */
export function countCalls(
  db: Db,
  organizationId: string,
  agentIds: string[],
  since: Date,
): Promise<{ agentId: string | null; calls: number }[]> {
  return db
    .select({ agentId: calls.agentId, calls: count() })
    .from(calls)
    .where(
      and(
        eq(calls.organizationId, organizationId),
        inArray(calls.agentId, agentIds),
        ne(calls.kind, 'test'),
        gt(calls.createdAt, since),
      ),
    )
    .groupBy(calls.agentId)
}

export async function insertVersion(
  db: Db,
  version: typeof agentVersions.$inferInsert,
): Promise<void> {
  await db.insert(agentVersions).values(version)
}

const isVersion = (organizationId: string, agentId: string, more?: SQL) =>
  and(eq(agentVersions.organizationId, organizationId), eq(agentVersions.agentId, agentId), more)

const shownVersion = { version: agentVersions, publishedBy: publishers.name }
export type ShownVersion = { version: VersionRow; publishedBy: string | null }

export async function findVersion(
  db: Db,
  organizationId: string,
  agentId: string,
  number: number,
): Promise<ShownVersion | undefined> {
  const [row] = await db
    .select(shownVersion)
    .from(agentVersions)
    .leftJoin(publishers, publisherOfVersion)
    .where(isVersion(organizationId, agentId, eq(agentVersions.number, number)))
  return row
}

export function listVersions(
  db: Db,
  organizationId: string,
  agentId: string,
  page: { before: number | undefined; limit: number },
): Promise<ShownVersion[]> {
  const older = page.before === undefined ? undefined : lt(agentVersions.number, page.before)
  return db
    .select(shownVersion)
    .from(agentVersions)
    .leftJoin(publishers, publisherOfVersion)
    .where(isVersion(organizationId, agentId, older))
    .orderBy(desc(agentVersions.number))
    .limit(page.limit)
}

export type KnownDocument = {
  id: string
  title: string
  state: string
  elevenLabsDocumentId: string | null
}

/** Those of these documents that are there. */
export function listDocuments(
  db: Db,
  organizationId: string,
  ids: readonly string[],
): Promise<KnownDocument[]> {
  return selectDocuments(db, organizationId, inArray(knowledgeDocuments.id, [...ids]))
}

/** Those that ElevenLabs' ids stand for. */
export function listCopies(
  db: Db,
  organizationId: string,
  elevenLabsDocumentIds: readonly string[],
): Promise<KnownDocument[]> {
  const theirs = inArray(knowledgeDocuments.elevenLabsDocumentId, [...elevenLabsDocumentIds])
  return selectDocuments(db, organizationId, theirs)
}

async function selectDocuments(db: Db, organizationId: string, which: SQL) {
  const { id, title, state, elevenLabsDocumentId } = knowledgeDocuments
  return db
    .select({ id, title, state, elevenLabsDocumentId })
    .from(knowledgeDocuments)
    .where(
      and(
        eq(knowledgeDocuments.organizationId, organizationId),
        isNull(knowledgeDocuments.deletedAt),
        which,
      ),
    )
}

/** These documents and no others are the agent's. */
export async function replaceDocuments(
  db: Db,
  organizationId: string,
  agentId: string,
  documentIds: readonly string[],
): Promise<void> {
  await db
    .delete(agentDocuments)
    .where(
      and(eq(agentDocuments.organizationId, organizationId), eq(agentDocuments.agentId, agentId)),
    )
  if (documentIds.length === 0) return
  await db
    .insert(agentDocuments)
    .values(documentIds.map((documentId) => ({ organizationId, agentId, documentId })))
}

/** Undefined while somebody else holds the agent. */
export async function claimAgent(
  db: Db,
  organizationId: string,
  id: string,
  claim: { token: string; now: Date; until: Date },
): Promise<AgentRow | undefined> {
  const isFree = or(isNull(agents.pushClaimedUntil), lt(agents.pushClaimedUntil, claim.now))
  const [row] = await db
    .update(agents)
    .set({ pushClaim: claim.token, pushClaimedUntil: claim.until })
    .where(and(isAgent(organizationId, id), isFree))
    .returning()
  return row
}

/** Changes the agent if it is still held by the claim; the row as it is then. */
export async function updateClaimed(
  db: Db,
  organizationId: string,
  id: string,
  token: string,
  change: Partial<AgentRow>,
): Promise<AgentRow | undefined> {
  const [row] = await db
    .update(agents)
    .set(change)
    .where(and(isAgent(organizationId, id), eq(agents.pushClaim, token)))
    .returning()
  return row
}

/** What a comparison found, unless the agent was pushed, or is being, since it was looked at. */
export async function noteComparison(
  db: Db,
  agent: AgentRow,
  now: Date,
  found: Partial<AgentRow>,
): Promise<void> {
  await db
    .update(agents)
    .set({ ...found, driftCheckedAt: now })
    .where(
      and(
        isAgent(agent.organizationId, agent.id),
        eq(agents.syncState, agent.syncState),
        sql`${agents.pushedFingerprint} is not distinct from ${agent.pushedFingerprint}`,
        or(isNull(agents.pushClaimedUntil), lt(agents.pushClaimedUntil, now)),
      ),
    )
}

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

/** Published agents whose draft or version uses the document, but for those whose drift somebody has to decide. */
export async function listUsing(
  db: Db,
  organizationId: string,
  documentId: string,
): Promise<string[]> {
  const rows = await db
    .select({ id: agents.id })
    .from(agents)
    .innerJoin(
      agentDocuments,
      and(
        eq(agentDocuments.organizationId, agents.organizationId),
        eq(agentDocuments.agentId, agents.id),
        eq(agentDocuments.documentId, documentId),
      ),
    )
    .where(
      and(
        eq(agents.organizationId, organizationId),
        isNull(agents.archivedAt),
        isNotNull(agents.publishedVersion),
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

export async function findOrganizationStatus(
  db: Db,
  organizationId: string,
): Promise<(typeof organizations.$inferSelect)['status'] | undefined> {
  const [row] = await db
    .select({ status: organizations.status })
    .from(organizations)
    .where(eq(organizations.id, organizationId))
  return row?.status
}

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
