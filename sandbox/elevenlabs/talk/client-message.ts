import { z } from 'zod'
import type { Json } from '../json.ts'
import { initiationMessage } from './initiation-message.ts'
import type { Session } from './session.ts'

const text = z.string()
const messages = z.discriminatedUnion('type', [
  initiationMessage,
  z.looseObject({ type: z.literal('pong'), event_id: z.int() }),
  z.looseObject({ type: z.literal('user_message'), text: text.optional() }),
  z.looseObject({ type: z.literal('user_activity') }),
  z.looseObject({ type: z.literal('contextual_update'), text, context_id: text.nullish() }),
  z.looseObject({
    type: z.literal('client_tool_result'),
    tool_call_id: text,
    result: z.unknown().optional(),
    is_error: z.boolean().default(false),
  }),
  z.looseObject({
    type: z.literal('feedback'),
    event_id: z.int(),
    score: z.enum(['like', 'dislike']),
  }),
  z.looseObject({
    type: z.literal('mcp_tool_approval_result'),
    tool_call_id: text,
    is_approved: z.boolean(),
  }),
  z.looseObject({
    type: z.literal('multimodal_message'),
    text: z.looseObject({ text }).nullish(),
  }),
])
const audio = z.looseObject({ user_audio_chunk: z.base64() })

export type Understood =
  | { kind: 'audio'; bytes: Uint8Array }
  | { kind: 'message'; message: z.output<typeof messages> }
  | { kind: 'invalid'; why: string }

export function understand(raw: string): Understood {
  let parsed: unknown
  try {
    parsed = JSON.parse(raw)
  } catch (error) {
    return { kind: 'invalid', why: error instanceof Error ? error.message : String(error) }
  }
  const chunk = audio.safeParse(parsed)
  if (chunk.success)
    return { kind: 'audio', bytes: Buffer.from(chunk.data.user_audio_chunk, 'base64') }
  const message = messages.safeParse(parsed)
  if (message.success) return { kind: 'message', message: message.data }
  const [issue] = message.error.issues
  const where = issue?.path.join('.')
  return { kind: 'invalid', why: `${where ? `${where}: ` : ''}${issue?.message ?? 'unknown'}` }
}

export function apply(session: Session, message: z.output<typeof messages>): void {
  switch (message.type) {
    case 'conversation_initiation_client_data': {
      const initiation: Json = message
      session.begin(initiation)
      return
    }
    case 'user_message':
      if (message.text) session.typed(message.text)
      return
    case 'multimodal_message':
      if (message.text) session.typed(message.text.text)
      return
    case 'user_activity':
      session.activity()
      return
    case 'contextual_update':
      session.learn(message.text, message.context_id ?? undefined)
      return
    case 'client_tool_result': {
      const { result } = message
      const value = typeof result === 'string' ? result : JSON.stringify(result ?? '')
      session.toolResult(message.tool_call_id, { value, isError: message.is_error })
      return
    }
    case 'feedback':
      session.rate(message.score)
      return
    default:
      return // pong and approvals need no answer here
  }
}
