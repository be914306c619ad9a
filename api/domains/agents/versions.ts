import { type AgentDraft, agentSpec } from '#api/contract/agent-spec.ts'
import type { Received } from '#api/contract/endpoint.ts'
import type { Context } from '#api/core/context.ts'
import { read, tenantOf } from '#api/core/context.ts'
import { pageOfRows, readCursor } from '#api/core/cursor.ts'
import { notFound } from '#api/core/errors.ts'
import type { Db } from '#db/client.ts'
import type * as contract from './contract.ts'
import { type Difference, differencesOf } from './diff.ts'
import * as queries from './queries.ts'
import { showVersion } from './show.ts'
import * as versionRows from './version-queries.ts'

const MAX_NUMBER = 2 ** 31 - 1 // as the column counts

export async function listVersions(
  ctx: Context,
  agentId: string,
  { cursor, limit }: Received<typeof contract.listVersions>['query'],
) {
  const organizationId = tenantOf(ctx)
  // Versions are counted, not dated: the cursor carries the number where others carry a moment.
  const position = readCursor(cursor)
  const before = position && Math.min(position.at.getTime(), MAX_NUMBER)
  return read(ctx, async (db) => {
    await findPresent(db, organizationId, agentId)
    const rows = await versionRows.listVersions(db, organizationId, agentId, {
      before,
      limit: limit + 1,
    })
    const page = pageOfRows(rows, limit, ({ version }) => ({
      at: new Date(version.number),
      id: agentId,
    }))
    return { ...page, items: page.items.map(showVersion) }
  })
}

export async function getVersion(ctx: Context, agentId: string, number: number) {
  const organizationId = tenantOf(ctx)
  return read(ctx, async (db) => {
    await findPresent(db, organizationId, agentId)
    const found = await versionRows.findVersion(db, organizationId, agentId, number)
    if (!found) throw notFound('version')
    return { ...showVersion(found), spec: agentSpec.parse(found.version.spec) }
  })
}

export function diffVersions(
  ctx: Context,
  agentId: string,
  { from, to }: Received<typeof contract.diffVersions>['query'],
): Promise<{ differences: Difference[] }> {
  return read(ctx, async (db) => {
    const agent = await findPresent(db, tenantOf(ctx), agentId)
    return {
      differences: differencesOf(await sideOf(db, agent, from), await sideOf(db, agent, to)),
    }
  })
}

async function sideOf(
  db: Db,
  agent: queries.AgentRow,
  side: 'draft' | number,
): Promise<AgentDraft> {
  if (side === 'draft') return agentSpec.parse(agent.draft)
  const found = await versionRows.findVersion(db, agent.organizationId, agent.id, side)
  if (!found) throw notFound('version')
  return agentSpec.parse(found.version.spec)
}

async function findPresent(
  db: Db,
  organizationId: string,
  agentId: string,
): Promise<queries.AgentRow> {
  const agent = await queries.findAgent(db, organizationId, agentId)
  if (!agent || agent.archivedAt) throw notFound('agent')
  return agent
}
