import { z } from 'zod'
import { event } from '#api/core/events.ts'

/** A document can be found by searches now. */
export const documentIndexed = event(
  'document.indexed',
  z.object({ organizationId: z.uuid(), documentId: z.uuid() }),
)
