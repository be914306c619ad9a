import type { WebhookTool } from '#api/contract/agent-spec.ts'
import type { Context } from '#api/core/context.ts'
import { inTransaction, read, tenantOf } from '#api/core/context.ts'
import type { ToolSpec } from '#api/core/vendors.ts'
import { constantOf } from './checks.ts'
import type { Claim } from './claim.ts'
import { fingerprintOf } from './fingerprint.ts'
import * as queries from './queries.ts'

/**
 * Makes ElevenLabs hold these tools and answers with their ids there. A tool that changed is another tool beside
 * the old one, so that an agent changes all at once, when it is given the new ids.
 */
export async function ensureTools(
  ctx: Context,
  claim: Claim,
  target: queries.Target,
  tools: readonly WebhookTool[],
): Promise<string[]> {
  const ids: string[] = []
  for (const tool of tools) {
    await claim.renew()
    ids.push(await ensureTool(ctx, claim.agent.id, target, tool))
  }
  return ids
}

async function ensureTool(
  ctx: Context,
  agentId: string,
  target: queries.Target,
  tool: WebhookTool,
): Promise<string> {
  const organizationId = tenantOf(ctx)
  const fingerprint = fingerprintOf(tool)
  const known = (await listTools(ctx, agentId)).find(
    (row) => row.target === target && row.fingerprint === fingerprint,
  )
  const fresh = { organizationId, agentId, target, fingerprint, name: tool.name }
  const { elevenLabs } = ctx.vendors
  const row: queries.ToolRow = known ?? {
    ...fresh,
    elevenLabsToolId: null,
    createdAt: ctx.now(),
  }
  if (!known) await inTransaction(ctx, (tx) => queries.insertTool(tx.db, row))
  // One that was deleted in ElevenLabs' own console is made anew.
  if (row.elevenLabsToolId && (await elevenLabs.hasTool(row.elevenLabsToolId)))
    return row.elevenLabsToolId
  const mark = markOf(row)
  const found = known && (await elevenLabs.findTool(tool.name, mark))
  const id = found || (await elevenLabs.createTool(toolSpec(tool, mark)))
  await inTransaction(ctx, (tx) => queries.setToolId(tx.db, row, id))
  return id
}

/** Deletes what ElevenLabs holds for the agent beyond these tools, of one target or of both. */
export async function dropTools(
  ctx: Context,
  claim: Claim,
  target: queries.Target | 'both',
  keep: readonly WebhookTool[],
): Promise<void> {
  const kept = new Set(keep.map(fingerprintOf))
  const { elevenLabs } = ctx.vendors
  for (const row of await listTools(ctx, claim.agent.id)) {
    if ((target !== 'both' && row.target !== target) || kept.has(row.fingerprint)) continue
    await claim.renew()
    const id = row.elevenLabsToolId ?? (await elevenLabs.findTool(row.name, markOf(row)))
    if (id) await elevenLabs.deleteTool(id)
    await inTransaction(ctx, (tx) => queries.deleteTool(tx.db, row))
  }
}

/** Which of an agent's tools each id at ElevenLabs stands for. */
export async function toolsByTheirId(
  ctx: Context,
  agentId: string,
  tools: readonly WebhookTool[],
): Promise<Map<string, WebhookTool>> {
  const byFingerprint = new Map(tools.map((tool) => [fingerprintOf(tool), tool]))
  const known = new Map<string, WebhookTool>()
  for (const { target, fingerprint, elevenLabsToolId } of await listTools(ctx, agentId)) {
    const tool = byFingerprint.get(fingerprint)
    if (target === 'published' && tool && elevenLabsToolId) known.set(elevenLabsToolId, tool)
  }
  return known
}

const listTools = (ctx: Context, agentId: string): Promise<queries.ToolRow[]> =>
  read(ctx, (db) => queries.listTools(db, tenantOf(ctx), agentId))

const markOf = ({ agentId, target, fingerprint }: queries.ToolRow): string =>
  `${agentId}.${target}.${fingerprint}`

const toolSpec = (tool: WebhookTool, mark: string): ToolSpec => ({
  ...tool,
  mark,
  parameters: tool.parameters.map(({ value, ...parameter }) => ({
    ...parameter,
    value:
      value.from === 'constant'
        ? {
            from: 'constant',
            constant: constantOf(parameter.type, value.constant) ?? value.constant,
          }
        : value,
  })),
})
