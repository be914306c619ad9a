import { z } from 'zod'
import { job } from '#api/core/jobs.ts'
import { forgetAnswers } from './service.ts'

export const forgetAnswersJob = job({
  name: 'idempotency.forget-answers',
  data: z.object({}),
  retry: { limit: 3, delaySeconds: 60 },
  key: () => 'all',
  async run(ctx) {
    const deleted = await forgetAnswers(ctx)
    if (deleted > 0) ctx.log.info({ deleted }, 'old answers are forgotten')
  },
})
