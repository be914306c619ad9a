import { z } from 'zod'
import { job } from '#api/core/jobs.ts'
import { verifyPlatform } from './verify.ts'

/** Nobody has to remember to check; what is found is logged, and shown in the office. */
export const verifyPlatformJob = job({
  name: 'operations.verify-platform',
  data: z.object({}),
  retry: { limit: 2, delaySeconds: 600 },
  key: () => 'all',
  run: async (ctx) => {
    const { ok, findings } = await verifyPlatform(ctx)
    if (!ok)
      ctx.log.error(
        { alert: 'verify.findings', findings: findings.slice(0, MOST_LOGGED) },
        'what must always hold does not',
      )
  },
})

const MOST_LOGGED = 20
