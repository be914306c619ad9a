import { z } from 'zod'
import { forOrganization } from '#api/core/context.ts'
import { job } from '#api/core/jobs.ts'
import { ingestDocument } from './ingest.ts'

export const ingestDocumentJob = job({
  name: 'knowledge.ingest-document',
  data: z.object({ organizationId: z.uuid(), documentId: z.uuid() }),
  retry: { limit: 5, delaySeconds: 10 },
  key: ({ documentId }) => documentId,
  run: (ctx, { organizationId, documentId }) =>
    ingestDocument(forOrganization(ctx, organizationId), documentId),
})
