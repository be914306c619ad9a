import { randomUUIDv7 } from 'node:crypto'
import type { Context, Tx } from '#api/core/context.ts'
import { inTransaction, tenantOf } from '#api/core/context.ts'
import type { CallOrder } from '#api/core/vendors.ts'
import { carrierOfCall } from '../carrier-of-call.ts'
import { carrierLimitSeconds, settleUnstarted } from '../end.ts'
import { STREAM_TOKEN_SECONDS } from '../limits.ts'
import * as calls from '../queries.ts'
import * as timeline from '../timeline-queries.ts'
import { RING_SECONDS } from './limits.ts'
import * as queries from './queries.ts'

/**
 * Asks the carrier for the call, once. What it answered is written down; where the answer is lost, nothing is done
 * about it here: the job that follows the call looks for it (THREATS F17).
 */
export async function dial(ctx: Context, callId: string): Promise<void> {
  const organizationId = tenantOf(ctx)
  const facts = await inTransaction(ctx, (tx) => calls.findCallToRun(tx.db, organizationId, callId))
  if (!facts || facts.fundedSeconds === null) return
  const { call, fundedSeconds } = facts
  const carrier = await carrierOfCall(ctx, call)
  const creation = await carrier.createCall(orderOf(ctx, call, fundedSeconds))
  if (creation.outcome === 'created') {
    await adopt(ctx, callId, creation.twilioCallSid)
    return
  }
  if (creation.outcome === 'unknown')
    ctx.log.warn({ callId, err: creation.failure }, 'whether a call was placed is not known')
  await inTransaction(ctx, async (tx) => {
    const isRefused = creation.outcome === 'refused'
    await note(tx, callId, isRefused ? 'carrier.refused' : 'carrier.unconfirmed', {
      ...(isRefused && { code: creation.code, words: creation.words }),
    })
    if (isRefused) await settleUnstarted(tx, callId, 'calls.carrier_refused')
  })
}

/**
 * Ties the carrier's call to ours. A second one, made by a creation that was thought lost, is hung up; false then.
 */
export async function adopt(ctx: Context, callId: string, twilioCallSid: string): Promise<boolean> {
  const organizationId = tenantOf(ctx)
  const { isOurs, twilioAccountSid } = await inTransaction(ctx, async (tx) => {
    const waitSeconds = RING_SECONDS + STREAM_TOKEN_SECONDS
    const adopted = await queries.adoptTwilioCall(tx.db, organizationId, callId, {
      twilioCallSid,
      streamTokenExpiresAt: calls.inSeconds(waitSeconds),
    })
    if (adopted) {
      await note(tx, callId, 'carrier.placed', { twilioCallSid })
      return { isOurs: true, twilioAccountSid: adopted.twilioAccountSid }
    }
    const call = await calls.findCall(tx.db, organizationId, callId)
    return {
      isOurs: call?.twilioCallSid === twilioCallSid,
      twilioAccountSid: call?.twilioAccountSid ?? null,
    }
  })
  if (!isOurs) await (await carrierOfCall(ctx, { twilioAccountSid })).endCall(twilioCallSid)
  return isOurs
}

function orderOf(ctx: Context, call: calls.CallRow, fundedSeconds: number): CallOrder {
  const at = (what: string) => {
    const ids = new URLSearchParams({ organizationId: call.organizationId, callId: call.id })
    return `${ctx.vendors.gatewayUrl}/twilio/outbound/${what}?${ids}`
  }
  return {
    from: call.fromNumber,
    to: call.toNumber,
    answerUrl: at('answer'),
    fallbackUrl: ctx.vendors.fallbackUrl,
    statusUrl: at('status'),
    answeredByUrl: at('answered-by'),
    ringSeconds: RING_SECONDS,
    timeLimitSeconds: carrierLimitSeconds(fundedSeconds),
  }
}

export async function note(
  tx: Tx,
  callId: string,
  kind: string,
  data: Record<string, unknown> = {},
): Promise<void> {
  const organizationId = tenantOf(tx)
  const event = { organizationId, id: randomUUIDv7(), callId, at: tx.now(), kind, data }
  await timeline.insertCallEvents(tx.db, [event])
}
