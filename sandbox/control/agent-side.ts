import { z } from 'zod'
import type { ElevenLabsStandIn } from '../elevenlabs/start.ts'
import type { Journal } from '../kit/journal.ts'
import type { Leg } from '../twilio/leg.ts'
import type { Damage } from './transcriber.ts'

/** What the stand-in agent took down at its end of the call. */
export type AgentSide = {
  conversationId: string
  status: string
  turns: { speaker: 'caller' | 'agent'; text: string; interrupted: boolean }[]
  /** Speech that reached the agent other than it was rendered. */
  damaged: Damage[]
}

const unrecognised = z.object({
  bytes: z.number(),
  nearest: z
    .object({
      utterance: z.string(),
      goodBlocks: z.number(),
      blocks: z.number(),
      firstBadMs: z.number(),
      note: z.string(),
    })
    .optional(),
})

/** The agent's side of a call, found by the call's id or, failing that, by its time. */
export function agentSide(
  parts: { elevenLabs: ElevenLabsStandIn; journal: Journal },
  leg: Leg,
): AgentSide | undefined {
  const conversations = parts.elevenLabs.conversations()
  const byId = conversations.filter((one) =>
    JSON.stringify([one.client_data, one.phone_call]).includes(leg.callSid),
  )
  const from = leg.createdAt.getTime()
  const until = leg.endedAt?.getTime() ?? Number.POSITIVE_INFINITY
  const meanwhile = conversations.filter(
    (one) => one.startedAtMs >= from && one.startedAtMs <= until,
  )
  // Two calls at once cannot be told apart by their time.
  const found = byId.length > 0 ? byId : meanwhile.length === 1 ? meanwhile : []
  // A call that lost its agent or its gateway went on in a conversation of its own.
  const inOrder = found.toSorted((a, b) => a.startedAtMs - b.startedAtMs)
  const last = inOrder.at(-1)
  if (!last) return undefined
  return {
    conversationId: last.conversation_id,
    status: last.status,
    turns: inOrder.flatMap(({ transcript }) =>
      transcript.flatMap(({ role, message, interrupted }) =>
        message === null
          ? []
          : [{ speaker: role === 'user' ? 'caller' : 'agent', text: message, interrupted }],
      ),
    ),
    damaged: inOrder.flatMap((one) => damaged(parts.journal, one.conversation_id)),
  }
}

function damaged(journal: Journal, conversationId: string): Damage[] {
  const notes = journal.entries({ vendor: 'elevenlabs', kind: 'note', path: conversationId })
  return notes.flatMap(({ body }) => {
    const known = unrecognised.safeParse(body).data
    if (!known) return []
    const { bytes, nearest } = known
    if (!nearest) return [{ bytes, note: 'nothing like it was ever rendered' }]
    const { utterance, ...rest } = nearest
    return [{ bytes, meant: utterance, ...rest }]
  })
}
