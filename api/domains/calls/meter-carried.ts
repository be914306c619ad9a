import type { Context } from '#api/core/context.ts'
import { asPlatform, forOrganization, inTransaction, tenantOf } from '#api/core/context.ts'
import { currentSettings } from '#api/domains/system/service.ts'
import { METER_OWNER } from './carried.ts'
import * as carriedCalls from './carried-queries.ts'
import { carrierOfCall } from './carrier-of-call.ts'
import { carrierLimitSeconds, endCall } from './end.ts'
import * as leases from './lease-queries.ts'
import { LEASE_SECONDS, MAX_CALL_SECONDS } from './limits.ts'
import { extendSlice } from './meter.ts'
import * as queries from './queries.ts'

const AT_ONCE = 10
const BATCH = 500
// A call is looked at when its lease has run out: its length, the sweep's pace, and what a slow carrier takes.
const LOOK_EVERY_SECONDS = LEASE_SECONDS + 10

type Due = Awaited<ReturnType<typeof carriedCalls.listCarriedCallsDue>>[number]

/**
 * Pays the next part of calls that ElevenLabs carries, and settles those that are over: what a gateway does for the
 * calls it carries itself. Any worker may do it; whoever holds a call's lease is alone with it.
 */
export async function meterCarriedCalls(ctx: Context): Promise<number> {
  const due = await asPlatform(ctx, (tx) => carriedCalls.listCarriedCallsDue(tx.db, BATCH))
  let metered = 0
  for (let start = 0; start < due.length; start += AT_ONCE) {
    const together = due.slice(start, start + AT_ONCE).map(async (call) => {
      try {
        if (await meter(forOrganization(ctx, call.organizationId), call)) metered++
      } catch (error) {
        // The carrier's limit stands, so the call ends at its paid second; the next look tries again.
        ctx.log.error({ callId: call.callId, err: error }, 'a carried call could not be metered')
      }
    })
    await Promise.all(together)
  }
  return metered
}

async function meter(ctx: Context, call: Due): Promise<boolean> {
  const organizationId = tenantOf(ctx)
  const settings = await currentSettings(ctx)
  const lease = await inTransaction(ctx, (tx) =>
    leases.takeOverLease(tx.db, organizationId, call.callId, LEASE_SECONDS, METER_OWNER),
  )
  if (!lease) return false
  const { twilioCallSid } = call
  const carrier = await carrierOfCall(ctx, call)
  const there = twilioCallSid ? await carrier.fetchCall(twilioCallSid) : null
  const ours = { organizationId, callId: call.callId, epoch: lease.epoch }
  const facts = await inTransaction(ctx, (tx) =>
    queries.findCallToRun(tx.db, organizationId, call.callId),
  )
  if (!facts) return false
  if (!twilioCallSid || !there) {
    // The carrier knows nothing of a call that it connected: all that it may have lasted counts, as far as it was held.
    const mediaSeconds = facts.sinceLiveMs / 1000
    await endCall(ctx, ours, { reason: 'owner_lost', mediaSeconds })
    return true
  }
  if (there.durationSeconds !== null) {
    const mediaSeconds = there.durationSeconds
    await endCall(ctx, ours, { reason: 'caller_hung_up', mediaSeconds })
    return true
  }
  if (facts.fundedSeconds === null) return false
  const { fundedSeconds } = facts
  const leftSeconds = fundedSeconds - facts.sinceLiveMs / 1000
  if (leftSeconds > settings.renewWhenLeftSeconds + LOOK_EVERY_SECONDS) return true
  const extension = await extendSlice(
    ctx,
    { ...ours, pricePerHourCents: facts.call.pricePerHourCents ?? 0 },
    {
      slice: (facts.slice ?? 1) + 1,
      totalSeconds: Math.min(MAX_CALL_SECONDS, fundedSeconds + settings.sliceSeconds),
      minimumSeconds: settings.minimumSliceSeconds,
    },
  )
  // Without money the limit stays where it is: the carrier ends the call at the last paid second.
  if (extension.outcome === 'extended')
    await carrier.setTimeLimit(twilioCallSid, carrierLimitSeconds(extension.fundedSeconds))
  if (extension.outcome === 'organization_paused') await carrier.endCall(twilioCallSid)
  return true
}
