import { z } from 'zod'
import { forOrganization, inTransaction } from '#api/core/context.ts'
import { job } from '#api/core/jobs.ts'
import { followOutboundCall } from './follow.ts'
import { LOOK_UP_SECONDS } from './limits.ts'

const ids = z.object({ organizationId: z.uuid(), callId: z.uuid() })

/** Finds out what became of a call that we asked the carrier for (THREATS F17). */
export const followOutboundCallJob = job({
  name: 'calls.follow-outbound-call',
  data: ids,
  // The carrier that could not be asked is asked again; the sweep ends what it never tells.
  retry: { limit: 4, delaySeconds: 5 },
  key: ({ callId }) => callId,
  run: async (ctx, { organizationId, callId }) => {
    const own = forOrganization(ctx, organizationId)
    if ((await followOutboundCall(own, callId)) === 'done') return
    await inTransaction(own, (tx) =>
      tx.enqueue(
        followOutboundCallJob,
        { organizationId, callId },
        { startAfterSeconds: LOOK_UP_SECONDS },
      ),
    )
  },
})
