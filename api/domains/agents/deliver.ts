import type { AgentDraft } from '#api/contract/agent-spec.ts'
import type { Context } from '#api/core/context.ts'
import { read, tenantOf } from '#api/core/context.ts'
import { VendorError } from '#api/core/errors.ts'
import type { AgentSpec, HeldAgent } from '#api/core/vendors.ts'
import { pushDocument } from '#api/domains/knowledge/service.ts'
import type { Claim } from './claim.ts'
import * as documentRows from './document-queries.ts'
import * as queries from './queries.ts'
import type * as toolRows from './tool-queries.ts'
import { dropTools, ensureTools } from './tools.ts'

export type Delivered = { elevenLabsAgentId: string; held: HeldAgent }

/**
 * Makes ElevenLabs hold an agent as the spec says: what it refers to first, then the agent in one change, then
 * what nobody refers to any more goes. Safe to run again after any of its steps.
 */
export async function deliver(
  ctx: Context,
  claim: Claim,
  target: toolRows.Target,
  spec: AgentDraft,
): Promise<Delivered> {
  const documents = await pushDocuments(ctx, claim, spec.documentIds)
  const tools = await ensureTools(ctx, claim, target, spec.tools.webhooks)
  await claim.renew()
  const elevenLabsAgentId = await createOrUpdate(ctx, claim, target, {
    ...featuresOf(spec),
    name: target === 'draft' ? `${claim.agent.name} (draft)` : claim.agent.name,
    tags: [`voxcalls-organization:${claim.agent.organizationId}`, tagOf(target, claim.agent.id)],
    documents,
    toolIds: tools.ids,
  })
  await dropTools(ctx, claim, target, tools.fingerprints)
  const held = await ctx.vendors.elevenLabs.readAgent(elevenLabsAgentId)
  // Somebody deleted it in this very moment: the next try makes it anew.
  if (!held) throw new VendorError('elevenlabs', 'read-agent', { status: 404, retryable: true })
  return { elevenLabsAgentId, held }
}

/** What an agent is found again by. */
export const tagOf = (target: toolRows.Target, agentId: string): string =>
  `voxcalls-${target === 'draft' ? 'draft' : 'agent'}:${agentId}`

/** One that was deleted here since is left out: there is nothing of it to be known any more. */
async function pushDocuments(
  ctx: Context,
  claim: Claim,
  ids: readonly string[],
): Promise<{ id: string; name: string }[]> {
  const present = await read(ctx, (db) => documentRows.listDocuments(db, tenantOf(ctx), ids))
  const titles = new Map(present.map(({ id, title }) => [id, title]))
  const pushed: { id: string; name: string }[] = []
  for (const documentId of ids) {
    const name = titles.get(documentId)
    if (name === undefined) continue
    await claim.renew()
    pushed.push({ id: await pushDocument(ctx, documentId), name })
  }
  return pushed
}

/** An agent whose creation was not answered is found by its tag before another one is made (THREATS F17). */
async function createOrUpdate(
  ctx: Context,
  claim: Claim,
  target: toolRows.Target,
  spec: AgentSpec,
): Promise<string> {
  const { elevenLabs } = ctx.vendors
  const { agent } = claim
  const id = knownId(agent, target)
  // One that was deleted in ElevenLabs' own console is made anew.
  const known = id && (await elevenLabs.findAgent(id))
  const found = known || (await elevenLabs.findAgentByTag(tagOf(target, agent.id)))
  if (!found) {
    const made = await elevenLabs.createAgent(spec)
    await keepOrUndo(ctx, claim, target, made)
    return made
  }
  await elevenLabs.updateAgent(found.id, spec)
  return found.id
}

/** Whoever took over while we stood still may have made the agent as well: then ours is one too many. */
async function keepOrUndo(
  ctx: Context,
  claim: Claim,
  target: toolRows.Target,
  made: string,
): Promise<void> {
  try {
    await claim.renew()
  } catch (error) {
    const now = await read(ctx, (db) => queries.findAgent(db, tenantOf(ctx), claim.agent.id))
    const kept = now && knownId(now, target)
    if (kept && kept !== made) await ctx.vendors.elevenLabs.deleteAgent(made)
    throw error
  }
}

const knownId = (agent: queries.AgentRow, target: toolRows.Target): string | null =>
  target === 'draft' ? agent.elevenLabsDraftAgentId : agent.elevenLabsAgentId

const featuresOf = (spec: AgentDraft) => ({
  prompt: spec.prompt,
  firstMessage: spec.firstMessage,
  language: spec.language,
  voiceId: spec.voiceId,
  maxDurationSeconds: spec.maxDurationSeconds,
  variables: Object.fromEntries(
    spec.variables.map((variable) => [variable.name, variable.default]),
  ),
  llm: spec.llm,
  temperature: spec.temperature,
  turnTimeoutSeconds: spec.turn.timeoutSeconds,
  turnEagerness: spec.turn.eagerness,
  isInterruptible: spec.isInterruptible,
  endCall: spec.tools.endCall,
  keypad: spec.tools.keypad,
  transfers: spec.tools.transfers,
  dataCollection: spec.dataCollection,
  criteria: spec.criteria,
})
