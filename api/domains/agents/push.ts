import type { Context } from '#api/core/context.ts'
import { inTransaction, read, tenantOf } from '#api/core/context.ts'
import { VendorError } from '#api/core/errors.ts'
import type { AgentSpec } from '#api/core/vendors.ts'
import * as queries from './queries.ts'

/**
 * Makes ElevenLabs hold the agent as it stands here. Safe to run twice: an agent whose creation was
 * not answered is found again by its tag before another one is made (THREATS F17).
 */
export async function pushAgent(ctx: Context, agentId: string): Promise<void> {
  const organizationId = tenantOf(ctx)
  const agent = await read(ctx, (db) => queries.findAgent(db, organizationId, agentId))
  if (!agent) return
  try {
    const elevenLabsAgentId = await createOrUpdate(ctx, agent)
    await inTransaction(ctx, (tx) =>
      queries.setSync(tx.db, organizationId, agentId, { syncState: 'in_sync', elevenLabsAgentId }),
    )
  } catch (error) {
    if (!(error instanceof VendorError)) throw error
    await inTransaction(ctx, (tx) =>
      queries.setSync(tx.db, organizationId, agentId, { syncState: 'failed' }),
    )
    throw error
  }
}

async function createOrUpdate(ctx: Context, agent: queries.AgentRow): Promise<string> {
  const { elevenLabs } = ctx.vendors
  const tag = `voxcalls-agent:${agent.id}`
  const spec: AgentSpec = {
    name: agent.name,
    prompt: agent.prompt,
    firstMessage: agent.firstMessage,
    language: agent.language,
    voiceId: agent.voiceId,
    maxDurationSeconds: agent.maxDurationSeconds,
    tags: [`voxcalls-organization:${agent.organizationId}`, tag],
  }
  // One that was deleted in ElevenLabs' own console is made anew.
  const known = agent.elevenLabsAgentId && (await elevenLabs.findAgent(agent.elevenLabsAgentId))
  const found = known || (await elevenLabs.findAgentByTag(tag))
  if (!found) return elevenLabs.createAgent(spec)
  await elevenLabs.updateAgent(found.id, spec)
  return found.id
}
