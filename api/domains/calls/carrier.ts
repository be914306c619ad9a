import { randomUUIDv7 } from 'node:crypto'
import type { Context } from '#api/core/context.ts'
import { asPlatform, forOrganization, inTransaction } from '#api/core/context.ts'
import { markHandled, rememberDelivery } from '#api/core/inbox/service.ts'
import { endCarried, endUnstarted } from './end.ts'
import * as queries from './queries.ts'
import * as timeline from './timeline-queries.ts'

/** Statuses after which the carrier sends nothing more about a call. */
const finalStatuses = ['completed', 'busy', 'failed', 'no-answer', 'canceled']

/** Why a call that never ran is over; what is not here says no more than that no media came. */
const unstartedReasons: Record<string, string> = {
  busy: 'callee_busy',
  'no-answer': 'no_answer',
  failed: 'carrier_failed',
  canceled: 'canceled',
}

export type CarrierStatus = {
  twilioCallSid: string
  twilioAccountSid: string
  status: string
  durationSeconds: number | null
  /** Order of the carrier's own events; deliveries come in any order. */
  sequence: number | null
}

/**
 * Puts the carrier's word about a call on its timeline, once per status. A call that is over before it ever ran gives
 * its money back at once. A running one it does not end: the owner sees its socket close, and a call whose owner is
 * gone is ended by the sweep.
 */
export async function noteCarrierStatus(
  ctx: Context,
  told: CarrierStatus,
): Promise<'noted' | 'known' | 'unknown call'> {
  const deliveryId = `${told.twilioCallSid}:${told.status}`
  const call = await asPlatform(ctx, async (tx) => {
    const found = await queries.findCallByTwilioSid(tx.db, told.twilioCallSid)
    if (!found || found.twilioAccountSid !== told.twilioAccountSid) return null
    const ids = { twilioCallSid: told.twilioCallSid }
    await rememberDelivery(tx, 'twilio', deliveryId, `call.${told.status}`, ids)
    return found
  })
  if (!call) return 'unknown call'
  const outcome = await applyCarrierStatus(ctx, call, told)
  await asPlatform(ctx, (tx) => markHandled(tx, 'twilio', deliveryId, outcome))
  return outcome
}

/** What the carrier's word changes, whether it was told or asked for. */
export async function applyCarrierStatus(
  ctx: Context,
  call: queries.CallRow,
  told: Pick<CarrierStatus, 'status' | 'durationSeconds' | 'sequence'>,
): Promise<'noted' | 'known'> {
  return await inTransaction(forOrganization(ctx, call.organizationId), async (tx) => {
    const locked = await queries.lockCall(tx.db, call.organizationId, call.id)
    const kind = `carrier.${told.status}`
    if (await timeline.hasCallEvent(tx.db, call.organizationId, call.id, kind)) return 'known'
    await timeline.insertCallEvents(tx.db, [
      {
        organizationId: call.organizationId,
        id: randomUUIDv7(),
        callId: call.id,
        at: ctx.now(),
        kind,
        data: { sequence: told.sequence, durationSeconds: told.durationSeconds },
      },
    ])
    if (told.status === 'ringing' && locked?.state === 'authorized')
      await queries.updateCall(tx.db, call.organizationId, call.id, {
        state: 'ringing',
        reason: 'phone_rings',
      })
    if (!finalStatuses.includes(told.status)) return 'noted'
    if (told.durationSeconds !== null) {
      await queries.updateCall(tx.db, call.organizationId, call.id, {
        vendorSeconds: told.durationSeconds,
      })
    }
    if (locked) await endUnstarted(tx, locked, unstartedReasons[told.status])
    if (locked?.state === 'live' && locked.route !== 'gateway' && told.durationSeconds !== null)
      await endCarried(tx, locked, told.durationSeconds)
    return 'noted'
  })
}
