import { z } from 'zod'
import { asPlatform, type Context, forOrganization, inTransaction } from '#api/core/context.ts'
import { ClaimLost } from '#api/core/errors.ts'
import { job } from '#api/core/jobs.ts'
import { giveUpTestCall } from '#api/domains/calls/service.ts'
import { carryOut } from './carry-out.ts'
import { claimNext, finishRun, whileClaimed } from './claim.ts'
import { listAgentsToRun } from './queries.ts'

const PAGE = 200
// Fifty small frames a second each, both ways. A run lasts minutes, and nobody's waits for those of others meanwhile.
const CALLS_AT_ONCE = 20

/** The next waiting run of an agent, and then the one behind it: a draft is tried by one at a time. */
export const runNextJob = job({
  name: 'agent-tests.run-next',
  data: z.object({ organizationId: z.uuid(), agentId: z.uuid() }),
  retry: { limit: 3, delaySeconds: 5 },
  atOnce: CALLS_AT_ONCE,
  key: ({ agentId }) => agentId,
  run: (ctx, { organizationId, agentId }) =>
    runNext(forOrganization(ctx, organizationId), organizationId, agentId),
})

/** Finds runs whose job was lost, and those that lost their runner. */
export const sweepRunsJob = job({
  name: 'agent-tests.sweep-runs',
  data: z.object({}),
  retry: { limit: 0, delaySeconds: 0 },
  key: () => 'sweep',
  run: (ctx) =>
    asPlatform(ctx, async (tx) => {
      for (const one of await listAgentsToRun(tx.db, tx.now(), PAGE))
        await tx.enqueue(runNextJob, one)
    }),
})

async function runNext(ctx: Context, organizationId: string, agentId: string): Promise<void> {
  const { claim, abandonedCallId } = await claimNext(ctx, agentId)
  if (abandonedCallId) await giveUpTestCall(ctx, abandonedCallId)
  if (!claim) return
  try {
    const finish = await whileClaimed(ctx, claim, (lost) => carryOut(ctx, claim, lost))
    await finishRun(ctx, claim, finish)
  } catch (error) {
    if (!(error instanceof ClaimLost)) throw error
    ctx.log.warn({ err: error, runId: claim.run.id }, 'a test run was taken over')
  }
  await inTransaction(ctx, (tx) => tx.enqueue(runNextJob, { organizationId, agentId }))
}
