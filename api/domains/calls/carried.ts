import type { Context } from '#api/core/context.ts'
import { forOrganization, inTransaction, read } from '#api/core/context.ts'
import { VendorError } from '#api/core/errors.ts'
import { findRouteByNumber } from '#api/domains/phone-numbers/service.ts'
import { currentSettings } from '#api/domains/system/service.ts'
import { type Admission, admitInboundCall, type InboundCall } from './admit.ts'
import * as carriedCalls from './carried-queries.ts'
import { carrierOfCall } from './carrier-of-call.ts'
import { carrierLimitSeconds, settleUnstarted } from './end.ts'
import * as errors from './errors.ts'
import * as queries from './queries.ts'
import { claimStream, linkConversation } from './stream.ts'

/** Leases of calls that ElevenLabs carries: whoever meters them takes them over when they run out. */
export const METER_OWNER = 'meter'

/**
 * Has ElevenLabs carry a call that we answered: its TwiML, with the call live and limited at the carrier. Asked again
 * for the same call, it answers again.
 */
export async function registerCall(
  ctx: Context,
  admission: Admission,
  asked: InboundCall,
): Promise<string> {
  const own = forOrganization(ctx, admission.organizationId)
  const maxDurationSeconds = await lastSecondOf(own, admission)
  let registered: Awaited<ReturnType<typeof ctx.vendors.elevenLabs.registerCall>>
  try {
    registered = await ctx.vendors.elevenLabs.registerCall({
      elevenLabsAgentId: admission.elevenLabsAgentId,
      from: asked.from,
      to: asked.to,
      maxDurationSeconds,
      variables: variablesOf(admission, asked),
    })
  } catch (error) {
    if (!(error instanceof VendorError)) throw error
    ctx.log.warn({ err: error, callId: admission.callId }, 'a call could not be registered')
    // THREATS F13: what was held goes back at once.
    await inTransaction(own, (tx) => settleUnstarted(tx, admission.callId, 'agent_start_failed'))
    throw errors.agentNotReached()
  }
  await begin(ctx, admission, asked.twilioCallSid, registered.conversationId)
  return registered.twiml
}

export type NativeAnswer = {
  variables: Record<string, string>
  /** What the agent says first, where something has to be said before it. */
  firstMessage: string | null
  /** Where the wallet affords no second part: the last second that is paid. */
  maxDurationSeconds: number | null
}

/**
 * ElevenLabs asks before it answers an imported number. A call that is not admitted is hung up at the carrier: its
 * question knows no "no".
 */
export async function admitNativeCall(
  ctx: Context,
  asked: {
    from: string
    to: string
    twilioCallSid: string
    elevenLabsAgentId: string
    conversationId: string | null
  },
): Promise<NativeAnswer> {
  const route = await findRouteByNumber(ctx, asked.to)
  if (!route) throw errors.numberNotInService()
  const { twilioAccountSid } = route
  const call = { ...asked, twilioAccountSid, byElevenLabs: asked }
  try {
    const admission = await admitInboundCall(ctx, call)
    const own = forOrganization(ctx, admission.organizationId)
    const maxDurationSeconds = await lastSecondOf(own, admission)
    const words = await read(own, (db) =>
      carriedCalls.findFirstMessage(db, admission.organizationId, admission.callId),
    )
    await begin(ctx, admission, asked.twilioCallSid, asked.conversationId)
    const { announcement } = admission
    return {
      variables: variablesOf(admission, call),
      firstMessage: announcement && words ? `${announcement} ${words}` : null,
      maxDurationSeconds,
    }
  } catch (error) {
    await (await carrierOfCall(ctx, { twilioAccountSid })).endCall(asked.twilioCallSid)
    throw error
  }
}

/** The call is somebody else's to carry from here on: live, leased to whoever meters, limited at the carrier. */
async function begin(
  ctx: Context,
  admission: Admission,
  twilioCallSid: string,
  conversationId: string | null,
): Promise<void> {
  const { organizationId, callId } = admission
  const running = await claimStream(ctx, {
    organizationId,
    callId,
    token: admission.streamToken,
    twilioCallSid,
    owner: METER_OWNER,
    address: '',
  })
  if (running === 'refused') throw errors.callNotRunning()
  // Twilio's second question about a call: it is live already, and another conversation takes it.
  const call = running === 'used' ? { organizationId, callId, epoch: 1 } : running
  if (conversationId !== null) await linkConversation(ctx, call, conversationId)
  if (running === 'used') return
  try {
    const carrier = await carrierOfCall(ctx, admission)
    await carrier.setTimeLimit(twilioCallSid, carrierLimitSeconds(running.fundedSeconds))
  } catch (error) {
    // The meter sets it within half a minute; what is spoken meanwhile was held.
    ctx.log.warn({ err: error, callId }, 'the carrier limit was not set')
  }
}

/** Where less than a part could be held there will be no second one: the call's own limit says so as well. */
async function lastSecondOf(own: Context, admission: Admission): Promise<number | null> {
  const { sliceSeconds } = await currentSettings(own)
  const facts = await read(own, (db) =>
    queries.findCallToRun(db, admission.organizationId, admission.callId),
  )
  const funded = facts?.fundedSeconds ?? 0
  return funded < sliceSeconds ? funded : null
}

/** What the gateway tells an agent as well; reviews come back with it. */
const variablesOf = (admission: Admission, asked: InboundCall) => ({
  call_id: admission.callId,
  call_sid: asked.twilioCallSid,
  caller_number: asked.from,
})
