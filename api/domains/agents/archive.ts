import { z } from 'zod'
import type { Received } from '#api/contract/endpoint.ts'
import type { Context } from '#api/core/context.ts'
import { forOrganization, inTransaction, read, tenantOf } from '#api/core/context.ts'
import { job } from '#api/core/jobs.ts'
import { recordAudit } from '#api/domains/audit/service.ts'
import { type Claim, claimAgent } from './claim.ts'
import type * as contract from './contract.ts'
import { tagOf } from './deliver.ts'
import * as documentRows from './document-queries.ts'
import { lockPresent } from './draft.ts'
import * as errors from './errors.ts'
import * as queries from './queries.ts'
import { dropTools } from './tools.ts'

const BUSY_SECONDS = 5 // until an erasure that found a push running looks again
const MAX_COPIES = 5 // of one tag; a second one exists only where an answer came very late

/** Gone for callers and for every list with this transaction; what ElevenLabs holds follows by a job. */
export function archiveAgent(
  ctx: Context,
  agentId: string,
  { confirmName }: Received<typeof contract.archiveAgent>['body'],
): Promise<void> {
  return inTransaction(ctx, async (tx) => {
    const organizationId = tenantOf(tx)
    const agent = await lockPresent(tx, agentId)
    const numbers = await queries.listNumbers(tx.db, organizationId, [agentId])
    if (numbers.length > 0 && confirmName?.trim() !== agent.name) throw errors.numberAttached()
    await queries.updateAgent(tx.db, organizationId, agentId, { archivedAt: tx.now() })
    await documentRows.replaceDocuments(tx.db, organizationId, agentId, [])
    await recordAudit(tx, {
      action: 'agents.archive',
      subject: agentId,
      after: { numbers: numbers.map(({ id }) => id) },
    })
    await tx.enqueue(eraseAgentJob, { organizationId, agentId })
  })
}

export const eraseAgentJob = job({
  name: 'agents.erase-agent',
  data: z.object({ organizationId: z.uuid(), agentId: z.uuid() }),
  retry: { limit: 5, delaySeconds: 10 },
  key: ({ agentId }) => agentId,
  run: (ctx, { organizationId, agentId }) =>
    eraseAgent(forOrganization(ctx, organizationId), agentId),
})

/** Leaves nothing of an archived agent at ElevenLabs. */
async function eraseAgent(ctx: Context, agentId: string): Promise<void> {
  const organizationId = tenantOf(ctx)
  const agent = await read(ctx, (db) => queries.findAgent(db, organizationId, agentId))
  if (!agent?.archivedAt || agent.erasedAt) return
  const claim = await claimAgent(ctx, agentId)
  if (!claim) {
    const data = { organizationId, agentId }
    const later = { startAfterSeconds: BUSY_SECONDS }
    await inTransaction(ctx, (tx) => tx.enqueue(eraseAgentJob, data, later))
    return
  }
  let erased: Partial<queries.AgentRow> = {}
  try {
    await eraseBoth(ctx, claim)
    erased = { erasedAt: ctx.now(), elevenLabsDraftAgentId: null }
  } finally {
    await inTransaction(ctx, (tx) => claim.settle(tx, erased))
  }
}

/** By tag as well: an agent whose creation was never answered has no id here. */
async function eraseBoth(ctx: Context, claim: Claim): Promise<void> {
  const { elevenLabs } = ctx.vendors
  const { id: agentId, elevenLabsAgentId, elevenLabsDraftAgentId } = claim.agent
  for (const id of [elevenLabsAgentId, elevenLabsDraftAgentId])
    if (id) await elevenLabs.deleteAgent(id)
  for (const target of ['published', 'draft'] as const) {
    for (let copy = 0; copy < MAX_COPIES; copy++) {
      await claim.renew()
      const found = await elevenLabs.findAgentByTag(tagOf(target, agentId))
      if (!found) break
      await elevenLabs.deleteAgent(found.id)
    }
  }
  await dropTools(ctx, claim, 'both', new Set())
}
