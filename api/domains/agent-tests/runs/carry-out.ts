import { setTimeout as sleep } from 'node:timers/promises'
import { stepKindOf, type TestStep, testSteps, wholeCallKinds } from '#api/contract/agent-test.ts'
import type { MediaAddress } from '#api/contract/test-media.ts'
import type { Context } from '#api/core/context.ts'
import { read, tenantOf } from '#api/core/context.ts'
import { ClaimLost } from '#api/core/errors.ts'
import { readDraft } from '#api/domains/agents/service.ts'
import { giveUpTestCall, startTestCall } from '#api/domains/calls/service.ts'
import { hasFeature } from '#api/domains/system/service.ts'
import { Caller } from '../caller/caller.ts'
import { speakLines } from '../caller/speech.ts'
import { Broken, whyEnded, whyRefused } from './broken.ts'
import { chargeAtMost, standingResults } from './charge.ts'
import { type Claim, type Finish, requireClaim } from './claim.ts'
import { converse } from './conversation.ts'
import { type Evidence, type Seen, type StepResult, transcriptHas } from './judge.ts'
import { findCharge } from './queries.ts'
import { isSettled, readEvidence } from './watch.ts'

const RUN_MS = 240_000 // the queue gives a job five minutes
const SETTLE_MS = 40_000 // a gateway settles within a second; one that died is found within 25
const LOOK_MS = 200
const CLOSE_NORMAL = 1000
const NO_ROOM_CODE = 1013

/** Runs a test once, on a real call to the draft: the verdict, or why there is none. Nothing of it is left running. */
export async function carryOut(ctx: Context, claim: Claim, lost: AbortSignal): Promise<Finish> {
  const deadline = AbortSignal.timeout(RUN_MS)
  const signal = AbortSignal.any([lost, deadline])
  const results: StepResult[] = []
  try {
    await hold(ctx, claim, signal, results)
    return { state: results.every(isPassed) ? 'passed' : 'failed', results }
  } catch (error) {
    lost.throwIfAborted()
    if (error instanceof ClaimLost) throw error
    const broken = deadline.aborted ? new Broken('took_too_long') : error
    if (broken instanceof Broken) return { state: 'broken', ...told(broken), results }
    ctx.log.error({ err: error, runId: claim.run.id }, 'a test run failed by our own fault')
    return { state: 'broken', reason: 'internal_error', detail: null, results }
  }
}

const isPassed = ({ outcome }: StepResult): boolean => outcome === 'passed'
const told = ({ reason, detail }: Broken) => ({ reason, detail })

async function hold(
  ctx: Context,
  claim: Claim,
  signal: AbortSignal,
  results: StepResult[],
): Promise<void> {
  const { run, draft } = claim
  const { callId } = run
  const steps = testSteps.parse(run.steps)
  const ofConversation = steps.filter((step) => !isWholeCall(step))
  if (!(await hasFeature(ctx, 'agent_calls'))) throw new Broken('feature_off')
  const lines = await speakLines(ctx, steps)
  signal.throwIfAborted()
  const address = await askForCall(ctx, claim)
  const caller = await openLine(ctx, address)
  try {
    const agentGreets = draft.spec.firstMessage.trim() !== ''
    const talk = { ctx, callId, caller, lines, agentGreets, signal }
    results.push(...(await converse(talk, ofConversation)))
  } finally {
    caller.hangUp()
    if (signal.aborted || caller.wasTurnedAway) await giveUpTestCall(ctx, callId)
  }
  const evidence = await awaitSettlement(ctx, callId, signal)
  const charge = await read(ctx, (db) => findCharge(db, tenantOf(ctx), callId))
  for (const [index, step] of steps.entries()) {
    if (!isWholeCall(step)) continue
    const what =
      'transcript' in step
        ? transcriptHas(step.transcript, evidence.turns)
        : chargeAtMost('chargeAtMost' in step ? step.chargeAtMost : 0, charge)
    results.push(resultOf(index, step, what))
  }
  results.push(...standingResults(charge))
  refuseFalseVerdict(evidence, caller)
  const now = await readDraft(ctx, run.agentId).catch((error: unknown) => {
    throw whyRefused(error)
  })
  if (now.revision !== draft.revision) throw new Broken('draft_changed')
}

const isWholeCall = (step: TestStep): boolean =>
  wholeCallKinds.some((kind) => kind === stepKindOf(step))

const resultOf = (index: number, step: TestStep, what: Seen): StepResult => ({
  step: index,
  check: stepKindOf(step),
  outcome: what.code === null ? 'passed' : 'failed',
  ...what,
})

async function askForCall(ctx: Context, claim: Claim): Promise<MediaAddress> {
  const { id: runId, callId, agentId, startedByUserId: userId } = claim.run
  const asked = { callId, agentId, by: 'voice' as const, testRun: { runId, userId } }
  await requireClaim(ctx, claim)
  const address = await startTestCall(ctx, asked, {
    publicVoiceUrl: ctx.vendors.gatewayUrl,
  }).catch((error: unknown) => {
    throw whyRefused(error)
  })
  try {
    // Somebody may have ended the run meanwhile, and found no call to cut.
    await requireClaim(ctx, claim)
  } catch (error) {
    await giveUpTestCall(ctx, callId)
    throw error
  }
  return address
}

async function openLine(ctx: Context, address: MediaAddress): Promise<Caller> {
  try {
    return await Caller.call(address, new URL(ctx.publicWebUrl).origin)
  } catch (error) {
    await giveUpTestCall(ctx, address.callId)
    // Where it was looked for is nobody's business outside.
    ctx.log.warn({ err: error, callId: address.callId }, 'a test run did not reach a gateway')
    const { call } = await readEvidence(ctx, address.callId)
    const reason = call?.reason ? whyEnded(call.reason) : undefined
    throw new Broken(reason ?? 'gateway_unreachable', null, { cause: error })
  }
}

/** What was kept of the call once nothing more comes; as far as it is there where it is not settled in time. */
async function awaitSettlement(
  ctx: Context,
  callId: string,
  signal: AbortSignal,
): Promise<Evidence> {
  const giveUpAt = performance.now() + SETTLE_MS
  for (;;) {
    const evidence = await readEvidence(ctx, callId)
    if (isSettled(evidence)) return evidence
    if (performance.now() > giveUpAt) {
      await giveUpTestCall(ctx, callId)
      return evidence
    }
    await sleep(LOOK_MS, undefined, { signal })
  }
}

/** A call that the platform or a vendor ended says nothing about the draft. */
function refuseFalseVerdict({ call }: Evidence, caller: Caller): void {
  if (caller.closeCode === NO_ROOM_CODE) throw new Broken('no_line_free')
  // Its gateway died: the call is settled by whoever finds it.
  if (!call?.settledAt && caller.closeCode !== CLOSE_NORMAL) throw new Broken('call_lost')
  const reason = call?.settledAt ? whyEnded(call.reason) : undefined
  if (reason) throw new Broken(reason)
}
