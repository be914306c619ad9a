import { z } from 'zod'
import { event } from '#api/core/events.ts'

export const recordingStored = event(
  'recording.stored',
  z.object({ organizationId: z.uuid(), callId: z.uuid() }),
)
