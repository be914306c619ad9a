import { setTimeout as sleep } from 'node:timers/promises'
import { forEachAtOnce } from '#api/core/at-once.ts'
import type { Context, Tx } from '#api/core/context.ts'
import { asPlatform, forOrganization, inTransaction, tenantOf } from '#api/core/context.ts'
import { inTime } from '#api/core/in-time.ts'
import { settleHold } from '#api/domains/wallet/service.ts'
import { carrierOfCall } from './carrier-of-call.ts'
import { callSettled } from './events.ts'
import * as leases from './lease-queries.ts'
import { CARRIER_GRACE_SECONDS, HEARTBEAT_SECONDS } from './limits.ts'
import * as queries from './queries.ts'
import * as timeline from './timeline-queries.ts'

/**
 * Ends and settles a call once: lease closed, money captured and released, state and events, in one
 * transaction. `mediaSeconds` are counted from the first media of the call over all its streams.
 */
export function endCall(
  ctx: Context,
  call: { organizationId: string; callId: string; epoch: number },
  ended: { reason: string; mediaSeconds: number },
): Promise<'settled' | 'not ours'> {
  return inTransaction(forOrganization(ctx, call.organizationId), async (tx) => {
    const lease = await leases.holdLease(tx.db, call.organizationId, call.callId, call.epoch)
    if (!lease) return 'not ours'
    await settle(tx, call, ended)
    return 'settled'
  })
}

/** On a call's timeline: somebody at the console ended it. */
export const END_REQUESTED = 'operator.end_requested'

const SWEEP_LEASE_SECONDS = 60 // two questions to the carrier; if we die over them, the next sweep takes it on
// Each holds a connection only while it writes, so that many may wait for the carrier. All that a sweep takes on are
// settled within half a minute, though the carrier answers none: 200 / 40 x 5 s (THREATS F4).
const SWEEP_AT_ONCE = 40
const CARRIER_PATIENCE_MS = 5_000 // both questions together; then the last heartbeat has to do
// A job that waited in its queue while the database was away runs before the owners could say that they live.
const PATIENCE_MS = (HEARTBEAT_SECONDS + 1) * 1000

/** Takes over every call whose owner fell silent and ends it from the best record there is. */
export async function endAbandonedCalls(
  ctx: Context,
  {
    patienceMs = PATIENCE_MS,
    carrierPatienceMs = CARRIER_PATIENCE_MS,
  }: { patienceMs?: number; carrierPatienceMs?: number } = {},
): Promise<number> {
  const abandoned = await asPlatform(ctx, (tx) =>
    queries.listAbandonedCalls(tx.db, {
      // Past the token's life no media socket can come any more.
      awaitedUntilBefore: new Date(ctx.now().getTime() - 5_000),
      atMost: 200,
    }),
  )
  if (abandoned.some((call) => call.epoch !== null)) await sleep(patienceMs)
  let ended = 0
  await forEachAtOnce(abandoned, SWEEP_AT_ONCE, async (call) => {
    const own = forOrganization(ctx, call.organizationId)
    try {
      if (await endAbandonedCall(own, call, carrierPatienceMs)) ended++
    } catch (error) {
      // One call that cannot be ended now must not keep the others waiting; the next sweep tries again.
      ctx.log.error({ callId: call.callId, err: error }, 'an abandoned call could not be ended')
    }
  })
  return ended
}

type AbandonedCall = Awaited<ReturnType<typeof queries.listAbandonedCalls>>[number]

async function endAbandonedCall(
  ctx: Context,
  call: AbandonedCall,
  carrierPatienceMs: number,
): Promise<boolean> {
  if (call.epoch === null) return await endUnstartedCall(ctx, call, carrierPatienceMs)
  // Ours first, then hung up: an owner that has come back meanwhile keeps its caller.
  const lease = await inTransaction(ctx, (tx) =>
    leases.takeOverLease(tx.db, call.organizationId, call.callId, SWEEP_LEASE_SECONDS),
  )
  if (!lease) return false
  const seconds = await carrierSeconds(ctx, call, carrierPatienceMs)
  const mediaSeconds = seconds ?? lease.mediaSeconds
  const ours = { ...call, epoch: lease.epoch }
  return (await endCall(ctx, ours, { reason: 'owner_lost', mediaSeconds })) === 'settled'
}

async function endUnstartedCall(
  ctx: Context,
  call: AbandonedCall,
  carrierPatienceMs: number,
): Promise<boolean> {
  await carrierSeconds(ctx, call, carrierPatienceMs)
  return await inTransaction(ctx, async (tx) => {
    const row = await queries.lockCall(tx.db, call.organizationId, call.callId)
    return row !== undefined && (await endUnstarted(tx, row))
  })
}

