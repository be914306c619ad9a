import type { Json } from '../json.ts'
import type { Conversation, Turn } from '../store.ts'

/** What the parts of one conversation share. */
export type Desk = {
  readonly conversation: Conversation
  config: Json
  variables: Json
  /** Sends an event if the agent's client_events name it. */
  send(type: string, payload: Json): void
  nextId(): number
  nowMs(): number
}

export function addTurn(desk: Desk, about: Pick<Turn, 'role' | 'message'> & Partial<Turn>): Turn {
  const turn: Turn = {
    time_in_call_secs: Math.floor(desk.nowMs() / 1_000),
    interrupted: false,
    original_message: null,
    source_medium: null,
    tool_calls: [],
    tool_results: [],
    ...about,
  }
  desk.conversation.transcript.push(turn)
  return turn
}
