import { z } from 'zod'
import { job } from '#api/core/jobs.ts'
import { meterCarriedCalls } from './meter-carried.ts'

/** Meters calls of any organization whose media ElevenLabs carries. */
export const meterCarriedCallsJob = job({
  name: 'calls.meter-carried-calls',
  data: z.object({}),
  retry: { limit: 0, delaySeconds: 0 },
  key: () => 'meter',
  run: async (ctx) => {
    await meterCarriedCalls(ctx)
  },
})
