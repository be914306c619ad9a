import { z } from 'zod'
import { forOrganization } from '#api/core/context.ts'
import { job } from '#api/core/jobs.ts'
import { carrierOfCall } from '../carrier-of-call.ts'

/** Ends a call at the carrier: a machine answered that nobody wants to talk to. */
export const endAtCarrierJob = job({
  name: 'calls.end-at-carrier',
  data: z.object({
    organizationId: z.uuid(),
    twilioAccountSid: z.string(),
    twilioCallSid: z.string(),
  }),
  retry: { limit: 4, delaySeconds: 1 },
  key: ({ twilioCallSid }) => twilioCallSid,
  run: async (ctx, { organizationId, twilioAccountSid, twilioCallSid }) => {
    const own = forOrganization(ctx, organizationId)
    await (await carrierOfCall(own, { twilioAccountSid })).endCall(twilioCallSid)
  },
})
