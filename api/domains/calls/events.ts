import { z } from 'zod'
import { event } from '#api/core/events.ts'

const ids = z.object({ organizationId: z.uuid(), callId: z.uuid() })

export const callStarted = event('call.started', ids)
export const callSettled = event('call.settled', ids)
/** A settled call has what vendors say about it. */
export const callReconciled = event('call.reconciled', ids)
