import { z } from 'zod'
import { job } from '#api/core/jobs.ts'
import { anchorHeads } from './service.ts'

/** Writes the heads of all chains outside the database, once a day. */
export const anchorAuditHeadsJob = job({
  name: 'audit.anchor-heads',
  data: z.object({}),
  retry: { limit: 10, delaySeconds: 300 },
  key: () => 'anchor',
  run: async (ctx) => {
    await anchorHeads(ctx)
  },
})
