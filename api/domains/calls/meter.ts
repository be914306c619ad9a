import type { Context } from '#api/core/context.ts'
import { forOrganization, inTransaction } from '#api/core/context.ts'
import { currentSettings } from '#api/domains/system/service.ts'
import { holdSlice, isInsufficient, tellExhausted } from '#api/domains/wallet/service.ts'
import * as errors from './errors.ts'
import { LEASE_SECONDS } from './limits.ts'
import * as queries from './queries.ts'

/** Says that this owner is alive and how far its calls are. Returns the calls it still owns. */
export function renewLeases(
  ctx: Context,
  organizationId: string,
  held: readonly { callId: string; epoch: number; mediaSeconds: number }[],
): Promise<string[]> {
  return inTransaction(forOrganization(ctx, organizationId), (tx) =>
    queries.renewLeases(tx.db, organizationId, held, LEASE_SECONDS),
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
  next: { slice: number; totalSeconds: number },
): Promise<Extension> {
  const own = forOrganization(ctx, call.organizationId)
  const settings = await currentSettings(own)
  try {
    return await inTransaction(own, async (tx): Promise<Extension> => {
      const lease = await queries.holdLease(tx.db, call.organizationId, call.callId, call.epoch)
      if (!lease) return { outcome: 'lease_lost' }
      const facts = await queries.findCallToRun(tx.db, call.organizationId, call.callId)
      if (!facts) throw errors.leaseLost()
      if (facts.organizationStatus !== 'active') return { outcome: 'organization_paused' }
      const hold = await holdSlice(tx, {
        callId: call.callId,
        pricePerHourCents: call.pricePerHourCents,
        priceId: null,
        slice: next.slice,
        totalSeconds: next.totalSeconds,
        minimumSeconds: settings.minimumSliceSeconds,
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

export type CallNote = { kind: string; at: Date; data: Record<string, unknown> }

/** Adds to the call's timeline. Late notes of a fenced owner are dropped. */
export async function noteCallEvents(
  ctx: Context,
  call: { organizationId: string; callId: string; epoch: number },
  notes: readonly (CallNote & { id: string })[],
): Promise<void> {
  if (notes.length === 0) return
  await inTransaction(forOrganization(ctx, call.organizationId), async (tx) => {
    const lease = await queries.holdLease(tx.db, call.organizationId, call.callId, call.epoch)
    if (!lease) return
    await queries.insertCallEvents(
      tx.db,
      notes.map((note) => ({
        organizationId: call.organizationId,
        id: note.id,
        callId: call.callId,
        at: note.at,
        kind: note.kind,
        data: note.data,
      })),
    )
  })
}
