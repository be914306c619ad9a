import { z } from 'zod'
import { job } from '#api/core/jobs.ts'
import { rewrapDataKeys } from './service.ts'

/** After a new key-encryption key was put in front: brings every data key under it. */
export const rewrapDataKeysJob = job({
  name: 'secrets.rewrap-data-keys',
  data: z.object({}),
  retry: { limit: 5, delaySeconds: 60 },
  key: () => 'rewrap',
  run: async (ctx) => {
    const rewrapped = await rewrapDataKeys(ctx)
    if (rewrapped > 0) ctx.log.info({ rewrapped }, 'data keys are under the new key')
  },
})
