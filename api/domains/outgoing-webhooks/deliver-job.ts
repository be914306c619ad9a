import { z } from 'zod'
import { forOrganization, inTransaction } from '#api/core/context.ts'
import { job } from '#api/core/jobs.ts'
import { deliverMessage } from './deliver.ts'

const data = z.object({ organizationId: z.uuid(), messageId: z.uuid() })

/** Keeps its own schedule of tries over three days, so the queue's few retries are for our own failures. */
export const deliverMessageJob = job({
  name: 'outgoing-webhooks.deliver-message',
  data,
  retry: { limit: 5, delaySeconds: 5 },
  key: ({ messageId }) => messageId,
  run: async (ctx, { organizationId, messageId }): Promise<void> => {
    const own = forOrganization(ctx, organizationId)
    const startAfterSeconds = await deliverMessage(own, messageId)
    if (startAfterSeconds === null) return
    await inTransaction(own, (tx) =>
      tx.enqueue(deliverMessageJob, { organizationId, messageId }, { startAfterSeconds }),
    )
  },
})
