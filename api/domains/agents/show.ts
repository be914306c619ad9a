import type { z } from 'zod'
import { agentSpec } from '#api/contract/agent-spec.ts'
import type { Answer } from '#api/contract/endpoint.ts'
import type { Context } from '#api/core/context.ts'
import { read, tenantOf } from '#api/core/context.ts'
import { notFound } from '#api/core/errors.ts'
import type { Db } from '#db/client.ts'
import { problemsOf } from './checks.ts'
import type * as contract from './contract.ts'
import { differencesOf } from './diff.ts'
import * as documentRows from './document-queries.ts'
import { fingerprintOf } from './fingerprint.ts'
import { listTests } from './publish-gate/queries.ts'
import * as queries from './queries.ts'
import type * as versionRows from './version-queries.ts'

export type Agent = z.output<typeof contract.agent>
export type AgentDetail = Answer<typeof contract.getAgent>

const WEEK_MS = 7 * 24 * 3_600_000

export async function getAgent(ctx: Context, agentId: string): Promise<AgentDetail> {
  const organizationId = tenantOf(ctx)
  return read(ctx, async (db) => {
    const found = await queries.findWhole(db, organizationId, agentId)
    if (!found) throw notFound('agent')
    const { agent, version } = found
    const draft = agentSpec.parse(agent.draft)
    const documents = await documentRows.listDocuments(db, organizationId, draft.documentIds)
    const known = new Map(documents.map((document) => [document.id, document]))
    const tests = await listTests(db, organizationId, agentId, fingerprintOf(draft))
    const [shown] = await showAll(ctx, db, [found])
    if (!shown) throw notFound('agent')
    return {
      ...shown,
      draft,
      draftRevision: agent.draftRevision,
      draftSavedAt: agent.draftSavedAt,
      draftSavedBy: found.savedBy,
      draftProblems: problemsOf(draft, known, ctx.vendors.tenantHttp.refuse),
      publishNeedsTests: agent.publishNeedsTests,
      testCount: tests.length,
      unpassedTestCount: tests.filter(({ hasPassed }) => !hasPassed).length,
      published: version && showVersion({ version, publishedBy: found.publishedBy }),
      sync: {
        state: agent.syncState,
        pushedVersion: agent.pushedVersion,
        checkedAt: agent.driftCheckedAt,
        error:
          agent.syncErrorCode === null
            ? null
            : { code: agent.syncErrorCode, message: agent.syncError ?? '' },
        drift: agent.driftFoundAt && {
          foundAt: agent.driftFoundAt,
          isGone: agent.drift === null,
          differences: agent.drift === null ? [] : differencesOf(agent.pushed, agent.drift),
        },
      },
      documents: documents.map(({ id, title, state }) => ({ id, title, state })),
    }
  })
}

export async function showAll(
  ctx: Context,
  db: Db,
  rows: readonly { agent: queries.ListedAgent; hasUnpublishedChanges: boolean }[],
): Promise<Agent[]> {
  const ids = rows.map(({ agent }) => agent.id)
  if (ids.length === 0) return []
  const organizationId = tenantOf(ctx)
  const since = new Date(ctx.now().getTime() - WEEK_MS)
  const numbers = Map.groupBy(
    await queries.listNumbers(db, organizationId, ids),
    ({ agentId }) => agentId,
  )
  const counted = await queries.countCalls(db, organizationId, ids, since)
  const callsOf = new Map(counted.map(({ agentId, calls }) => [agentId, calls]))
  return rows.map(({ agent, hasUnpublishedChanges }) => ({
    id: agent.id,
    name: agent.name,
    language: agent.language,
    voiceId: agent.voiceId,
    maxDurationSeconds: agent.maxDurationSeconds,
    publishedVersion: agent.publishedVersion,
    hasUnpublishedChanges,
    syncState: agent.syncState,
    elevenLabsAgentId: agent.elevenLabsAgentId,
    numbers: (numbers.get(agent.id) ?? []).map(({ id, e164, label }) => ({ id, e164, label })),
    callsLast7Days: callsOf.get(agent.id) ?? 0,
    createdAt: agent.createdAt,
  }))
}

export const showVersion = ({ version, publishedBy }: versionRows.ShownVersion) => ({
  number: version.number,
  note: version.note,
  restoredFrom: version.restoredFrom,
  publishedAt: version.publishedAt,
  publishedBy,
})
