import { randomUUID, randomUUIDv7 } from 'node:crypto'
import { setInterval } from 'node:timers/promises'
import type { Context, Tx } from '#api/core/context.ts'
import { inTransaction, tenantOf } from '#api/core/context.ts'
import { ClaimLost, DomainError } from '#api/core/errors.ts'
import { type PresentDraft, readDraft } from '#api/domains/agents/service.ts'
import { endCallByHand, wasEndedByHand } from '#api/domains/calls/service.ts'
import { lockTests } from '../queries.ts'
import { Broken, type BrokenReason } from './broken.ts'
import * as queries from './queries.ts'

// Whoever dies is waited for no longer than this; its gateway has long noticed that the caller is gone.
const CLAIM_MS = 20_000
const RENEW_MS = 5_000
const UNCUT = ['calls.not_running', 'request.not_found']
const MAX_ATTEMPTS = 2 // a run that takes its worker down with it must not go on for ever

/** The right to run one test: of an agent, one process has it at a time. */
export type Claim = {
  run: queries.RunRow & { callId: string }
  token: string
  /** As it was when the run began. */
  draft: PresentDraft
}

/**
 * The agent's next run; null where none waits, or somebody runs one. Beside it the call of a try whose runner died:
 * its caller died with it.
 */
export function claimNext(
  ctx: Context,
  agentId: string,
): Promise<{ claim: Claim | null; abandonedCallId: string | null }> {
  return inTransaction(ctx, async (tx) => {
    const organizationId = tenantOf(tx)
    await lockTests(tx.db, organizationId, agentId)
    const running = await queries.findRunning(tx.db, organizationId, agentId)
    if (running && isHeld(running, tx.now())) return { claim: null, abandonedCallId: null }
    const abandonedCallId = running?.callId ?? null
    const wasEnded = running !== undefined && (await isEnded(tx, running))
    const mayGoOn = running !== undefined && running.attempts < MAX_ATTEMPTS && !wasEnded
    if (running && !mayGoOn) await breakRun(tx, running, wasEnded ? 'ended_by_hand' : 'interrupted')
    const next = mayGoOn ? running : await queries.findNextQueued(tx.db, organizationId, agentId)
    if (!next) return { claim: null, abandonedCallId }
    const draft = await findDraft(tx, agentId)
    if (!draft) {
      await breakRun(tx, next, 'agent_gone')
      await queries.breakQueued(tx.db, organizationId, agentId, {
        reason: 'agent_gone',
        finishedAt: tx.now(),
      })
      return { claim: null, abandonedCallId }
    }
    const token = randomUUID()
    const callId = randomUUIDv7()
    const run = await queries.updateRun(tx.db, organizationId, next.id, {
      state: 'running',
      claim: token,
      claimedUntil: new Date(tx.now().getTime() + CLAIM_MS),
      attempts: next.attempts + 1,
      startedAt: tx.now(),
      draftFingerprint: draft.fingerprint,
      callId,
    })
    return { claim: { run: { ...run, callId }, token, draft }, abandonedCallId }
  })
}

/** Whether somebody runs it, as far as anybody can know. */
export const isHeld = ({ claimedUntil }: queries.RunRow, now: Date): boolean =>
  (claimedUntil?.getTime() ?? 0) > now.getTime()

/** Its call may have been ended as a call, by somebody who saw no run. */
const isEnded = async (tx: Tx, { endAskedAt, callId }: queries.RunRow): Promise<boolean> =>
  endAskedAt !== null || (callId !== null && (await wasEndedByHand(tx, callId)))

/** The run of a runner who died, or that nobody has begun, comes to no verdict. */
export async function breakRun(
  tx: Tx,
  { organizationId, id, callId }: queries.RunRow,
  reason: BrokenReason,
): Promise<void> {
  await queries.updateRun(tx.db, organizationId, id, {
    state: 'broken',
    reason,
    ...(await over(tx, organizationId, callId)),
  })
}

export type Finish =
  | { state: 'passed' | 'failed'; results: object[] }
  | { state: 'broken'; reason: string; detail: string | null; results: object[] }

/** Writes the outcome, which is no verdict where somebody ended the run; false where somebody else has taken over. */
export function finishRun(ctx: Context, claim: Claim, finish: Finish): Promise<boolean> {
  return inTransaction(ctx, async (tx) => {
    const { organizationId, id, callId } = claim.run
    const run = await queries.lockUnfinished(tx.db, organizationId, id)
    if (run?.claim !== claim.token) return false
    const { results } = finish
    await queries.updateRun(tx.db, organizationId, id, {
      ...(run.endAskedAt ? { state: 'broken', reason: 'ended_by_hand', results } : finish),
      ...(await over(tx, organizationId, callId)),
    })
    return true
  })
}

/** Of every run that is over: nobody has it, and the call that was noted for it may never have come to be. */
async function over(tx: Tx, organizationId: string, callId: string | null) {
  const call = callId && (await queries.findEvidentCall(tx.db, organizationId, callId))
  return { callId: call ? callId : null, claim: null, claimedUntil: null, finishedAt: tx.now() }
}

/**
 * Keeps a claim while `work` runs; aborts its signal where somebody else has taken over. Where somebody ended the run,
 * its call is cut here too: they may have died before they did.
 */
export async function whileClaimed<T>(
  ctx: Context,
  claim: Claim,
  work: (signal: AbortSignal) => Promise<T>,
  renewMs = RENEW_MS,
): Promise<T> {
  const lost = new AbortController()
  const done = new AbortController()
  const renewing = keepRenewing()
  try {
    return await work(lost.signal)
  } finally {
    done.abort()
    await renewing
  }

  async function keepRenewing(): Promise<void> {
    try {
      for await (const _tick of setInterval(renewMs, null, { signal: done.signal })) {
        const run = await renew(ctx, claim)
        if (!run) return lost.abort(new ClaimLost())
        if (run.endAskedAt) await cutCall(ctx, claim.run.callId)
      }
    } catch (error) {
      // The database is away: whoever finds the claim run out begins anew, so this one stops.
      if (!done.signal.aborted) lost.abort(new ClaimLost({ cause: error }))
    }
  }
}

/** Refuses to go on where somebody else has taken over, or ended the run. */
export async function requireClaim(ctx: Context, claim: Claim): Promise<void> {
  const run = await renew(ctx, claim)
  if (!run) throw new ClaimLost()
  if (run.endAskedAt) throw new Broken('ended_by_hand')
}

/** Cuts the call of a run that somebody ended; one that is over, or not there yet, is left to whoever has the run. */
export async function cutCall(ctx: Context, callId: string): Promise<void> {
  try {
    await endCallByHand(ctx, callId)
  } catch (error) {
    if (!(error instanceof DomainError && UNCUT.includes(error.code))) throw error
  }
}

function renew(ctx: Context, { run, token }: Claim): Promise<queries.RunRow | undefined> {
  const claimedUntil = new Date(ctx.now().getTime() + CLAIM_MS)
  return inTransaction(ctx, (tx) =>
    queries.updateClaimed(tx.db, run.organizationId, run.id, token, { claimedUntil }),
  )
}

async function findDraft(ctx: Context, agentId: string): Promise<PresentDraft | null> {
  try {
    return await readDraft(ctx, agentId)
  } catch (error) {
    if (error instanceof DomainError && error.status === 404) return null
    throw error
  }
}
