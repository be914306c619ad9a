import type { WebhookTool } from '#api/contract/agent-spec.ts'
import type { Context } from '#api/core/context.ts'
import { inTransaction, read, tenantOf } from '#api/core/context.ts'
import type { ToolSpec } from '#api/core/vendors.ts'
import { constantOf } from './checks.ts'
import type { Claim } from './claim.ts'
import { fingerprintOf } from './fingerprint.ts'
import { getOrMakeToolKey, TOOL_KEY_HEADER, type ToolKey } from './tool-key.ts'
import * as toolRows from './tool-queries.ts'

export type HeldTools = { ids: string[]; fingerprints: ReadonlySet<string> }

/**
 * Makes ElevenLabs hold these tools and answers with their ids there. A tool that changed, or carries another key, is
 * another tool beside the old one, so that an agent changes all at once, when it is given the new ids.
 */
export async function ensureTools(
  ctx: Context,
  claim: Claim,
  target: toolRows.Target,
  tools: readonly WebhookTool[],
): Promise<HeldTools> {
  const ids: string[] = []
  const fingerprints = new Set<string>()
  if (tools.length === 0) return { ids, fingerprints }
  const key = await getOrMakeToolKey(ctx)
  for (const tool of tools) {
    await claim.renew()
    const fingerprint = fingerprintOf({ tool, key: key.id })
    ids.push(await ensureTool(ctx, claim.agent.id, { target, tool, fingerprint, key }))
    fingerprints.add(fingerprint)
  }
  return { ids, fingerprints }
}

async function ensureTool(
  ctx: Context,
  agentId: string,
  wanted: { target: toolRows.Target; tool: WebhookTool; fingerprint: string; key: ToolKey },
): Promise<string> {
  const { target, tool, fingerprint, key } = wanted
  const known = (await listTools(ctx, agentId)).find(
    (row) => row.target === target && row.fingerprint === fingerprint,
  )
  const { elevenLabs } = ctx.vendors
  const row: toolRows.ToolRow = known ?? {
    organizationId: tenantOf(ctx),
    agentId,
    target,
    fingerprint,
    name: tool.name,
    elevenLabsToolId: null,
    createdAt: ctx.now(),
  }
  if (!known) await inTransaction(ctx, (tx) => toolRows.insertTool(tx.db, row))
  // One that was deleted in ElevenLabs' own console is made anew.
  if (row.elevenLabsToolId && (await elevenLabs.hasTool(row.elevenLabsToolId)))
    return row.elevenLabsToolId
  const mark = markOf(row)
  const found = known && (await elevenLabs.findTool(tool.name, mark))
  const id = found || (await elevenLabs.createTool(toolSpec(tool, mark, key)))
  await inTransaction(ctx, (tx) => toolRows.setToolId(tx.db, row, id))
  return id
}

/** Deletes what ElevenLabs holds for the agent beyond these tools, of one target or of both. */
export async function dropTools(
  ctx: Context,
  claim: Claim,
  target: toolRows.Target | 'both',
  kept: ReadonlySet<string>,
): Promise<void> {
  const { elevenLabs } = ctx.vendors
  for (const row of await listTools(ctx, claim.agent.id)) {
    if ((target !== 'both' && row.target !== target) || kept.has(row.fingerprint)) continue
    await claim.renew()
    const id = row.elevenLabsToolId ?? (await elevenLabs.findTool(row.name, markOf(row)))
    if (id) await elevenLabs.deleteTool(id)
    await inTransaction(ctx, (tx) => toolRows.deleteTool(tx.db, row))
  }
}

/** Which of an agent's tools each id at ElevenLabs stands for. */
export async function toolsByTheirId(
  ctx: Context,
  agentId: string,
  tools: readonly WebhookTool[],
): Promise<Map<string, WebhookTool>> {
  const byName = new Map(tools.map((tool) => [tool.name, tool]))
  const known = new Map<string, WebhookTool>()
  for (const { target, name, elevenLabsToolId } of await listTools(ctx, agentId)) {
    const tool = byName.get(name)
    if (target === 'published' && tool && elevenLabsToolId) known.set(elevenLabsToolId, tool)
  }
  return known
}

const listTools = (ctx: Context, agentId: string): Promise<toolRows.ToolRow[]> =>
  read(ctx, (db) => toolRows.listTools(db, tenantOf(ctx), agentId))

const markOf = ({ agentId, target, fingerprint }: toolRows.ToolRow): string =>
  `${agentId}.${target}.${fingerprint}`

const toolSpec = (tool: WebhookTool, mark: string, key: ToolKey): ToolSpec => ({
  ...tool,
  mark,
  headers: { [TOOL_KEY_HEADER]: key.secret },
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
