import { randomUUIDv7 } from 'node:crypto'
import { type AgentDraft, agentSpec } from '#api/contract/agent-spec.ts'
import type { Received } from '#api/contract/endpoint.ts'
import type { Context, Tx } from '#api/core/context.ts'
import { inTransaction, tenantOf, userIdOf } from '#api/core/context.ts'
import { notFound } from '#api/core/errors.ts'
import { recordAudit } from '#api/domains/audit/service.ts'
import { refusalsOf } from './checks.ts'
import type * as contract from './contract.ts'
import * as documentRows from './document-queries.ts'
import * as errors from './errors.ts'
import { fingerprintOf } from './fingerprint.ts'
import { pushAgentJob } from './push.ts'
import * as queries from './queries.ts'
import { type AgentDetail, getAgent } from './show.ts'
import * as versionRows from './version-queries.ts'

const MAX_AGENTS = 200 // a person reads the list, and each is kept at ElevenLabs twice
const MAX_NAME = 120 // characters, as the contract says

/** Makes an agent with a draft. It answers nobody before somebody publishes it. */
export function createAgent(
  ctx: Context,
  asked: { name: string; spec?: Partial<AgentDraft> | undefined },
): Promise<AgentDetail> {
  const draft = agentSpec.parse(asked.spec ?? {})
  refuseNonsense(ctx, draft)
  return inTransaction(ctx, async (tx) => {
    const id = await insert(tx, asked.name, draft)
    await recordAudit(tx, { action: 'agents.create', subject: id })
    return getAgent(tx, id)
  })
}

/** Another agent with the same draft; nothing of what was published or pushed is taken along. */
export function duplicateAgent(
  ctx: Context,
  agentId: string,
  asked: Received<typeof contract.duplicateAgent>['body'],
): Promise<AgentDetail> {
  return inTransaction(ctx, async (tx) => {
    const from = await lockPresent(tx, agentId)
    const draft = agentSpec.parse(from.draft)
    const present = await documentRows.listDocuments(tx.db, tenantOf(tx), draft.documentIds)
    const there = new Set(present.map(({ id }) => id))
    const documentIds = draft.documentIds.filter((id) => there.has(id))
    const name = asked.name ?? `${from.name.slice(0, MAX_NAME - ' (2)'.length)} (2)`
    const id = await insert(tx, name, { ...draft, documentIds })
    await recordAudit(tx, { action: 'agents.duplicate', subject: id, after: { from: agentId } })
    return getAgent(tx, id)
  })
}

export function renameAgent(
  ctx: Context,
  agentId: string,
  { name }: Received<typeof contract.renameAgent>['body'],
): Promise<AgentDetail> {
  return inTransaction(ctx, async (tx) => {
    const organizationId = tenantOf(tx)
    const agent = await lockPresent(tx, agentId)
    if (agent.name !== name) {
      // A drift waits for somebody's decision, which a push would take.
      const isToPush = agent.publishedVersion !== null && agent.syncState !== 'drifted'
      await queries.updateAgent(tx.db, organizationId, agentId, {
        name,
        ...(isToPush && { syncState: 'pending' }),
      })
      await recordAudit(tx, { action: 'agents.rename', subject: agentId })
      // ElevenLabs' own console shows the name as well.
      if (isToPush) await tx.enqueue(pushAgentJob, { organizationId, agentId })
    }
    return getAgent(tx, agentId)
  })
}

/** Saves the whole draft, if nobody saved since the revision it is based on. */
export function saveDraft(
  ctx: Context,
  agentId: string,
  { expectedRevision, spec }: Received<typeof contract.saveDraft>['body'],
): Promise<AgentDetail> {
  return inTransaction(ctx, async (tx) => {
    const agent = await lockPresent(tx, agentId)
    if (agent.draftRevision !== expectedRevision) throw errors.changedElsewhere()
    refuseNonsense(ctx, spec)
    await writeDraft(tx, agent, spec)
    await recordAudit(tx, {
      action: 'agents.save-draft',
      subject: agentId,
      after: { revision: agent.draftRevision + 1, fingerprint: fingerprintOf(spec) },
    })
    return getAgent(tx, agentId)
  })
}

/** Replaces the draft of a locked agent. What the list shows follows it until something is published. */
export async function writeDraft(tx: Tx, agent: queries.AgentRow, spec: AgentDraft): Promise<void> {
  const organizationId = tenantOf(tx)
  await refuseUnknownDocuments(tx, spec)
  await queries.updateAgent(tx.db, organizationId, agent.id, {
    draft: spec,
    draftRevision: agent.draftRevision + 1,
    draftSavedAt: tx.now(),
    draftSavedByUserId: userIdOf(tx),
    ...(agent.publishedVersion === null && mirrorOf(spec)),
  })
  await noteDocuments(tx, agent.id, spec, agent.publishedVersion)
}

/** The agent's documents are those of its draft and of its published version. */
export async function noteDocuments(
  tx: Tx,
  agentId: string,
  draft: AgentDraft,
  publishedVersion: number | null,
): Promise<void> {
  const organizationId = tenantOf(tx)
  const published =
    publishedVersion === null
      ? undefined
      : await versionRows.findVersion(tx.db, organizationId, agentId, publishedVersion)
  const ids = published ? agentSpec.parse(published.version.spec).documentIds : []
  await documentRows.replaceDocuments(tx.db, organizationId, agentId, [
    ...new Set([...draft.documentIds, ...ids]),
  ])
}

export async function lockPresent(tx: Tx, agentId: string): Promise<queries.AgentRow> {
  const agent = await queries.lockAgent(tx.db, tenantOf(tx), agentId)
  if (!agent || agent.archivedAt) throw notFound('agent')
  return agent
}

/** The part of a spec that calls read. */
export const mirrorOf = (spec: AgentDraft) => ({
  prompt: spec.prompt,
  firstMessage: spec.firstMessage,
  language: spec.language,
  voiceId: spec.voiceId,
  maxDurationSeconds: spec.maxDurationSeconds,
})

async function insert(tx: Tx, name: string, draft: AgentDraft): Promise<string> {
  const organizationId = tenantOf(tx)
  if ((await queries.countForAddition(tx.db, organizationId)) >= MAX_AGENTS)
    throw errors.tooMany(MAX_AGENTS)
  await refuseUnknownDocuments(tx, draft)
  const id = randomUUIDv7()
  await queries.insertAgent(tx.db, {
    organizationId,
    id,
    name,
    ...mirrorOf(draft),
    draft,
    draftSavedAt: tx.now(),
    draftSavedByUserId: userIdOf(tx),
    createdAt: tx.now(),
  })
  await documentRows.replaceDocuments(tx.db, organizationId, id, draft.documentIds)
  return id
}

function refuseNonsense(ctx: Context, spec: AgentDraft): void {
  const refusals = refusalsOf(spec, ctx.vendors.tenantHttp.refuse)
  if (refusals.length > 0) throw errors.invalidSpec(inBody(refusals))
}

async function refuseUnknownDocuments(tx: Tx, spec: AgentDraft): Promise<void> {
  const known = await documentRows.listDocuments(tx.db, tenantOf(tx), spec.documentIds)
  const there = new Set(known.map(({ id }) => id))
  const missing = spec.documentIds.flatMap((id, index) =>
    there.has(id) ? [] : [{ path: `documentIds.${index}`, message: 'is not there' }],
  )
  if (missing.length > 0) throw errors.invalidSpec(inBody(missing))
}

const inBody = (problems: { path: string; message: string }[]) =>
  problems.map(({ path, message }) => ({ path: `body.spec.${path}`, message }))
