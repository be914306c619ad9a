import { z } from 'zod'
import { job } from '#api/core/jobs.ts'

/** Ends a call at the carrier: a machine answered that nobody wants to talk to. */
export const endAtCarrierJob = job({
  name: 'calls.end-at-carrier',
  data: z.object({ organizationId: z.uuid(), twilioCallSid: z.string() }),
  retry: { limit: 4, delaySeconds: 1 },
  key: ({ twilioCallSid }) => twilioCallSid,
  run: async (ctx, { twilioCallSid }) => {
    await ctx.vendors.twilio.endCall(twilioCallSid)
  },
})
