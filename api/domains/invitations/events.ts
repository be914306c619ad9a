import { z } from 'zod'
import { event } from '#api/core/events.ts'

/** An invitation has a new link; `sends` says which. */
export const invitationIssued = event(
  'invitation.issued',
  z.object({ organizationId: z.uuid(), invitationId: z.uuid(), sends: z.int().min(1) }),
)
