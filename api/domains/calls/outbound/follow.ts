import type { Context, Tx } from '#api/core/context.ts'
import { inTransaction, tenantOf } from '#api/core/context.ts'
import { DomainError } from '#api/core/errors.ts'
import { currentSettings } from '#api/domains/system/service.ts'
import { carrierOfCall } from '../carrier-of-call.ts'
import { settleUnstarted } from '../end.ts'
import * as calls from '../queries.ts'
import { adopt, dial } from './dial.ts'
import { readFacts } from './facts.ts'
import { CLOCK_SKEW_MS, LOOK_UP_SECONDS, MAX_ATTEMPTS, PLACING_SECONDS } from './limits.ts'
import { placeOutboundCall } from './place.ts'
import * as queries from './queries.ts'
import { refusalOf } from './refusals.ts'

/**
 * Goes on with a call whose placing did not come to an end: by whoever died over it, or because the carrier's answer
 * was lost. `later` says that the carrier has to be asked again.
 */
export async function followOutboundCall(ctx: Context, callId: string): Promise<'done' | 'later'> {
  const organizationId = tenantOf(ctx)
  const found = await inTransaction(ctx, (tx) =>
    queries.lockOutbound(tx.db, organizationId, callId),
  )
  if (!found || found.call.settledAt || found.call.twilioCallSid) return 'done'
  // Whoever claimed it is at it, or died over it.
  const isYoung = (since: Date) => ctx.now().getTime() - since.getTime() < LOOK_UP_SECONDS * 1000
  if (isYoung(found.outbound.dialledAt ?? found.call.createdAt)) return 'later'
  if (found.call.state === 'created') {
    await placeQuietly(ctx, callId)
    return 'later'
  }
  const { call, outbound } = found
  const dialledAt = outbound.dialledAt ?? call.createdAt
  const lost = await findLost(ctx, call, dialledAt)
  if (lost) {
    await adopt(ctx, callId, lost)
    return 'done'
  }
  if (!(await mayTryAgain(ctx, callId, outbound.attempts))) return 'done'
  await dial(ctx, callId)
  return 'later'
}

/** The refusal is on record; nobody waits for it here. */
async function placeQuietly(ctx: Context, callId: string): Promise<void> {
  try {
    await placeOutboundCall(ctx, callId)
  } catch (error) {
    if (!(error instanceof DomainError)) throw error
  }
}

/** The carrier's call that we asked for and were not told of. */
async function findLost(
  ctx: Context,
  call: { fromNumber: string; toNumber: string; twilioAccountSid: string | null },
  dialledAt: Date,
): Promise<string | undefined> {
  const organizationId = tenantOf(ctx)
  const createdAfter = new Date(dialledAt.getTime() - CLOCK_SKEW_MS)
  const between = { from: call.fromNumber, to: call.toNumber, createdAfter }
  const carrier = await carrierOfCall(ctx, call)
  // Two calls of one organization to one number never run at once, so at most one is nobody's.
  for (const { twilioCallSid } of await carrier.findCalls(between)) {
    const isKnown = await inTransaction(ctx, (tx) =>
      queries.isKnownTwilioCall(tx.db, organizationId, twilioCallSid),
    )
    if (!isKnown) return twilioCallSid
  }
  return undefined
}

/**
 * One retry, where the call may still be placed and nobody else tried meanwhile; all that stands against it is looked
 * at again.
 */
async function mayTryAgain(ctx: Context, callId: string, attempts: number): Promise<boolean> {
  const organizationId = tenantOf(ctx)
  const settings = await currentSettings(ctx)
  return await inTransaction(ctx, async (tx) => {
    const found = await queries.lockOutbound(tx.db, organizationId, callId)
    if (!found || found.call.settledAt || found.call.twilioCallSid) return false
    if (found.outbound.attempts !== attempts) return false
    const refusal = await refusalNow(tx, found, settings.outboundDailyMinutes)
    if (refusal) {
      await settleUnstarted(tx, callId, refusal)
      return false
    }
    await queries.updateOutbound(tx.db, organizationId, callId, {
      attempts: found.outbound.attempts + 1,
      dialledAt: tx.now(),
    })
    await calls.updateCall(tx.db, organizationId, callId, {
      streamTokenExpiresAt: calls.inSeconds(PLACING_SECONDS),
    })
    return true
  })
}

async function refusalNow(
  tx: Tx,
  { call, outbound }: NonNullable<Awaited<ReturnType<typeof queries.lockOutbound>>>,
  outboundDailyMinutes: number,
): Promise<string | undefined> {
  if (outbound.attempts >= MAX_ATTEMPTS) return 'carrier_unreachable'
  const about = { ...call, callId: call.id, consentObtainedAt: outbound.consentObtainedAt }
  const { facts, asked } = await readFacts(tx, about, outboundDailyMinutes)
  return refusalOf(facts, asked)?.code
}
