import {
  aliasedTable,
  and,
  count,
  desc,
  eq,
  gt,
  inArray,
  isNull,
  lt,
  ne,
  or,
  type SQL,
  sql,
} from 'drizzle-orm'
import type { Position } from '#api/core/cursor.ts'
import type { Db } from '#db/client.ts'
import { lockAdditions } from '#db/locks.ts'
import { agents, agentVersions } from '#db/schema/agents.ts'
import { calls } from '#db/schema/calls.ts'
import { memberships } from '#db/schema/members.ts'
import { organizations } from '#db/schema/organizations.ts'
import { phoneNumbers } from '#db/schema/phone-numbers.ts'
import { publisherOfVersion, publishers } from './version-queries.ts'

export type AgentRow = typeof agents.$inferSelect

const isAgent = (organizationId: string, id: string): SQL | undefined =>
  and(eq(agents.organizationId, organizationId), eq(agents.id, id))

/** Additions of one organization come one after another, so that each counts the others. */
export async function countForAddition(db: Db, organizationId: string): Promise<number> {
  await lockAdditions(db, 'agents', organizationId)
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
