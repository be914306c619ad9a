import { z } from 'zod'
import { asPlatform } from '#api/core/context.ts'
import { job } from '#api/core/jobs.ts'
import * as queries from './queries.ts'

export const deleteWindowsJob = job({
  name: 'rate-limits.delete-windows',
  data: z.object({}),
  retry: { limit: 3, delaySeconds: 60 },
  key: () => 'all',
  async run(ctx) {
    await asPlatform(ctx, (tx) => queries.deleteExpired(tx.db, tx.now()))
  },
})
