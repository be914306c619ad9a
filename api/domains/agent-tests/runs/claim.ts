import { randomUUID, randomUUIDv7 } from 'node:crypto'
import { setInterval } from 'node:timers/promises'
import type { Context } from '#api/core/context.ts'
import { inTransaction, tenantOf } from '#api/core/context.ts'
import { ClaimLost, DomainError } from '#api/core/errors.ts'
import { type PresentDraft, readDraft } from '#api/domains/agents/service.ts'
import { wasEndedByHand } from '#api/domains/calls/service.ts'
import { lockTests } from '../queries.ts'
import * as queries from './queries.ts'

// Whoever dies is waited for no longer than this; its gateway has long noticed that the caller is gone.
const CLAIM_MS = 20_000
const RENEW_MS = 5_000
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
    const wasEnded = abandonedCallId !== null && (await wasEndedByHand(tx, abandonedCallId))
    const mayGoOn = running !== undefined && running.attempts < MAX_ATTEMPTS && !wasEnded
    if (running && !mayGoOn)
      await queries.updateRun(tx.db, organizationId, running.id, {
        ...brokenBy(wasEnded ? 'ended_by_hand' : 'interrupted'),
        finishedAt: tx.now(),
      })
    const next = mayGoOn ? running : await queries.findNextQueued(tx.db, organizationId, agentId)
    if (!next) return { claim: null, abandonedCallId }
    const draft = await findDraft(tx, agentId)
    if (!draft) {
      const finishedAt = tx.now()
      await queries.updateRun(tx.db, organizationId, next.id, {
        ...brokenBy('agent_gone'),
        finishedAt,
      })
      await queries.breakQueued(tx.db, organizationId, agentId, {
        reason: 'agent_gone',
        finishedAt,
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

export type Finish =
  | { state: 'passed' | 'failed'; results: object[] }
  | { state: 'broken'; reason: string; detail: string | null; results: object[] }

/** Writes the outcome; false where somebody else has taken over. */
export function finishRun(ctx: Context, claim: Claim, finish: Finish): Promise<boolean> {
  return inTransaction(ctx, async (tx) => {
    const { organizationId, id, callId } = claim.run
    const call = await queries.findEvidentCall(tx.db, organizationId, callId)
    return await queries.updateClaimed(tx.db, organizationId, id, claim.token, {
      ...finish,
      callId: call ? callId : null,
      claim: null,
      claimedUntil: null,
      finishedAt: tx.now(),
    })
  })
}

/** Keeps a claim while `work` runs; aborts its signal where somebody else has taken over. */
export async function whileClaimed<T>(
  ctx: Context,
  claim: Claim,
  work: (signal: AbortSignal) => Promise<T>,
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
      for await (const _tick of setInterval(RENEW_MS, null, { signal: done.signal })) {
        if (!(await renew(ctx, claim))) return lost.abort(new ClaimLost())
      }
    } catch (error) {
      // The database is away: whoever finds the claim run out begins anew, so this one stops.
      if (!done.signal.aborted) lost.abort(new ClaimLost({ cause: error }))
    }
  }
}

/** Refuses to go on where somebody else has taken over, or ended the run. */
export async function requireClaim(ctx: Context, claim: Claim): Promise<void> {
  if (!(await renew(ctx, claim))) throw new ClaimLost()
}

function renew(ctx: Context, { run, token }: Claim): Promise<boolean> {
  const claimedUntil = new Date(ctx.now().getTime() + CLAIM_MS)
  return inTransaction(ctx, (tx) =>
    queries.updateClaimed(tx.db, run.organizationId, run.id, token, { claimedUntil }),
  )
}

const brokenBy = (reason: string) =>
  ({ state: 'broken', reason, claim: null, claimedUntil: null }) as const

async function findDraft(ctx: Context, agentId: string): Promise<PresentDraft | null> {
  try {
    return await readDraft(ctx, agentId)
  } catch (error) {
    if (error instanceof DomainError && error.status === 404) return null
    throw error
  }
}
