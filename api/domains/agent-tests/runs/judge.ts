import type { z } from 'zod'
import type * as contract from '../contract.ts'
import { containsWords } from '../words.ts'
import type { EvidentCall, EvidentEvent, EvidentTurn } from './queries.ts'

export type StepResult = z.output<typeof contract.stepResult>
type Code = NonNullable<StepResult['code']>
/** What was seen of one step. */
export type Seen = {
  code: Code | null
  seen: string | null
  measured: number | null
  atMs: number | null
}

/** What the platform itself kept of a call so far. */
export type Evidence = {
  call: EvidentCall | undefined
  turns: readonly EvidentTurn[]
  events: readonly EvidentEvent[]
}

const MAX_SEEN = 1_000 // characters: a few sentences, or a short conversation

const seen = (code: Code | null, what: Partial<Omit<Seen, 'code'>> = {}): Seen => ({
  code,
  seen: what.seen ? what.seen.slice(0, MAX_SEEN) : null,
  measured:
    what.measured === undefined || what.measured === null ? null : Math.round(what.measured),
  atMs: what.atMs === undefined || what.atMs === null ? null : Math.max(0, Math.round(what.atMs)),
})

export { seen as whatWasSeen }

/** The part of a turn that reached the other side. */
const heardOf = ({ heard, heardText, text }: EvidentTurn): string =>
  heard === 'cut' ? (heardText ?? '') : text

const ofAgent = (turns: readonly EvidentTurn[], sinceMs: number): EvidentTurn[] =>
  turns.filter(
    ({ speaker, heard, startMs }) =>
      speaker === 'agent' && heard !== 'never_played' && startMs >= sinceMs,
  )

const joined = (turns: readonly EvidentTurn[]): string => turns.map(heardOf).join(' ').trim()

/** Each judge answers undefined as long as what is still to come may decide. */
export type Judge = (evidence: Evidence, isComplete: boolean) => Seen | undefined

export function agentSays(
  phrases: readonly string[],
  window: { sinceMs: number; untilMs: number },
): Judge {
  const areIn = (text: string) => phrases.every((words) => containsWords(text, words))
  return ({ turns }, isComplete) => {
    const all = ofAgent(turns, window.sinceMs)
    const inTime = all.filter(({ startMs }) => startMs <= window.untilMs)
    // The moment at which the last of the words came in.
    for (let count = 1; count <= inTime.length; count++) {
      const text = joined(inTime.slice(0, count))
      if (areIn(text)) return seen(null, { seen: text, atMs: inTime[count - 1]!.startMs })
    }
    if (!isComplete) return undefined
    const last = all.at(-1)
    if (!last) return seen('agent_silent', { atMs: window.sinceMs })
    const where = { seen: joined(all), atMs: last.startMs }
    return seen(areIn(joined(all)) ? 'said_late' : 'not_said', where)
  }
}

export function toolCalled(name: string, window: { sinceMs: number; untilMs: number }): Judge {
  return ({ events }, isComplete) => {
    const called = events.filter(
      ({ kind, data }) =>
        (kind === 'tool-call' || kind === 'tool-result') && momentOf(data) >= window.sinceMs,
    )
    const found = called.find(({ data }) => data.tool === name && momentOf(data) <= window.untilMs)
    const names = [...new Set(called.map(({ data }) => String(data.tool)))].join(', ')
    if (found) return seen(null, { seen: name, atMs: momentOf(found.data) })
    return isComplete ? seen('not_called', { seen: names, atMs: window.sinceMs }) : undefined
  }
}

export function gapAtMost(mostMs: number, sinceMs: number): Judge {
  return ({ events }, isComplete) => {
    const answered = events.find(
      ({ kind, data }) => kind === 'agent-answered' && momentOf(data) >= sinceMs,
    )
    if (!answered) return isComplete ? seen('not_measured', { atMs: sinceMs }) : undefined
    const measured = Number(answered.data.latencyMs)
    const atMs = momentOf(answered.data)
    return seen(measured <= mostMs ? null : 'answered_late', { measured, atMs })
  }
}

/** `interruptedMs`: when the caller began to speak into the agent's words. */
export function agentStops(withinMs: number, interruptedMs: number): Judge {
  return ({ turns }, isComplete) => {
    const talking = turns
      .filter(({ speaker, heard }) => speaker === 'agent' && heard !== 'never_played')
      .findLast(({ startMs }) => startMs < interruptedMs)
    // Until it is told whole, the turn before it would be taken for it.
    if (!talking || talking.endMs < interruptedMs)
      return isComplete ? seen('not_stopped', { atMs: interruptedMs }) : undefined
    const measured = talking.endMs - interruptedMs
    const what = { seen: heardOf(talking), measured, atMs: talking.endMs }
    if (talking.heard !== 'cut' || heardOf(talking).length >= talking.text.length)
      return seen('not_stopped', what)
    return seen(measured <= withinMs ? null : 'stopped_late', what)
  }
}

export function transcriptHas(
  wanted: readonly ({ caller: string } | { agent: string })[],
  turns: readonly EvidentTurn[],
): Seen {
  const said = turns.filter(({ heard }) => heard !== 'never_played')
  let from = 0
  for (const one of wanted) {
    const [speaker, words] = 'caller' in one ? ['customer', one.caller] : ['agent', one.agent]
    const at = said.findIndex(
      (turn, index) =>
        index >= from && turn.speaker === speaker && containsWords(heardOf(turn), words),
    )
    if (at < 0) {
      const atMs = said[from]?.startMs ?? said.at(-1)?.startMs ?? 0
      return seen('not_said', { seen: said.map(lineOf).join('\n'), atMs })
    }
    from = at + 1
  }
  return seen(null)
}

const lineOf = (turn: EvidentTurn): string =>
  `${turn.speaker === 'agent' ? 'agent' : 'caller'}: ${heardOf(turn)}`

/** Where on the call's timeline something was noted. */
export const momentOf = (data: Record<string, unknown>): number =>
  typeof data.atMs === 'number' ? data.atMs : 0
