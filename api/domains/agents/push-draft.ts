import { setTimeout as sleep } from 'node:timers/promises'
import { agentSpec } from '#api/contract/agent-spec.ts'
import type { Context } from '#api/core/context.ts'
import { inTransaction, read, tenantOf } from '#api/core/context.ts'
import { ClaimLost, notFound, VendorError } from '#api/core/errors.ts'
import { problemsOf } from './checks.ts'
import { type Claim, claimAgent } from './claim.ts'
import { deliver } from './deliver.ts'
import * as documentRows from './document-queries.ts'
import * as errors from './errors.ts'
import { failureOf } from './failure.ts'
import { fingerprintOf } from './fingerprint.ts'
import * as queries from './queries.ts'
import { getOrMakeToolKey } from './tool-key.ts'

const WAIT_MS = 10_000 // for a push that runs; a person stands before a button
const WAIT_STEP_MS = 200

export type TestAgent = {
  elevenLabsAgentId: string
  voiceId: string
  maxDurationSeconds: number
}

/**
 * Makes ElevenLabs hold the draft as it stands, in an agent of its own beside the published one. Nothing is sent
 * where it holds it already.
 */
export async function pushDraft(ctx: Context, agentId: string): Promise<TestAgent> {
  const agent = await read(ctx, (db) => queries.findAgent(db, tenantOf(ctx), agentId))
  if (!agent || agent.archivedAt) throw notFound('agent')
  const { spec, fingerprint } = await draftOf(ctx, agent)
  const { voiceId, maxDurationSeconds } = spec
  if (agent.elevenLabsDraftAgentId && agent.draftFingerprint === fingerprint)
    return { elevenLabsAgentId: agent.elevenLabsDraftAgentId, voiceId, maxDurationSeconds }
  const claim = await claimSoon(ctx, agentId)
  let written: Partial<queries.AgentRow> = {}
  try {
    // Saved, archived or pushed by somebody else while we waited: what counts is how it stands now.
    if (claim.agent.archivedAt) throw notFound('agent')
    const now = await draftOf(ctx, claim.agent)
    const { elevenLabsAgentId } = await deliver(ctx, claim, 'draft', now.spec)
    written = { elevenLabsDraftAgentId: elevenLabsAgentId, draftFingerprint: now.fingerprint }
    return {
      elevenLabsAgentId,
      voiceId: now.spec.voiceId,
      maxDurationSeconds: now.spec.maxDurationSeconds,
    }
  } catch (error) {
    throw told(error)
  } finally {
    await inTransaction(ctx, (tx) => claim.settle(tx, written))
  }
}

/** A person waits for the answer: a refusal comes in ElevenLabs' own words, as plain text. */
function told(error: unknown): unknown {
  if (error instanceof ClaimLost) return errors.busy()
  const failure = error instanceof VendorError && !error.retryable && failureOf(error)
  return failure ? errors.refusedByVendor(failure.syncError) : error
}

/** The draft with all that the test agent is made of. */
async function draftOf(ctx: Context, agent: queries.AgentRow) {
  const spec = agentSpec.parse(agent.draft)
  const documents = await read(ctx, (db) =>
    documentRows.listDocuments(db, tenantOf(ctx), spec.documentIds),
  )
  const known = new Map(documents.map((document) => [document.id, document]))
  const problems = problemsOf(spec, known, ctx.vendors.tenantHttp.refuse)
  if (problems.length > 0) throw errors.notPublishable(problems)
  const key = spec.tools.webhooks.length > 0 ? (await getOrMakeToolKey(ctx)).id : null
  return { spec, fingerprint: fingerprintOf({ spec, name: agent.name, key }) }
}

async function claimSoon(ctx: Context, agentId: string): Promise<Claim> {
  const deadlineMs = performance.now() + WAIT_MS
  for (;;) {
    const claim = await claimAgent(ctx, agentId)
    if (claim) return claim
    if (performance.now() > deadlineMs) throw errors.busy()
    await sleep(WAIT_STEP_MS)
  }
}
