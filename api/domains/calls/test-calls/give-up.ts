import type { Context } from '#api/core/context.ts'
import { inTransaction, tenantOf } from '#api/core/context.ts'
import { settleUnstarted } from '../end.ts'
import * as leases from '../lease-queries.ts'

/** Nobody holds this test call any more: its money and its line are free at once, or with its gateway's heartbeat. */
export function giveUpTestCall(ctx: Context, callId: string): Promise<void> {
  return inTransaction(ctx, async (tx) => {
    // Lease before call, as whoever settles takes them.
    await leases.askForEnd(tx.db, tenantOf(tx), callId)
    await settleUnstarted(tx, callId, 'stream_never_started')
  })
}
