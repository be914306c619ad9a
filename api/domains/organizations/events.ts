import { z } from 'zod'
import { event } from '#api/core/events.ts'

export const organizationMoved = z.object({ organizationId: z.uuid() })

export const organizationPaused = event('organization.paused', organizationMoved)
export const organizationArchived = event('organization.archived', organizationMoved)
export const organizationResumed = event('organization.resumed', organizationMoved)

/** Days begin at another hour now, so what is summed by day has to be summed again. */
export const timeZoneChanged = event('organization.time-zone-changed', organizationMoved)
