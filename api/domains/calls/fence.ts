import type { Context, Tx } from '#api/core/context.ts'
import { forOrganization, read, tenantOf } from '#api/core/context.ts'
import * as leases from './lease-queries.ts'
import * as queries from './queries.ts'

/** Whether this epoch still owns the call; keeps the answer true until the transaction ends. */
export async function isEpochCurrent(tx: Tx, callId: string, epoch: number): Promise<boolean> {
  return (await leases.holdLease(tx.db, tenantOf(tx), callId, epoch)) !== undefined
}

/** Whether the call is over and paid, so that nothing is added to it any more. */
export async function isSettled(
  ctx: Context,
  call: { organizationId: string; callId: string },
): Promise<boolean> {
  const row = await read(forOrganization(ctx, call.organizationId), (db) =>
    queries.findCall(db, call.organizationId, call.callId),
  )
  return row?.settledAt != null
}