/** Settles a call at zero that never ran; the caller holds its row locked, so no stream can claim it meanwhile. */
export async function endUnstarted(
  tx: Tx,
  call: queries.CallRow,
  reason = 'stream_never_started',
): Promise<boolean> {
  if (call.settledAt || call.state === 'live') return false
  const ended = { reason, mediaSeconds: 0 }
  await settle(tx, { organizationId: call.organizationId, callId: call.id }, ended)
  return true
}

/** Settles a running call that others carry at what the carrier counted; its meter finds the lease closed. */
export async function endCarried(tx: Tx, call: queries.CallRow, seconds: number): Promise<void> {
  const ended = { reason: 'caller_hung_up', mediaSeconds: seconds }
  await settle(tx, { organizationId: call.organizationId, callId: call.id }, ended)
}

/** The same for a call nobody has locked yet. */
export async function settleUnstarted(tx: Tx, callId: string, reason: string): Promise<boolean> {
  const call = await queries.lockCall(tx.db, tenantOf(tx), callId)
  return call !== undefined && (await endUnstarted(tx, call, reason))
}

/** Tells whoever runs the call to end it, and holds the call until the transaction ends. */
export async function lockToEnd(tx: Tx, callId: string): Promise<queries.CallRow | undefined> {
  const organizationId = tenantOf(tx)
  // Lease before call, as whoever settles takes them.
  const isAsked = await leases.askForEnd(tx.db, organizationId, callId)
  const call = await queries.lockCall(tx.db, organizationId, callId)
  // Its stream was claimed between the two: only now there is a lease to be seen.
  if (call?.state === 'live' && !isAsked) await leases.askForEnd(tx.db, organizationId, callId)
  return call
}

type CarriedCall = { twilioCallSid: string | null; twilioAccountSid: string | null }

/** Hangs up what is left of the call at the carrier and asks how long it was; null where it cannot say in time. */
const carrierSeconds = (
  ctx: Context,
  call: CarriedCall,
  patienceMs: number,
): Promise<number | null> => inTime(askCarrier(ctx, call), patienceMs, () => null)

async function askCarrier(ctx: Context, call: CarriedCall): Promise<number | null> {
  const { twilioCallSid } = call
  if (!twilioCallSid) return null
  try {
    const carrier = await carrierOfCall(ctx, call)
    await carrier.endCall(twilioCallSid)
    return (await carrier.fetchCall(twilioCallSid))?.durationSeconds ?? null
  } catch (error) {
    ctx.log.warn({ err: error }, 'the carrier could not be asked about an abandoned call')
    return null
  }
}

async function settle(
  tx: Tx,
  call: { organizationId: string; callId: string },
  ended: { reason: string; mediaSeconds: number },
): Promise<void> {
  const row = await queries.lockCall(tx.db, call.organizationId, call.callId)
  if (!row || row.settledAt) return
  const reason = await whoEndedIt(tx, row, ended.reason)
  // A caller who never got an agent got nothing, whatever the line took.
  const wasServed = row.state === 'live' && reason !== 'agent_start_failed'
  const billableSeconds = wasServed ? Math.max(0, Math.ceil(ended.mediaSeconds)) : 0
  const step = (set: Parameters<typeof queries.updateCall>[3]) =>
    queries.updateCall(tx.db, call.organizationId, call.callId, set)
  if (wasServed) {
    await step({ state: 'ending', reason })
    await step({ state: 'ended' })
  } else {
    await step({ state: 'failed', reason })
  }
  await leases.closeLease(tx.db, call.organizationId, call.callId)
  const money = await settleHold(tx, { callId: call.callId, billableSeconds })
  await step({
    state: 'settled',
    billableSeconds: money.billedSeconds,
    costCents: money.capturedCents,
    billingStatus: 'charged',
  })
  await tx.emit(callSettled, { organizationId: call.organizationId, callId: call.callId })
}

/** On a call's timeline: it is ended because no person answered. */
export const MACHINE_HUNG_UP = 'machine.end_requested'

// How a line that we cut looks to whoever sees it end.
const CUT = ['caller_hung_up', 'stream_lost', 'stream_never_started', 'canceled']

/** A line that was cut by us looks to its gateway, and to the carrier, like a caller who hung up. */
async function whoEndedIt(
  tx: Tx,
  { organizationId, id: callId, direction }: queries.CallRow,
  reason: string,
): Promise<string> {
  if (!CUT.includes(reason)) return reason
  if (await timeline.hasCallEvent(tx.db, organizationId, callId, END_REQUESTED)) return 'operator'
  const byUs = await timeline.hasCallEvent(tx.db, organizationId, callId, MACHINE_HUNG_UP)
  if (byUs) return 'answering_machine'
  // A gateway calls whoever is on the line the caller; of a call that we placed it is the other way round.
  return direction === 'outbound' && reason === 'caller_hung_up' ? 'callee_hung_up' : reason
}

/** Where the carrier itself must stop a call that is funded so far. */
export const carrierLimitSeconds = (fundedSeconds: number): number =>
  fundedSeconds + CARRIER_GRACE_SECONDS
