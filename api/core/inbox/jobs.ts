import { z } from 'zod'
import { asPlatform } from '#api/core/context.ts'
import { job } from '#api/core/jobs.ts'
import { deleteRejectionsBefore } from './queries.ts'

const KEEP_REJECTIONS_MS = 30 * 24 * 3_600_000 // long enough to look into what somebody tried

export const forgetRejectionsJob = job({
  name: 'inbox.forget-rejections',
  data: z.object({}),
  retry: { limit: 3, delaySeconds: 60 },
  key: () => 'forget',
  run: (ctx) =>
    asPlatform(ctx, (tx) =>
      deleteRejectionsBefore(tx.db, new Date(tx.now().getTime() - KEEP_REJECTIONS_MS)),
    ),
})
