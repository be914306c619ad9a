import type { AgentDraft } from '#api/contract/agent-spec.ts'
import type { Context, Tx } from '#api/core/context.ts'
import { inTransaction, tenantOf } from '#api/core/context.ts'
import { recordAudit } from '#api/domains/audit/service.ts'
import { lockPresent } from '../draft.ts'
import * as errors from '../errors.ts'
import { fingerprintOf } from '../fingerprint.ts'
import * as agents from '../queries.ts'
import { type AgentDetail, getAgent } from '../show.ts'
import * as queries from './queries.ts'

/** Whether the agent's draft is published only when every test passed on it. */
export function changePublishGate(
  ctx: Context,
  agentId: string,
  { needsTests }: { needsTests: boolean },
): Promise<AgentDetail> {
  return inTransaction(ctx, async (tx) => {
    const agent = await lockPresent(tx, agentId)
    if (agent.publishNeedsTests !== needsTests) {
      const organizationId = tenantOf(tx)
      await agents.updateAgent(tx.db, organizationId, agentId, { publishNeedsTests: needsTests })
      await recordAudit(tx, {
        action: 'agents.change-publish-gate',
        subject: agentId,
        after: { needsTests },
      })
    }
    return getAgent(tx, agentId)
  })
}

/** The draft of a locked agent: nobody saves another one between this and its publication. */
export async function refuseUntested(
  tx: Tx,
  agent: agents.AgentRow,
  draft: AgentDraft,
): Promise<void> {
  if (!agent.publishNeedsTests) return
  const tests = await queries.listTests(tx.db, agent.organizationId, agent.id, fingerprintOf(draft))
  const unpassed = tests.filter(({ hasPassed }) => !hasPassed)
  if (unpassed.length > 0) throw errors.testsNotPassed(unpassed)
}
