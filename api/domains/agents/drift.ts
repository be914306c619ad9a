import { z } from 'zod'
import { agentSpec } from '#api/contract/agent-spec.ts'
import type { Received } from '#api/contract/endpoint.ts'
import type { Context, Tx } from '#api/core/context.ts'
import { inTransaction, read, tenantOf } from '#api/core/context.ts'
import { notFound } from '#api/core/errors.ts'
import type { HeldAgent } from '#api/core/vendors.ts'
import { recordAudit } from '#api/domains/audit/service.ts'
import type * as contract from './contract.ts'
import * as documentRows from './document-queries.ts'
import { lockPresent, writeDraft } from './draft.ts'
import * as errors from './errors.ts'
import { fingerprintOf } from './fingerprint.ts'
import { sendAgain } from './publish.ts'
import * as queries from './queries.ts'
import { type AgentDetail, getAgent } from './show.ts'
import { specFromHeld } from './take-over.ts'
import { toolsByTheirId } from './tools.ts'
import * as versionRows from './version-queries.ts'

/** What ElevenLabs held right after a push, as we keep it. */
const heldShape = z.custom<HeldAgent>((value) => typeof value === 'object' && value !== null)

/** Looks whether ElevenLabs still holds what it was given, and notes what it holds instead. */
export async function checkDrift(ctx: Context, agentId: string): Promise<AgentDetail> {
  const agent = await read(ctx, (db) => queries.findAgent(db, tenantOf(ctx), agentId))
  if (!agent || agent.archivedAt) throw notFound('agent')
  if (agent.publishedVersion === null) throw errors.neverPublished()
  await compareAgent(ctx, agentId)
  return getAgent(ctx, agentId)
}

/** Compares one agent that was pushed; the others have nothing to compare. */
export async function compareAgent(ctx: Context, agentId: string): Promise<void> {
  const agent = await read(ctx, (db) => queries.findAgent(db, tenantOf(ctx), agentId))
  const isComparable = agent?.syncState === 'in_sync' || agent?.syncState === 'drifted'
  if (!agent || agent.archivedAt || !isComparable) return
  const id = agent.elevenLabsAgentId
  if (!id || agent.pushed === null) return
  const held = await readWhole(ctx, id)
  const given = await withoutErased(ctx, heldShape.parse(agent.pushed))
  const isSame = held !== null && fingerprintOf(held) === fingerprintOf(given)
  await inTransaction(ctx, (tx) =>
    queries.noteComparison(
      tx.db,
      agent,
      tx.now(),
      isSame
        ? { syncState: 'in_sync', drift: null, driftFoundAt: null }
        : {
            syncState: 'drifted',
            drift: held,
            driftFoundAt: agent.driftFoundAt ?? tx.now(),
          },
    ),
  )
}

/** Ends a drift by decision: ours goes there again, or theirs comes into the draft as far as it can be said in it. */
export async function resolveDrift(
  ctx: Context,
  agentId: string,
  { keep, expectedRevision }: Received<typeof contract.resolveDrift>['body'],
): Promise<AgentDetail> {
  return inTransaction(ctx, async (tx) => {
    const agent = await lockPresent(tx, agentId)
    if (agent.syncState !== 'drifted') throw errors.notDrifted()
    if (keep === 'ours') await sendAgain(tx, agent)
    else await takeTheirs(tx, agent, expectedRevision)
    await recordAudit(tx, { action: 'agents.resolve-drift', subject: agentId, after: { keep } })
    return getAgent(tx, agentId)
  })
}

async function takeTheirs(
  tx: Tx,
  agent: queries.AgentRow,
  expectedRevision: number | undefined,
): Promise<void> {
  if (agent.drift === null) throw errors.goneAtVendor()
  if (expectedRevision !== agent.draftRevision) throw errors.changedElsewhere()
  const { organizationId, id, publishedVersion } = agent
  const version = await versionRows.findVersion(tx.db, organizationId, id, publishedVersion ?? 0)
  if (!version) throw errors.neverPublished()
  const ours = agentSpec.parse(version.version.spec)
  const held = heldShape.parse(agent.drift)
  const copies = await documentRows.listCopies(tx.db, organizationId, held.documentIds)
  const spec = specFromHeld(ours, held, {
    documents: new Map(copies.map((copy) => [copy.elevenLabsDocumentId, copy.id])),
    tools: await toolsByTheirId(tx, id, ours.tools.webhooks),
  })
  await writeDraft(tx, agent, spec)
}

/** An agent there without the tools that are gone there, though it still names them. */
async function readWhole(ctx: Context, elevenLabsAgentId: string): Promise<HeldAgent | null> {
  const { elevenLabs } = ctx.vendors
  const held = await elevenLabs.readAgent(elevenLabsAgentId)
  if (!held) return null
  const toolIds: string[] = []
  for (const id of held.toolIds) if (await elevenLabs.hasTool(id)) toolIds.push(id)
  return { ...held, toolIds }
}

/** A document that was deleted here was taken from the agent there, as it should be. */
async function withoutErased(ctx: Context, given: HeldAgent): Promise<HeldAgent> {
  if (given.documentIds.length === 0) return given
  const copies = await read(ctx, (db) =>
    documentRows.listCopies(db, tenantOf(ctx), given.documentIds),
  )
  const present = new Set(copies.map((copy) => copy.elevenLabsDocumentId))
  return { ...given, documentIds: given.documentIds.filter((id) => present.has(id)) }
}
