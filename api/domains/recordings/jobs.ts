import { z } from 'zod'
import { forOrganization } from '#api/core/context.ts'
import { job } from '#api/core/jobs.ts'
import { storeCarrierRecording } from './from-carrier.ts'

/** Fetches what the carrier recorded; it is there some seconds after the carrier told of it. */
export const storeCarrierRecordingJob = job({
  name: 'recordings.store-from-carrier',
  data: z.object({
    organizationId: z.uuid(),
    callId: z.uuid(),
    twilioRecordingSid: z.string(),
  }),
  retry: { limit: 6, delaySeconds: 3 },
  key: ({ callId }) => callId,
  run: async (ctx, { organizationId, ...recorded }) => {
    await storeCarrierRecording(forOrganization(ctx, organizationId), recorded)
  },
})
