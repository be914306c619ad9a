import type { Context } from '#api/core/context.ts'
import { inTransaction, read, tenantOf } from '#api/core/context.ts'
import { notFound } from '#api/core/errors.ts'
import { readDraft } from '#api/domains/agents/service.ts'
import { recordAudit } from '#api/domains/audit/service.ts'
import { giveUpTestCall } from '#api/domains/calls/service.ts'
import { findRun, lockTests } from '../queries.ts'
import { showRun, type TestRun } from '../show.ts'
import { breakRun, cutCall, isHeld } from './claim.ts'
import * as queries from './queries.ts'

/**
 * Ends a run by hand. That it is ended is on record before its call is touched, so whatever becomes of the call, of
 * its runner or of us, it comes to no verdict and is not begun anew. One that nobody runs is over at once; of one that
 * somebody runs the call is cut, and its runner writes what was seen until then. One that is over stays as it is.
 */
export async function endTestRun(ctx: Context, agentId: string, runId: string): Promise<TestRun> {
  const organizationId = tenantOf(ctx)
  const { fingerprint } = await readDraft(ctx, agentId)
  const { callToCut, callToGiveUp } = await noteEnd(ctx, agentId, runId)
  if (callToCut) await cutCall(ctx, callToCut)
  if (callToGiveUp) await giveUpTestCall(ctx, callToGiveUp)
  const shown = await read(ctx, (db) => findRun(db, organizationId, agentId, runId))
  if (!shown) throw notFound('run')
  return showRun(shown, fingerprint)
}

type Noted = { callToCut?: string | null; callToGiveUp?: string | null }

function noteEnd(ctx: Context, agentId: string, runId: string): Promise<Noted> {
  return inTransaction(ctx, async (tx) => {
    const organizationId = tenantOf(tx)
    // Whoever takes the next run holds this too: the run either waits still, or is theirs.
    await lockTests(tx.db, organizationId, agentId)
    if (!(await findRun(tx.db, organizationId, agentId, runId))) throw notFound('run')
    const run = await queries.lockUnfinished(tx.db, organizationId, runId)
    if (!run) return {}
    if (!run.endAskedAt)
      await recordAudit(tx, { action: 'agent-tests.end-run', subject: runId, after: { agentId } })
    if (!isHeld(run, tx.now())) {
      await breakRun(tx, run, 'ended_by_hand')
      return { callToGiveUp: run.callId }
    }
    const endAskedAt = run.endAskedAt ?? tx.now()
    await queries.updateRun(tx.db, organizationId, runId, { endAskedAt })
    return { callToCut: run.callId }
  })
}
