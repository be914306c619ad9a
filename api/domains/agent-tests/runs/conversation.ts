import { setTimeout as sleep } from 'node:timers/promises'
import { stepKindOf, type TestStep } from '#api/contract/agent-test.ts'
import type { Context } from '#api/core/context.ts'
import type { Caller } from '../caller/caller.ts'
import type { Stretch } from '../caller/playback.ts'
import type { Lines } from '../caller/speech.ts'
import {
  agentSays,
  agentStops,
  type Evidence,
  gapAtMost,
  type Judge,
  momentOf,
  type Seen,
  type StepResult,
  toolCalled,
  whatWasSeen,
} from './judge.ts'
import { isSettled, readEvidence, watch } from './watch.ts'

const TICK_MS = 20
const OPENING_MS = 4_000 // the gateway notes within a second that the media began
const ANNOUNCEMENT_MS = 30_000 // the longest one that an organization plays before its agents
const ANSWER_MS = 15_000 // an agent that has not begun by then is not waited for
const LISTEN_MS = 60_000 // nor one that goes on for longer
const PAUSE_MS = 500 // after the other side's last word, as people leave
// A turn is told 750 ms after its last sound, one that was cut 1,500; then it is stored.
const TOLD_MS = 2_500
const MEASURE_MS = 15_000
const ENDED_MS = 10_000

/** Every step but those about the whole call, one after another. */
export type Conversation = {
  ctx: Context
  callId: string
  caller: Caller
  lines: Lines
  /** Whether it is the agent who speaks first. */
  agentGreets: boolean
  signal: AbortSignal
}

/** Where the conversation stands. */
type Standing = {
  /** The other side's words count from here: where the caller's last step began. */
  sinceMs: number
  /** Before it the gateway itself was speaking. */
  openedMs: number
  /** The caller has said something that the agent has not begun to answer. */
  owesAnswer: boolean
  /** The caller's last line; zeros before the first. */
  line: Stretch
  interruptedMs: number
}

/** Does the steps in order, and stops at the first that fails: a conversation off its way means nothing further. */
export async function converse(
  talk: Conversation,
  steps: readonly TestStep[],
): Promise<StepResult[]> {
  const openedMs = await awaitOpening(talk)
  const standing: Standing = {
    sinceMs: 0,
    openedMs,
    owesAnswer: talk.agentGreets,
    line: { startMs: 0, endMs: 0 },
    interruptedMs: 0,
  }
  const results: StepResult[] = []
  let isOffItsWay = false
  for (const [index, step] of steps.entries()) {
    const check = stepKindOf(step)
    if (isOffItsWay) {
      results.push({ step: index, check, outcome: 'skipped', ...whatWasSeen('skipped') })
      continue
    }
    const what = await take(talk, standing, step)
    isOffItsWay = what.code !== null
    results.push({ step: index, check, outcome: isOffItsWay ? 'failed' : 'passed', ...what })
  }
  return results
}

async function take(talk: Conversation, standing: Standing, step: TestStep): Promise<Seen> {
  const { caller } = talk
  const nowMs = caller.nowMs
  const window = (withinMs: number) => ({ sinceMs: standing.sinceMs, untilMs: nowMs + withinMs })
  const see = (judge: Judge, untilMs: number) => observe(talk, judge, untilMs)
  if ('agentSays' in step) {
    const phrases = Array.isArray(step.agentSays) ? step.agentSays : [step.agentSays]
    const { sinceMs, untilMs } = window(step.withinMs)
    return see(agentSays(phrases, { sinceMs, untilMs }), untilMs)
  }
  if ('toolCalled' in step) {
    const { sinceMs, untilMs } = window(step.withinMs)
    return see(toolCalled(step.toolCalled, { sinceMs, untilMs }), untilMs)
  }
  if ('gapAtMost' in step)
    return see(gapAtMost(step.gapAtMost, standing.line.startMs), nowMs + MEASURE_MS)
  if ('agentStops' in step)
    return see(agentStops(step.withinMs, standing.interruptedMs), nowMs + step.withinMs)
  if ('callEnds' in step) return awaitEnd(talk, step.withinMs)
  if (caller.isOver) return callOver(talk)
  if ('waits' in step) return pause(talk, step.waits)
  if ('presses' in step) return press(talk, standing, step.presses)
  if ('hangsUp' in step) return hangUp(talk)
  return 'interrupts' in step
    ? interrupt(talk, standing, step.interrupts, step.afterMs)
    : say(talk, standing, 'says' in step ? step.says : '')
}

/** The moment from which on the other side is the agent: an announcement comes before it. */
async function awaitOpening({ ctx, callId, caller, signal }: Conversation): Promise<number> {
  let untilMs = OPENING_MS
  for (;;) {
    const evidence = await readEvidence(ctx, callId)
    const isAnnouncement = ({ data }: Evidence['events'][number]) => data.name === 'announcement'
    const of = (kind: string) => evidence.events.filter((event) => event.kind === kind)
    const over = of('notice-over').find(isAnnouncement)
    if (over) return momentOf(over.data)
    const isPlaying = of('notice').some(isAnnouncement)
    if (isPlaying) untilMs = ANNOUNCEMENT_MS
    const hasStarted = of('media.started').length > 0
    if ((hasStarted && !isPlaying) || caller.isOver || caller.nowMs > untilMs) return 0
    await sleep(TICK_MS * 5, undefined, { signal })
  }
}

