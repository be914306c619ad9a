import { type AgentDraft, agentSpec } from '#api/contract/agent-spec.ts'
import type { Received } from '#api/contract/endpoint.ts'
import type { Context, Tx } from '#api/core/context.ts'
import { inTransaction, tenantOf, userIdOf } from '#api/core/context.ts'
import { notFound } from '#api/core/errors.ts'
import { recordAudit } from '#api/domains/audit/service.ts'
import { problemsOf } from './checks.ts'
import type * as contract from './contract.ts'
import * as documentRows from './document-queries.ts'
import { lockPresent, mirrorOf, noteDocuments } from './draft.ts'
import * as errors from './errors.ts'
import { fingerprintOf } from './fingerprint.ts'
import { refuseUntested } from './publish-gate/gate.ts'
import { pushAgentJob } from './push.ts'
import * as queries from './queries.ts'
import { type AgentDetail, getAgent } from './show.ts'
import * as versionRows from './version-queries.ts'

/** Makes the draft the next version; a job takes it to ElevenLabs, and its sync state tells when it is there. */
export function publishAgent(
  ctx: Context,
  agentId: string,
  asked: { expectedRevision: number; note?: string },
): Promise<AgentDetail> {
  return inTransaction(ctx, async (tx) => {
    const agent = await lockPresent(tx, agentId)
    if (agent.draftRevision !== asked.expectedRevision) throw errors.changedElsewhere()
    const draft = agentSpec.parse(agent.draft)
    const published = await publishedSpec(tx, agent)
    if (published && isSame(published, draft)) throw errors.nothingToPublish()
    await refuseUntested(tx, agent, draft)
    await release(tx, agent, draft, { note: asked.note ?? '', restoredFrom: null })
    return getAgent(tx, agentId)
  })
}

/**
 * Publishes an old version again, as a new one. The draft follows where all of it had been published. It must work
 * in an emergency, so no test stands in its way.
 */
export function rollbackAgent(
  ctx: Context,
  agentId: string,
  { number, expectedVersion, note }: Received<typeof contract.rollbackAgent>['body'],
): Promise<AgentDetail> {
  return inTransaction(ctx, async (tx) => {
    const organizationId = tenantOf(tx)
    const agent = await lockPresent(tx, agentId)
    const old = await versionRows.findVersion(tx.db, organizationId, agentId, number)
    if (!old) throw notFound('version')
    if (agent.publishedVersion !== expectedVersion) throw errors.changedElsewhere()
    const spec = agentSpec.parse(old.version.spec)
    const published = await publishedSpec(tx, agent)
    if (published && isSame(published, spec)) throw errors.alreadyPublished()
    const draft = agentSpec.parse(agent.draft)
    if (published && isSame(published, draft))
      await queries.updateAgent(tx.db, organizationId, agentId, {
        draft: spec,
        draftRevision: agent.draftRevision + 1,
        draftSavedAt: tx.now(),
        draftSavedByUserId: userIdOf(tx),
      })
    await release(tx, agent, spec, { note, restoredFrom: number })
    return getAgent(tx, agentId)
  })
}

/** Takes the published version to ElevenLabs once more. */
export function pushAgain(ctx: Context, agentId: string): Promise<AgentDetail> {
  return inTransaction(ctx, async (tx) => {
    const agent = await lockPresent(tx, agentId)
    await sendAgain(tx, agent)
    await recordAudit(tx, { action: 'agents.push', subject: agentId })
    return getAgent(tx, agentId)
  })
}

/** The published version of a locked agent, on its way to ElevenLabs again. */
export async function sendAgain(tx: Tx, agent: queries.AgentRow): Promise<void> {
  if (agent.publishedVersion === null) throw errors.neverPublished()
  const { organizationId, id } = agent
  await queries.updateAgent(tx.db, organizationId, id, { syncState: 'pending' })
  await tx.enqueue(pushAgentJob, { organizationId, agentId: id })
}

async function release(
  tx: Tx,
  agent: queries.AgentRow,
  spec: AgentDraft,
  { note, restoredFrom }: { note: string; restoredFrom: number | null },
): Promise<void> {
  const { organizationId, id: agentId } = agent
  await refuseUnfit(tx, spec)
  const number = (agent.publishedVersion ?? 0) + 1
  await versionRows.insertVersion(tx.db, {
    organizationId,
    agentId,
    number,
    spec,
    note,
    restoredFrom,
    publishedAt: tx.now(),
    publishedByUserId: userIdOf(tx),
  })
  await queries.updateAgent(tx.db, organizationId, agentId, {
    ...mirrorOf(spec),
    publishedVersion: number,
    syncState: 'pending',
    syncErrorCode: null,
    syncError: null,
  })
  const now = await lockPresent(tx, agentId)
  await noteDocuments(tx, agentId, agentSpec.parse(now.draft), number)
  await recordAudit(tx, {
    action: restoredFrom === null ? 'agents.publish' : 'agents.rollback',
    subject: agentId,
    after: {
      version: number,
      fingerprint: fingerprintOf(spec),
      ...(restoredFrom && { restoredFrom }),
    },
  })
  await tx.enqueue(pushAgentJob, { organizationId, agentId })
}

async function refuseUnfit(tx: Tx, spec: AgentDraft): Promise<void> {
  const documents = await documentRows.listDocuments(tx.db, tenantOf(tx), spec.documentIds)
  const known = new Map(documents.map((document) => [document.id, document]))
  const problems = problemsOf(spec, known, tx.vendors.tenantHttp.refuse)
  if (problems.length > 0) throw errors.notPublishable(problems)
}

async function publishedSpec(tx: Tx, agent: queries.AgentRow): Promise<AgentDraft | null> {
  const { organizationId, id, publishedVersion } = agent
  if (publishedVersion === null) return null
  const found = await versionRows.findVersion(tx.db, organizationId, id, publishedVersion)
  return found ? agentSpec.parse(found.version.spec) : null
}

const isSame = (one: AgentDraft, other: AgentDraft): boolean =>
  fingerprintOf(one) === fingerprintOf(other)
