import { z } from 'zod'
import { event } from '#api/core/events.ts'

const ids = z.object({ organizationId: z.uuid(), callId: z.uuid() })

/** Somebody wants a call placed; it is decided and dialled next. */
export const callClaimed = event('call.claimed', ids)
export const callStarted = event('call.started', ids)
export const callSettled = event('call.settled', ids)
/** A settled call has what vendors say about it. */
export const callReconciled = event('call.reconciled', ids)
