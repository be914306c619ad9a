import { z } from 'zod'
import { forOrganization, inTransaction } from '#api/core/context.ts'
import { job } from '#api/core/jobs.ts'
import * as documentRows from './document-queries.ts'
import { pushAgentJob } from './push.ts'
import * as queries from './queries.ts'

/** After a document was deleted: the agents that knew it are taught without it, before they are missed as drifted. */
export const forgetDocumentJob = job({
  name: 'agents.forget-document',
  data: z.object({ organizationId: z.uuid(), documentId: z.uuid() }),
  retry: { limit: 5, delaySeconds: 5 },
  key: ({ documentId }) => documentId,
  run: (ctx, { organizationId, documentId }) =>
    inTransaction(forOrganization(ctx, organizationId), async (tx) => {
      for (const agentId of await documentRows.listUsing(tx.db, organizationId, documentId)) {
        await queries.updateAgent(tx.db, organizationId, agentId, { syncState: 'pending' })
        await tx.enqueue(pushAgentJob, { organizationId, agentId })
      }
    }),
})
