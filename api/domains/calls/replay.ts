import { asPlatform, forOrganization } from '#api/core/context.ts'
import type { Replay } from '#api/core/inbox/service.ts'
import { applyCarrierStatus } from './carrier.ts'
import { carrierOfCall } from './carrier-of-call.ts'
import { findCallOfConversation } from './live.ts'
import * as queries from './queries.ts'
import { reconcileCall } from './reconcile.ts'

/** The conversation is fetched once more and its call compared with it once more. */
export const replayElevenLabs: Replay = {
  vendor: 'elevenlabs',
  run: async (ctx, { subject }) => {
    const call =
      subject.conversationId && (await findCallOfConversation(ctx, subject.conversationId))
    return call ? await reconcileCall(call.own, call.callId, { again: true }) : 'not ours'
  },
}

/** The carrier is asked how the call stands, as if it had just told. */
export const replayTwilio: Replay = {
  vendor: 'twilio',
  run: async (ctx, { subject }) => {
    const { twilioCallSid = '' } = subject
    const call = await asPlatform(ctx, (tx) => queries.findCallByTwilioSid(tx.db, twilioCallSid))
    if (!call) return 'unknown call'
    const own = forOrganization(ctx, call.organizationId)
    const carrier = await (await carrierOfCall(own, call)).fetchCall(twilioCallSid)
    if (!carrier) return 'unknown to the carrier'
    return await applyCarrierStatus(own, call, {
      status: carrier.status,
      durationSeconds: carrier.durationSeconds,
      sequence: null,
    })
  },
}
