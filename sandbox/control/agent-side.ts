import type { ElevenLabsStandIn } from '../elevenlabs/start.ts'
import type { Leg } from '../twilio/leg.ts'

/** What the stand-in agent took down at its end of the call. */
export type AgentSide = {
  conversationId: string
  status: string
  turns: { speaker: 'caller' | 'agent'; text: string; interrupted: boolean }[]
}

/** The agent's conversation of a call, found by the call's id or, failing that, by its time. */
export function agentSide(elevenLabs: ElevenLabsStandIn, leg: Leg): AgentSide | undefined {
  const conversations = elevenLabs.conversations()
  const byId = conversations.find((one) =>
    JSON.stringify([one.client_data, one.phone_call]).includes(leg.callSid),
  )
  const from = leg.createdAt.getTime()
  const until = leg.endedAt?.getTime() ?? Number.POSITIVE_INFINITY
  const meanwhile = conversations.filter(
    (one) => one.startedAtMs >= from && one.startedAtMs <= until,
  )
  // Two calls at once cannot be told apart by their time.
  const found = byId ?? (meanwhile.length === 1 ? meanwhile[0] : undefined)
  if (!found) return undefined
  return {
    conversationId: found.conversation_id,
    status: found.status,
    turns: found.transcript.flatMap(({ role, message, interrupted }) =>
      message === null
        ? []
        : [{ speaker: role === 'user' ? 'caller' : 'agent', text: message, interrupted }],
    ),
  }
}
