import { z } from 'zod'
import { event } from '#api/core/events.ts'

const ids = z.object({ organizationId: z.uuid(), callId: z.uuid() })

/** Somebody wants a call placed; it is decided and dialled next. */
export const callClaimed = event('call.claimed', ids)
export const callStarted = event('call.started', ids)
export const callSettled = event('call.settled', ids)
/** The carrier has recorded a call, or a message that a caller left instead of one. */
export const carrierRecorded = event(
  'call.carrier-recorded',
  ids.extend({ twilioRecordingSid: z.string() }),
)
/** A settled call has what vendors say about it. */
export const callReconciled = event('call.reconciled', ids)
