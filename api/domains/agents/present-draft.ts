import { type AgentDraft, agentSpec } from '#api/contract/agent-spec.ts'
import type { Context } from '#api/core/context.ts'
import { read, tenantOf } from '#api/core/context.ts'
import { notFound } from '#api/core/errors.ts'
import { fingerprintOf } from './fingerprint.ts'
import * as queries from './queries.ts'

export type PresentDraft = {
  spec: AgentDraft
  /** Goes up with each save. */
  revision: number
  /** The same for the same draft, whoever saved it when. */
  fingerprint: string
}

/** The draft as it was saved last. */
export async function readDraft(ctx: Context, agentId: string): Promise<PresentDraft> {
  const agent = await read(ctx, (db) => queries.findAgent(db, tenantOf(ctx), agentId))
  if (!agent || agent.archivedAt) throw notFound('agent')
  const spec = agentSpec.parse(agent.draft)
  return { spec, revision: agent.draftRevision, fingerprint: fingerprintOf(spec) }
}
