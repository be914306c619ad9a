import type { Context } from '#api/core/context.ts'
import { asPlatform, inTransaction, tenantOf } from '#api/core/context.ts'
import { VendorError } from '#api/core/errors.ts'
import { carrierOfCall } from './carrier-of-call.ts'
import { callReconciled } from './events.ts'
import * as queries from './queries.ts'

/** How far back the polling twin of the post-call webhook looks. */
const LOOK_BACK_MS = 72 * 3_600_000
const POLL_BATCH = 100

/**
 * Compares a settled call with what ElevenLabs and Twilio say about it and keeps their figures. What is not
 * known yet stays null; a conversation that is still being processed asks for another try.
 */
export async function reconcileCall(
  ctx: Context,
  callId: string,
  { again = false }: { again?: boolean } = {},
): Promise<'reconciled' | 'nothing to do'> {
  const organizationId = tenantOf(ctx)
  const call = await inTransaction(ctx, (tx) => queries.findCall(tx.db, organizationId, callId))
  if (!call?.settledAt || !call.elevenLabsConversationId) return 'nothing to do'
  if (call.reconciledAt && !again) return 'nothing to do'
  const conversation = await ctx.vendors.elevenLabs.fetchConversation(call.elevenLabsConversationId)
  if (!conversation || (conversation.status !== 'done' && conversation.status !== 'failed'))
    throw new VendorError('elevenlabs', 'conversations.get', { retryable: true })
  const carrier = call.twilioCallSid
    ? await (await carrierOfCall(ctx, call)).fetchCall(call.twilioCallSid)
    : null
  await inTransaction(ctx, async (tx) => {
    await queries.updateCall(tx.db, organizationId, callId, {
      reconciledAt: ctx.now(),
      vendorSeconds: carrier?.durationSeconds ?? call.vendorSeconds,
      elevenLabsSeconds: conversation.durationSeconds,
      vendorCostMicroUsd:
        conversation.costUsd === null ? null : Math.round(conversation.costUsd * 1_000_000),
      vendorSummary: conversation.summary,
    })
    await tx.emit(callReconciled, { organizationId, callId })
  })
  return 'reconciled'
}

/** The polling twin of the post-call webhook: calls that nothing has confirmed yet. */
export async function listCallsToReconcile(ctx: Context) {
  const now = ctx.now().getTime()
  return await asPlatform(ctx, (tx) =>
    queries.listUnreconciledCalls(tx.db, {
      settledAfter: new Date(now - LOOK_BACK_MS),
      settledBefore: new Date(now - 30_000),
      atMost: POLL_BATCH,
    }),
  )
}
