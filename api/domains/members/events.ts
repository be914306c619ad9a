import { z } from 'zod'
import { event } from '#api/core/events.ts'

const membership = z.object({ organizationId: z.uuid(), userId: z.uuid() })

export const memberJoined = event('member.joined', membership)
export const memberRemoved = event('member.removed', membership)
