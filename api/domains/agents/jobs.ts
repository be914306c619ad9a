import { z } from 'zod'
import { asPlatform, forOrganization } from '#api/core/context.ts'
import { job } from '#api/core/jobs.ts'
import { eraseAgentJob } from './archive.ts'
import { compareAgent } from './drift.ts'
import { pushAgentJob } from './push.ts'
import * as sweeps from './sweep-queries.ts'

export { eraseAgentJob, pushAgentJob }

const PAGE = 200
const COMPARED_A_ROUND = 1_000 // six thousand an hour, a fraction of a second each
const COMPARED_EVERY_MS = 3_600_000 // somebody changes an agent behind our back a few times a year

/** Finds agents whose job was lost, or that waited while their organization was paused. */
export const sweepAgentsJob = job({
  name: 'agents.sweep-agents',
  data: z.object({}),
  retry: { limit: 0, delaySeconds: 0 },
  key: () => 'sweep',
  run: (ctx) =>
    asPlatform(ctx, async (tx) => {
      for (const one of await sweeps.listWaiting(tx.db, tx.now(), PAGE))
        await tx.enqueue(pushAgentJob, one)
      for (const one of await sweeps.listToErase(tx.db, PAGE)) await tx.enqueue(eraseAgentJob, one)
    }),
})

export const compareAgentJob = job({
  name: 'agents.compare-agent',
  data: z.object({ organizationId: z.uuid(), agentId: z.uuid() }),
  retry: { limit: 2, delaySeconds: 60 },
  key: ({ agentId }) => agentId,
  run: (ctx, { organizationId, agentId }) =>
    compareAgent(forOrganization(ctx, organizationId), agentId),
})

/**
 * Every agent of every organization is compared with what ElevenLabs holds, once an hour; as often one is pushed again
 * whose push used up its tries.
 */
export const compareAgentsJob = job({
  name: 'agents.compare-agents',
  data: z.object({}),
  retry: { limit: 0, delaySeconds: 0 },
  key: () => 'compare',
  run: (ctx) =>
    asPlatform(ctx, async (tx) => {
      const before = new Date(tx.now().getTime() - COMPARED_EVERY_MS)
      for (const { syncState, ...one } of await sweeps.listToCompare(
        tx.db,
        before,
        COMPARED_A_ROUND,
      ))
        await tx.enqueue(syncState === 'failed' ? pushAgentJob : compareAgentJob, one)
    }),
})
