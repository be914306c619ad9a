import type { Context } from '#api/core/context.ts'
import { inTransaction, read, tenantOf } from '#api/core/context.ts'
import { DomainError, notFound } from '#api/core/errors.ts'
import { readDraft } from '#api/domains/agents/service.ts'
import { recordAudit } from '#api/domains/audit/service.ts'
import { endCallByHand, giveUpTestCall } from '#api/domains/calls/service.ts'
import { findRun, lockTests } from '../queries.ts'
import { showRun, type TestRun } from '../show.ts'
import { isHeld } from './claim.ts'
import * as queries from './queries.ts'

/**
 * Ends a run by hand. One that has no call, or none any more, is broken at once, and its runner finds the claim gone;
 * of one that talks the call is cut, and its runner writes what was seen until then. One that is over stays as it is.
 */
export async function endTestRun(ctx: Context, agentId: string, runId: string): Promise<TestRun> {
  const organizationId = tenantOf(ctx)
  const { fingerprint } = await readDraft(ctx, agentId)
  const { callToCut, callToGiveUp } = await stop(ctx, agentId, runId)
  if (callToCut) await cut(ctx, callToCut)
  // Its runner may have asked for the call just before the claim was gone. It looks once more itself, so one of us sees it.
  if (callToGiveUp) await giveUpTestCall(ctx, callToGiveUp)
  const shown = await read(ctx, (db) => findRun(db, organizationId, agentId, runId))
  if (!shown) throw notFound('run')
  return showRun(shown, fingerprint)
}

type Stopped = { callToCut?: string | null; callToGiveUp?: string | null }

function stop(ctx: Context, agentId: string, runId: string): Promise<Stopped> {
  return inTransaction(ctx, async (tx) => {
    const organizationId = tenantOf(tx)
    // Whoever takes the next run holds this too: the run either waits still, or is theirs.
    await lockTests(tx.db, organizationId, agentId)
    const found = await findRun(tx.db, organizationId, agentId, runId)
    if (!found) throw notFound('run')
    const { callId, finishedAt } = found.run
    if (finishedAt) return {}
    const call = callId ? await queries.findEvidentCall(tx.db, organizationId, callId) : undefined
    if (call && !call.settledAt && isHeld(found.run, tx.now())) return { callToCut: callId }
    const end = { callId: call ? callId : null, finishedAt: tx.now() }
    if (!(await queries.endUnfinished(tx.db, organizationId, runId, end))) return {}
    await recordAudit(tx, { action: 'agent-tests.end-run', subject: runId, after: { agentId } })
    return { callToGiveUp: callId }
  })
}

async function cut(ctx: Context, callId: string): Promise<void> {
  try {
    await endCallByHand(ctx, callId)
  } catch (error) {
    // It ended by itself just now: its runner is about to write the verdict.
    if (!(error instanceof DomainError && error.code === 'calls.not_running')) throw error
  }
}
