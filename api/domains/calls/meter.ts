import type { Context } from '#api/core/context.ts'
import { forOrganization, inTransaction } from '#api/core/context.ts'
import { holdSlice, isInsufficient, tellExhausted } from '#api/domains/wallet/service.ts'
import * as leases from './lease-queries.ts'
import { LEASE_SECONDS } from './limits.ts'
import * as timeline from './timeline-queries.ts'

/**
 * Says that this owner is alive and how far its calls are. Returns the calls it still owns, and which of them
 * somebody wants ended.
 */
export function renewLeases(
  ctx: Context,
  organizationId: string,
  held: readonly { callId: string; epoch: number; mediaSeconds: number }[],
): Promise<{ callId: string; isEndAsked: boolean }[]> {
  return inTransaction(forOrganization(ctx, organizationId), (tx) =>
    leases.renewLeases(tx.db, organizationId, held, LEASE_SECONDS),
  )
}

export type Extension =
  | {
      outcome: 'extended'
      fundedSeconds: number
      /** How long the call could last in all on what is free now; null where it costs nothing. */
      affordableSeconds: number | null
    }
  | { outcome: 'exhausted' }
  | { outcome: 'organization_paused' }
  | { outcome: 'lease_lost' }

/**
 * Funds the next slice of a running call: to `totalSeconds` since its start, less where the wallet affords only
 * part of a slice. Repeating a slice number returns what it gave the first time.
 */
export async function extendSlice(
  ctx: Context,
  call: { organizationId: string; callId: string; epoch: number; pricePerHourCents: number },
  next: { slice: number; totalSeconds: number; minimumSeconds: number },
): Promise<Extension> {
  const own = forOrganization(ctx, call.organizationId)
  try {
    return await inTransaction(own, async (tx): Promise<Extension> => {
      const { organizationId, callId, epoch } = call
      const lease = await leases.holdLeaseToExtend(tx.db, organizationId, callId, epoch)
      if (!lease) return { outcome: 'lease_lost' }
      if (lease.organizationStatus !== 'active') return { outcome: 'organization_paused' }
      const hold = await holdSlice(tx, {
        callId,
        pricePerHourCents: call.pricePerHourCents,
        priceId: null,
        slice: next.slice,
        totalSeconds: next.totalSeconds,
        minimumSeconds: next.minimumSeconds,
      })
      const { fundedSeconds, affordableSeconds } = hold
      return { outcome: 'extended', fundedSeconds, affordableSeconds }
    })
  } catch (error) {
    if (!isInsufficient(error)) throw error
    await tellExhausted(own)
    return { outcome: 'exhausted' }
  }
}

export type CallNote = { id: string; kind: string; at: Date; data: Record<string, unknown> }

/** Adds to the timelines of an organization's calls. Late notes of a fenced owner are dropped. */
export async function noteCallEvents(
  ctx: Context,
  organizationId: string,
  noted: readonly { callId: string; epoch: number; notes: readonly CallNote[] }[],
): Promise<void> {
  await inTransaction(forOrganization(ctx, organizationId), (tx) =>
    timeline.insertOwnedCallEvents(tx.db, organizationId, noted),
  )
}
