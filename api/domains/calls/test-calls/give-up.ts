import type { Context } from '#api/core/context.ts'
import { inTransaction } from '#api/core/context.ts'
import { endUnstarted, lockToEnd } from '../end.ts'

/** Nobody holds this test call any more: its money and its line are free at once, or with its gateway's heartbeat. */
export function giveUpTestCall(ctx: Context, callId: string): Promise<void> {
  return inTransaction(ctx, async (tx) => {
    const call = await lockToEnd(tx, callId)
    if (call) await endUnstarted(tx, call)
  })
}
