import type { Context } from '#api/core/context.ts'
import { forOrganization, inTransaction, read, tenantOf } from '#api/core/context.ts'
import { type Admission, issueToken } from '../admit.ts'
import { announcementFor } from '../announcement.ts'
import { type CarrierStatus, noteCarrierStatus } from '../carrier.ts'
import { MACHINE_HUNG_UP } from '../end.ts'
import * as calls from '../queries.ts'
import { adopt, note } from './dial.ts'
import { endAtCarrierJob } from './end-at-carrier-job.ts'
import * as queries from './queries.ts'

/** What the carrier tells us about a call that we placed; the address it uses is ours and says which. */
export type OutboundTold = {
  organizationId: string
  callId: string
  twilioCallSid: string
  twilioAccountSid: string
}

/** The other side picked up: what its media stream needs; null where the call is over, so that it is hung up. */
export async function answerOutboundCall(
  ctx: Context,
  told: OutboundTold,
): Promise<Admission | null> {
  const own = await adopted(ctx, told)
  if (!own) return null
  return await inTransaction(own, async (tx) => {
    const call = await calls.lockCall(tx.db, told.organizationId, told.callId)
    const isAwaited = call?.state === 'authorized' || call?.state === 'ringing'
    return call && isAwaited ? await issueToken(tx, call, call.resumes) : null
  })
}

/** What will be said first, in which voice, once somebody answers. */
export type Greeting = { voiceId: string; announcement: string }

/**
 * Told in any order, any number of times, maybe before our own request for the call was answered. While the phone rings
 * it answers what is said first, so that it can be made ready.
 */
export async function noteOutboundStatus(
  ctx: Context,
  told: OutboundTold & Pick<CarrierStatus, 'status' | 'durationSeconds' | 'sequence'>,
): Promise<Greeting | null> {
  const own = await adopted(ctx, told)
  if (!own) return null
  await noteCarrierStatus(ctx, told)
  if (told.status !== 'initiated' && told.status !== 'ringing') return null
  const facts = await read(own, (db) => calls.findCallToRun(db, told.organizationId, told.callId))
  const announcement = facts && announcementFor('outbound', facts)
  return facts?.voiceId && announcement ? { voiceId: facts.voiceId, announcement } : null
}

const ANSWERERS: Record<string, 'human' | 'machine' | 'fax'> = {
  human: 'human',
  machine_start: 'machine',
  machine_end_beep: 'machine',
  machine_end_silence: 'machine',
  machine_end_other: 'machine',
  fax: 'fax',
}

/**
 * Keeps who answered. A fax is hung up on, a machine where the call says so: what the call has lasted until then is
 * charged like any other, since the carrier and the agent were at work.
 */
export async function noteAnsweredBy(
  ctx: Context,
  told: OutboundTold & { answeredBy: string },
): Promise<void> {
  const own = await adopted(ctx, told)
  if (!own) return
  const { organizationId, callId, twilioAccountSid, twilioCallSid } = told
  await inTransaction(own, async (tx) => {
    const found = await queries.lockOutbound(tx.db, organizationId, callId)
    if (!found || found.outbound.answeredBy) return
    const answeredBy = ANSWERERS[told.answeredBy] ?? 'unknown'
    await queries.updateOutbound(tx.db, organizationId, callId, { answeredBy })
    await note(tx, callId, 'call.answered_by', { answeredBy })
    const isMachine = answeredBy === 'machine' && found.outbound.onMachine === 'hang_up'
    if (found.call.settledAt || !(isMachine || answeredBy === 'fax')) return
    await note(tx, callId, MACHINE_HUNG_UP)
    await tx.enqueue(endAtCarrierJob, { organizationId, twilioAccountSid, twilioCallSid })
  })
}

/** The call's own context, its carrier's call tied to it; null for one that is not ours or has another. */
async function adopted(ctx: Context, told: OutboundTold): Promise<Context | null> {
  const own = forOrganization(ctx, told.organizationId)
  const call = await inTransaction(own, (tx) => calls.findCall(tx.db, tenantOf(own), told.callId))
  const isOurs = call?.direction === 'outbound' && call.twilioAccountSid === told.twilioAccountSid
  if (!isOurs) {
    ctx.log.warn({ alert: 'webhook.not_ours' }, 'the carrier told of no call of ours')
    return null
  }
  return (await adopt(own, told.callId, told.twilioCallSid)) ? own : null
}