/** A line of the caller, when the other side has had its turn. */
async function say(talk: Conversation, standing: Standing, text: string): Promise<Seen> {
  const { caller } = talk
  const untilMs = caller.nowMs + LISTEN_MS
  const answerUntilMs = caller.nowMs + ANSWER_MS
  const isDue = () => {
    if (caller.isOver || caller.nowMs > untilMs) return true
    const hasAnswered = beganAfter(talk, standing) !== undefined
    if (standing.owesAnswer && !hasAnswered && caller.nowMs < answerUntilMs) return false
    return caller.quietMs >= PAUSE_MS
  }
  await until(talk, isDue)
  return speak(talk, standing, text)
}

/** A line of the caller into the agent's words. */
async function interrupt(
  talk: Conversation,
  standing: Standing,
  text: string,
  afterMs: number,
): Promise<Seen> {
  const { caller } = talk
  const answerUntilMs = caller.nowMs + ANSWER_MS
  const began = () =>
    standing.owesAnswer
      ? beganAfter(talk, standing)
      : caller.hearsSound
        ? Math.max(caller.heard?.startMs ?? 0, standing.openedMs)
        : undefined
  await until(talk, () => began() !== undefined || caller.isOver || caller.nowMs > answerUntilMs)
  const beganMs = began()
  if (beganMs === undefined)
    return caller.isOver ? callOver(talk) : whatWasSeen('agent_silent', { atMs: standing.sinceMs })
  await until(talk, () => caller.isOver || caller.nowMs >= beganMs + afterMs)
  if (caller.isOver) return callOver(talk)
  // It had finished by itself: there is nothing to speak into.
  if (!caller.hearsSound) {
    const measured = (caller.heard?.endMs ?? beganMs) - beganMs
    return whatWasSeen('agent_silent', { measured, atMs: beganMs })
  }
  standing.interruptedMs = caller.nowMs
  return speak(talk, standing, text)
}

async function speak(talk: Conversation, standing: Standing, text: string): Promise<Seen> {
  const { caller, lines, signal } = talk
  if (caller.isOver) return callOver(talk)
  const line = await caller.say(lines.get(text) ?? new Uint8Array(), signal)
  standing.sinceMs = line.startMs
  standing.line = line
  standing.owesAnswer = true
  return whatWasSeen(null, { atMs: line.startMs })
}

async function press(talk: Conversation, standing: Standing, keys: string): Promise<Seen> {
  const { caller, signal } = talk
  const atMs = caller.nowMs
  await caller.press(keys, signal)
  standing.sinceMs = atMs
  return whatWasSeen(null, { atMs })
}

async function pause(talk: Conversation, ms: number): Promise<Seen> {
  const fromMs = talk.caller.nowMs
  await until(talk, () => talk.caller.isOver || talk.caller.nowMs >= fromMs + ms)
  return talk.caller.isOver ? callOver(talk) : whatWasSeen(null, { atMs: fromMs })
}

function hangUp({ caller }: Conversation): Seen {
  const atMs = caller.nowMs
  caller.hangUp()
  return whatWasSeen(null, { atMs })
}

async function awaitEnd(talk: Conversation, withinMs: number): Promise<Seen> {
  const { caller } = talk
  const untilMs = caller.nowMs + withinMs
  await until(talk, () => caller.isOver || caller.nowMs > untilMs)
  const atMs = caller.nowMs
  if (!caller.isOver) return whatWasSeen('still_running', { atMs })
  const reason = await endReason(talk)
  return whatWasSeen(reason === 'agent_hung_up' ? null : 'ended_otherwise', { seen: reason, atMs })
}

async function callOver(talk: Conversation): Promise<Seen> {
  const atMs = talk.caller.nowMs
  return whatWasSeen('call_over', { seen: await endReason(talk), atMs })
}

/** Why the call ended; what is known by then where it is not settled in time. */
async function endReason({ ctx, callId, signal }: Conversation): Promise<string> {
  const giveUpAt = performance.now() + ENDED_MS
  for (;;) {
    const evidence = await readEvidence(ctx, callId)
    if (isSettled(evidence) || performance.now() > giveUpAt) return evidence.call?.reason ?? ''
    await sleep(TICK_MS * 5, undefined, { signal })
  }
}

/** When the agent began to answer what the caller said last, or to greet; undefined while it has not. */
function beganAfter({ caller }: Conversation, standing: Standing): number | undefined {
  const { heard } = caller
  const { line, openedMs } = standing
  if (!heard || heard.endMs <= Math.max(line.endMs, openedMs)) return undefined
  // The rest of what it was saying is no answer yet.
  if (line.endMs > 0 && heard.startMs < line.startMs) return undefined
  return Math.max(heard.startMs, openedMs)
}

async function until({ signal }: Conversation, isSo: () => boolean): Promise<void> {
  while (!isSo()) await sleep(TICK_MS, undefined, { signal })
}

/** Looks at what the platform kept until it decides: at the latest when the time is up and the last word is told. */
function observe(talk: Conversation, judge: Judge, untilMs: number): Promise<Seen> {
  const { ctx, callId, caller, signal } = talk
  const isComplete = (evidence: Evidence) =>
    isSettled(evidence) ||
    (caller.nowMs > untilMs && caller.quietMs >= TOLD_MS) ||
    caller.nowMs > untilMs + LISTEN_MS
  return watch(() => readEvidence(ctx, callId), judge, { isComplete, signal })
}
