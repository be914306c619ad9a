import { z } from 'zod'
import { asPlatform, forOrganization } from '#api/core/context.ts'
import { job } from '#api/core/jobs.ts'
import { endAbandonedCalls } from './end.ts'
import { listCallsToReconcile, reconcileCall } from './reconcile.ts'

export const reconcileCallJob = job({
  name: 'calls.reconcile-call',
  data: z.object({ organizationId: z.uuid(), callId: z.uuid() }),
  retry: { limit: 8, delaySeconds: 2 },
  key: ({ callId }) => callId,
  run: async (ctx, { organizationId, callId }) => {
    await reconcileCall(forOrganization(ctx, organizationId), callId)
  },
})

/** Finds what webhooks did not tell. */
export const pollConversationsJob = job({
  name: 'calls.poll-conversations',
  data: z.object({}),
  retry: { limit: 0, delaySeconds: 0 },
  key: () => 'poll',
  run: async (ctx) => {
    const waiting = await listCallsToReconcile(ctx)
    await asPlatform(ctx, async (tx) => {
      for (const call of waiting) await tx.enqueue(reconcileCallJob, call)
    })
  },
})

export const endAbandonedCallsJob = job({
  name: 'calls.end-abandoned-calls',
  data: z.object({}),
  retry: { limit: 0, delaySeconds: 0 },
  key: () => 'sweep',
  run: async (ctx) => {
    await endAbandonedCalls(ctx)
  },
})
