import { setTimeout as sleep } from 'node:timers/promises'
import type { Context } from '#api/core/context.ts'
import { read, tenantOf } from '#api/core/context.ts'
import type { Evidence, Judge, Seen } from './judge.ts'
import { findEvidentCall, listEvidentEvents, listEvidentTurns } from './queries.ts'

const LOOK_MS = 200 // turns are stored within a tenth of a second, the timeline within one

export function readEvidence(ctx: Context, callId: string): Promise<Evidence> {
  const organizationId = tenantOf(ctx)
  return read(ctx, async (db) => ({
    // The call first: once it is settled, nothing comes after what is read next.
    call: await findEvidentCall(db, organizationId, callId),
    turns: await listEvidentTurns(db, organizationId, callId),
    events: await listEvidentEvents(db, organizationId, callId),
  }))
}

export const isSettled = ({ call }: Evidence): boolean => Boolean(call?.settledAt)

/** Looks until the judge has decided; it must when nothing more can come. */
export async function watch(
  look: () => Promise<Evidence>,
  judge: Judge,
  options: { isComplete: (evidence: Evidence) => boolean; signal: AbortSignal },
): Promise<Seen> {
  for (;;) {
    const evidence = await look()
    const isComplete = options.isComplete(evidence)
    const verdict = judge(evidence, isComplete)
    if (verdict) return verdict
    if (isComplete) throw new Error('a judge did not decide although everything was there')
    await sleep(LOOK_MS, undefined, { signal: options.signal })
  }
}
