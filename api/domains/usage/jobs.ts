import { z } from 'zod'
import { asPlatform, forOrganization, inTransaction } from '#api/core/context.ts'
import { job } from '#api/core/jobs.ts'
import * as queries from './queries.ts'
import { dayOfCall, foldDays, rebuildUsage, refreshDay } from './recount.ts'
import { verifyUsage } from './verify.ts'

const REFRESH_AFTER_SECONDS = 3 // calls that settle within this time are counted together

/** A call counts for a day, which only the organization's time zone tells. */
export const noteCallJob = job({
  name: 'usage.note-call',
  data: z.object({ organizationId: z.uuid(), callId: z.uuid() }),
  retry: { limit: 5, delaySeconds: 2 },
  key: ({ callId }) => callId,
  run: (ctx, { organizationId, callId }) =>
    inTransaction(forOrganization(ctx, organizationId), async (tx) => {
      const day = await dayOfCall(tx, callId)
      const options = { startAfterSeconds: REFRESH_AFTER_SECONDS }
      if (day) await tx.enqueue(refreshDayJob, { organizationId, day }, options)
    }),
})

export const refreshDayJob = job({
  name: 'usage.refresh-day',
  data: z.object({ organizationId: z.uuid(), day: z.iso.date() }),
  retry: { limit: 5, delaySeconds: 2 },
  key: ({ organizationId, day }) => `${organizationId}:${day}`,
  run: (ctx, { organizationId, day }) => refreshDay(forOrganization(ctx, organizationId), day),
})

export const rebuildUsageJob = job({
  name: 'usage.rebuild',
  data: z.object({ organizationId: z.uuid() }),
  retry: { limit: 5, delaySeconds: 10 },
  key: ({ organizationId }) => organizationId,
  run: (ctx, { organizationId }) => rebuildUsage(forOrganization(ctx, organizationId)),
})

/** Metrics are right without it; with it they read a row a day. */
export const foldDaysJob = job({
  name: 'usage.fold-days',
  data: z.object({}),
  retry: { limit: 3, delaySeconds: 10 },
  key: () => 'fold',
  run: foldDays,
})

/** Each night sums and calls are compared, and what differs is made anew; that it differed is told. */
export const repairUsageJob = job({
  name: 'usage.repair',
  data: z.object({}),
  retry: { limit: 3, delaySeconds: 60 },
  key: () => 'repair',
  run: async (ctx) => {
    const { findings } = await verifyUsage(ctx)
    const wrong = await asPlatform(ctx, (tx) => queries.findWrongMonths(tx.db))
    for (const organizationId of new Set([
      ...findings.map((one) => one.organizationId),
      ...wrong,
    ])) {
      ctx.log.error({ alert: 'usage.drift', organizationId }, 'usage sums differ from their calls')
      await inTransaction(forOrganization(ctx, organizationId), (tx) =>
        tx.enqueue(rebuildUsageJob, { organizationId }),
      )
    }
    const days = await asPlatform(ctx, (tx) => queries.markWrongFolds(tx.db))
    if (days.length > 0)
      ctx.log.error({ alert: 'usage.drift', days }, 'folded sums differ from their organizations')
  },
})
