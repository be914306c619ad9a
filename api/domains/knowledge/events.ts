import { z } from 'zod'
import { event } from '#api/core/events.ts'

/** A document can be found by searches now. */
export const documentIndexed = event(
  'document.indexed',
  z.object({ organizationId: z.uuid(), documentId: z.uuid() }),
)

/** A document is gone for everybody: agents that know it must be taught without it. */
export const documentDeleted = event(
  'document.deleted',
  z.object({ organizationId: z.uuid(), documentId: z.uuid() }),
)
