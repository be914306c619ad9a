import { randomUUIDv7 } from 'node:crypto'
import type { z } from 'zod'
import type { Received } from '#api/contract/endpoint.ts'
import type { Context } from '#api/core/context.ts'
import { inTransaction, read, tenantOf } from '#api/core/context.ts'
import { pageOfRows, readCursor } from '#api/core/cursor.ts'
import { notFound } from '#api/core/errors.ts'
import { recordAudit } from '#api/domains/audit/service.ts'
import type * as contract from './contract.ts'
import { pushAgentJob } from './jobs.ts'
import * as queries from './queries.ts'

export { pushAgent } from './push.ts'

export type Agent = z.output<typeof contract.agent>

export type NewAgent = {
  name: string
  prompt: string
  firstMessage: string
  voiceId: string
  language?: string
  maxDurationSeconds?: number
}

/** Makes an agent; a job takes it to ElevenLabs, and its `syncState` tells when it is there. */
export function createAgent(ctx: Context, wanted: NewAgent): Promise<Agent> {
  return inTransaction(ctx, async (tx) => {
    const organizationId = tenantOf(tx)
    const agent = await queries.insertAgent(tx.db, {
      ...wanted,
      organizationId,
      id: randomUUIDv7(),
      createdAt: tx.now(),
    })
    await recordAudit(tx, { action: 'agents.create', subject: agent.id })
    await tx.enqueue(pushAgentJob, { organizationId, agentId: agent.id })
    return show(agent)
  })
}

export async function getAgent(ctx: Context, agentId: string): Promise<Agent> {
  const agent = await read(ctx, (db) => queries.findAgent(db, tenantOf(ctx), agentId))
  if (!agent || agent.archivedAt) throw notFound('agent')
  return show(agent)
}

export async function listAgents(
  ctx: Context,
  { cursor, limit }: Received<typeof contract.listAgents>['query'],
): Promise<{ items: Agent[]; nextCursor: string | null }> {
  const before = readCursor(cursor)
  const rows = await read(ctx, (db) =>
    queries.listAgents(db, tenantOf(ctx), { before, limit: limit + 1 }),
  )
  const page = pageOfRows(rows, limit, ({ createdAt, id }) => ({ at: createdAt, id }))
  return { ...page, items: page.items.map(show) }
}

const show = ({ organizationId: _tenant, archivedAt: _archived, ...agent }: queries.AgentRow) =>
  agent
