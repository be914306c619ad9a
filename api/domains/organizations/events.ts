import { z } from 'zod'
import { event } from '#api/core/events.ts'

export const organizationPaused = event(
  'organization.paused',
  z.object({ organizationId: z.uuid() }),
)
