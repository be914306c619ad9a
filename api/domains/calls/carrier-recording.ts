import { randomUUIDv7 } from 'node:crypto'
import type { Context } from '#api/core/context.ts'
import { asPlatform, forOrganization, inTransaction, read, tenantOf } from '#api/core/context.ts'
import { markHandled, rememberDelivery } from '#api/core/inbox/service.ts'
import type { TwilioClient } from '#api/core/vendors.ts'
import { carrierOfCall } from './carrier-of-call.ts'
import { carrierRecorded } from './events.ts'
import * as queries from './queries.ts'
import * as timeline from './timeline-queries.ts'

const RECORDED = 'carrier.recorded'

/**
 * The carrier has recorded a call that others carry, or what a caller said whose call was not taken: such a call
 * counts as a message that was left, and costs nothing.
 */
export async function noteCarrierRecording(
  ctx: Context,
  told: {
    twilioCallSid: string
    twilioAccountSid: string
    twilioRecordingSid: string
    durationSeconds: number
  },
): Promise<'noted' | 'known' | 'unknown call'> {
  const { twilioCallSid, twilioRecordingSid, durationSeconds } = told
  const deliveryId = `${twilioRecordingSid}:completed`
  const call = await asPlatform(ctx, async (tx) => {
    const found = await queries.findCallByTwilioSid(tx.db, twilioCallSid)
    if (found?.twilioAccountSid !== told.twilioAccountSid) return undefined
    await rememberDelivery(tx, 'twilio', deliveryId, 'recording.completed', { twilioCallSid })
    return found
  })
  if (!call) {
    ctx.log.warn({ alert: 'webhook.not_ours', twilioCallSid }, 'a recording of no call of ours')
    return 'unknown call'
  }
  const { organizationId, id: callId } = call
  const outcome = await inTransaction(forOrganization(ctx, organizationId), async (tx) => {
    const locked = await queries.lockCall(tx.db, organizationId, callId)
    if (await timeline.hasCallEvent(tx.db, organizationId, callId, RECORDED)) return 'known'
    const data = { durationSeconds }
    await timeline.insertCallEvents(tx.db, [
      { organizationId, id: randomUUIDv7(), callId, at: ctx.now(), kind: RECORDED, data },
    ])
    if (locked?.billingStatus === 'blocked')
      await queries.updateCall(tx.db, organizationId, callId, {
        reason: 'voicemail',
        billingStatus: 'waived',
      })
    await tx.emit(carrierRecorded, { organizationId, callId, twilioRecordingSid })
    return 'noted'
  })
  await asPlatform(ctx, (tx) => markHandled(tx, 'twilio', deliveryId, outcome))
  return outcome
}

/** Twilio through the account of a call of this organization; null where there is no such call. */
export async function findCarrierOfCall(
  ctx: Context,
  callId: string,
): Promise<TwilioClient | null> {
  const call = await read(ctx, (db) => queries.findCall(db, tenantOf(ctx), callId))
  return call ? carrierOfCall(ctx, call) : null
}
