import { z } from 'zod'
import { forOrganization } from '#api/core/context.ts'
import { job } from '#api/core/jobs.ts'
import { pushDocument } from './push.ts'

export const pushDocumentJob = job({
  name: 'knowledge.push-document',
  data: z.object({ organizationId: z.uuid(), documentId: z.uuid() }),
  retry: { limit: 5, delaySeconds: 10 },
  key: ({ documentId }) => documentId,
  run: async (ctx, { organizationId, documentId }) => {
    await pushDocument(forOrganization(ctx, organizationId), documentId)
  },
})
