import { z } from 'zod'
import { cleanText } from '../clean-text.ts'

const eventId = z.int().nonnegative()
const text = z.string().max(32_768).transform(cleanText)
const label = z.string().max(200).transform(cleanText)

const metadata = z.object({
  type: z.literal('conversation_initiation_metadata'),
  conversation_initiation_metadata_event: z.object({
    conversation_id: z.string().min(1).max(200).transform(cleanText),
    agent_output_audio_format: label,
    user_input_audio_format: label.optional(),
  }),
})
const audio = z.object({
  type: z.literal('audio'),
  audio_event: z.object({
    audio_base_64: z.string().regex(/^[A-Za-z0-9+/]*={0,2}$/),
    event_id: eventId,
  }),
})
const userTranscript = z.object({
  type: z.literal('user_transcript'),
  user_transcription_event: z.object({ user_transcript: text, event_id: eventId.optional() }),
})
const tentativeUserTranscript = z.object({
  type: z.literal('tentative_user_transcript'),
  tentative_user_transcription_event: z.object({ user_transcript: text }),
})
const agentResponse = z.object({
  type: z.literal('agent_response'),
  agent_response_event: z.object({ agent_response: text, event_id: eventId.optional() }),
})
const agentResponseCorrection = z.object({
  type: z.literal('agent_response_correction'),
  agent_response_correction_event: z.object({
    original_agent_response: text,
    corrected_agent_response: text,
    event_id: eventId.optional(),
  }),
})
const agentResponsePart = z.object({
  type: z.literal('agent_chat_response_part'),
  text_response_part: z.object({ text, type: label }),
})
const tentativeAgentResponse = z.object({
  type: z.literal('internal_tentative_agent_response'),
  tentative_agent_response_internal_event: z.object({ tentative_agent_response: text }),
})
const interruption = z.object({
  type: z.literal('interruption'),
  interruption_event: z.object({ event_id: eventId }),
})
const ping = z.object({ type: z.literal('ping'), ping_event: z.object({ event_id: eventId }) })
const clientToolCall = z.object({
  type: z.literal('client_tool_call'),
  client_tool_call: z.object({ tool_name: label, tool_call_id: label }),
})
const agentToolRequest = z.object({
  type: z.literal('agent_tool_request'),
  agent_tool_request: z.object({
    tool_name: label,
    tool_call_id: label,
    tool_type: label.optional(),
  }),
})
const toolOutcome = z.object({
  tool_name: label,
  tool_call_id: label,
  is_error: z.boolean().default(false),
})
const agentToolResponse = z.object({
  type: z.literal('agent_tool_response'),
  agent_tool_response: toolOutcome,
})
const agentToolResponseFull = z.object({
  type: z.literal('agent_tool_response_full_payload'),
  agent_tool_response_full_payload: toolOutcome,
})
const mcpToolCall = z.object({
  type: z.literal('mcp_tool_call'),
  mcp_tool_call: z.object({ tool_call_id: label, tool_name: label, state: label }),
})
const mcpConnectionStatus = z.object({
  type: z.literal('mcp_connection_status'),
  mcp_connection_status: z.object({
    integrations: z.array(z.object({ integration_id: label, is_connected: z.boolean() })).max(100),
  }),
})
const guardrail = z.object({ type: z.literal('guardrail_triggered') })
const vendorError = z.object({
  type: z.literal('error'),
  error_event: z.object({ code: z.int().optional(), error_type: label.optional() }),
})

const handled = z.discriminatedUnion('type', [
  metadata,
  audio,
  userTranscript,
  tentativeUserTranscript,
  agentResponse,
  agentResponseCorrection,
  agentResponsePart,
  tentativeAgentResponse,
  interruption,
  ping,
  clientToolCall,
  agentToolRequest,
  agentToolResponse,
  agentToolResponseFull,
  mcpToolCall,
  mcpConnectionStatus,
  guardrail,
  vendorError,
])
const types = new Set<string>(handled.options.map((option) => option.shape.type.value))

export type AgentMessage = z.output<typeof handled>
export type ReadMessage =
  | { message: AgentMessage }
  /** Well-formed, but of a type we only count; or of a known type and malformed, counted as such. */
  | { counted: string }

// A vendor that invents names must not grow a counter table without end; the bridge folds the rest into one.
const MAX_TYPE_CHARS = 64

/** A message of the agent's socket, the slow way. Undefined when it is no message at all. */
export function parseAgentMessage(data: Buffer): ReadMessage | undefined {
  let json: unknown
  try {
    json = JSON.parse(data.toString('utf8'))
  } catch {
    return undefined
  }
  if (typeof json !== 'object' || json === null || !('type' in json)) return undefined
  const { type } = json
  if (typeof type !== 'string') return undefined
  if (!types.has(type)) return { counted: cleanText(type.slice(0, MAX_TYPE_CHARS)) }
  const message = handled.safeParse(json)
  return message.success ? { message: message.data } : { counted: `malformed ${type}` }
}
