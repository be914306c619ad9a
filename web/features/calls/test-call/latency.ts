import type { Turn } from '#contracts/transcripts'
import type { FeedEvent } from '../live-state.ts'

const ANSWERED = 'agent-answered'
const SLACK_MS = 50 // the event and the sound are stamped one after the other

/** How long the agent took before each of its turns that answered one, by the turn's number. */
export function latencyByTurn(
  turns: readonly Turn[],
  events: readonly FeedEvent[],
): ReadonlyMap<number, number> {
  const spoken = turns.filter(({ speaker }) => speaker === 'agent')
  const found = new Map<number, number>()
  for (const { kind, atMs, data } of events) {
    if (kind !== ANSWERED || typeof data.latencyMs !== 'number') continue
    const answer = spoken.find(({ seq, startMs }) => startMs >= atMs - SLACK_MS && !found.has(seq))
    if (answer) found.set(answer.seq, data.latencyMs)
  }
  return found
}
