import type { LiveEvent } from '#contracts/calls'
import type { Turn } from '#contracts/transcripts'
import type { ApiError } from '../../lib/api/api-error.ts'

export const MAX_SHOWN_EVENTS = 100 // The whole timeline is in the call's detail; a live screen shows the latest.

export type LivePhase = 'connecting' | 'live' | 'reconnecting' | 'ended' | 'unavailable'
export type FeedEvent = Extract<LiveEvent, { type: 'event' }>

export type LiveState = {
  phase: LivePhase
  turns: readonly Turn[]
  /** What is being said right now and may still change. */
  tentative: Partial<Record<Turn['speaker'], string>>
  meter: { seconds: number; costCents: number | null; atMs: number } | null
  levels: { customer: number; agent: number }
  events: readonly FeedEvent[]
  /** The last `seq` before each time the connection was lost. */
  gapsAfter: readonly number[]
  /** Where to go on after a lost connection; null before the first snapshot. */
  sequence: number | null
  endReason: string | null
  error: ApiError | null
}

export const initialLiveState: LiveState = {
  phase: 'connecting',
  turns: [],
  tentative: {},
  meter: null,
  levels: { customer: 0, agent: 0 },
  events: [],
  gapsAfter: [],
  sequence: null,
  endReason: null,
  error: null,
}

/** What a message of the gateway changes; `nowMs` is this browser's clock, so that the timer runs between meters. */
export function applyLiveEvent(before: LiveState, event: LiveEvent, nowMs: number): LiveState {
  // A resumed feed begins with whatever comes next; only a first one begins with a snapshot.
  const state: LiveState = { ...before, phase: 'live', error: null }
  switch (event.type) {
    case 'snapshot':
      return {
        ...state,
        turns: mergeTurns(state.turns, event.turns),
        tentative: {},
        meter: { seconds: event.seconds, costCents: event.costCents, atMs: nowMs },
        sequence: event.sequence,
      }
    case 'turn':
      return {
        ...state,
        turns: mergeTurns(state.turns, [event.turn]),
        tentative: { ...state.tentative, [event.turn.speaker]: '' },
        sequence: laterOf(state.sequence, event.sequence),
      }
    case 'tentative':
      return { ...state, tentative: { ...state.tentative, [event.speaker]: event.text } }
    case 'levels':
      return { ...state, levels: { customer: event.customer, agent: event.agent } }
    case 'meter':
      return {
        ...state,
        meter: { seconds: event.seconds, costCents: event.costCents, atMs: nowMs },
      }
    case 'event':
      return {
        ...state,
        events: withEvent(state.events, event),
        sequence: laterOf(state.sequence, event.sequence),
      }
    case 'ended':
      return {
        ...state,
        phase: 'ended',
        tentative: {},
        levels: { customer: 0, agent: 0 },
        sequence: event.sequence,
        endReason: event.reason,
      }
  }
}

/** A new snapshot is followed by all events once more. */
const withEvent = (events: readonly FeedEvent[], event: FeedEvent): readonly FeedEvent[] =>
  events.some(({ sequence }) => sequence === event.sequence)
    ? events
    : [...events, event].slice(-MAX_SHOWN_EVENTS)

/** The connection went; what is known stays on the screen, with a mark where it tore. */
export function loseConnection(state: LiveState): LiveState {
  const last = state.turns.at(-1)?.seq
  const isNewGap = last !== undefined && state.gapsAfter.at(-1) !== last
  return {
    ...state,
    phase: state.sequence === null ? 'connecting' : 'reconnecting',
    tentative: {},
    levels: { customer: 0, agent: 0 },
    gapsAfter: state.phase === 'live' && isNewGap ? [...state.gapsAfter, last] : state.gapsAfter,
  }
}

/** The gateway says that the call is over, without the message that says why. */
export const closeCall = (state: LiveState): LiveState => ({
  ...state,
  phase: 'ended',
  tentative: {},
  levels: { customer: 0, agent: 0 },
})

/** Seconds the call has lasted by now: the meter's word plus the time since it was given. */
export function secondsNow(
  state: Pick<LiveState, 'meter' | 'phase'>,
  nowMs: number,
): number | null {
  if (!state.meter) return null
  if (state.phase === 'ended') return state.meter.seconds
  return state.meter.seconds + Math.max(0, nowMs - state.meter.atMs) / 1000
}

/** A turn said again (a correction) replaces its first version. */
function mergeTurns(known: readonly Turn[], arrived: readonly Turn[]): readonly Turn[] {
  const bySeq = new Map(known.map((turn) => [turn.seq, turn]))
  for (const turn of arrived) bySeq.set(turn.seq, turn)
  return [...bySeq.values()].sort((a, b) => a.seq - b.seq)
}

const laterOf = (held: number | null, arrived: number): number => Math.max(held ?? 0, arrived)
