import type { BridgeEvent } from '../bridge-types.ts'
import type { Turns } from '../turns.ts'
import { clientToolRefused, mcpToolRefused, pong } from './frames.ts'
import type { AgentMessage } from './messages.ts'

const PHONE_FORMAT = 'ulaw_8000'

/** What a message of the agent can make a bridge do. */
export type ConversationHooks = {
  toAgent(text: string): void
  interrupt(eventId: number): void
  live(conversationId: string): void
  /** The agent speaks something a phone cannot play. */
  wrongFormat(format: string): void
  customerSaid(text: string, eventId: number | undefined): void
  /** The words of an utterance are known. */
  agentSaid(): void
  tentative(speaker: 'customer' | 'agent', text: string): void
  event(kind: string, data?: BridgeEvent['data']): void
  atMs(): number
}

/** Audio has its own, shorter way. */
type Spoken = Exclude<AgentMessage, { type: 'audio' }>

/** Acts on one parsed message of the agent's socket. */
export function onAgentMessage(message: Spoken, turns: Turns, hooks: ConversationHooks): void {
  switch (message.type) {
    case 'ping':
      hooks.toAgent(pong(message.ping_event.event_id))
      break
    case 'interruption':
      hooks.interrupt(message.interruption_event.event_id)
      break
    case 'conversation_initiation_metadata': {
      const metadata = message.conversation_initiation_metadata_event
      const wrong = [metadata.agent_output_audio_format, metadata.user_input_audio_format].find(
        (format) => format !== undefined && format !== PHONE_FORMAT,
      )
      if (wrong === undefined) hooks.live(metadata.conversation_id)
      else hooks.wrongFormat(wrong)
      break
    }
    case 'user_transcript': {
      const { user_transcript, event_id } = message.user_transcription_event
      hooks.customerSaid(user_transcript, event_id)
      break
    }
    case 'agent_response': {
      const { agent_response, event_id } = message.agent_response_event
      turns.response(agent_response, event_id, hooks.atMs())
      hooks.agentSaid()
      break
    }
    case 'agent_response_correction': {
      const event = message.agent_response_correction_event
      turns.correction(
        event.original_agent_response,
        event.corrected_agent_response,
        event.event_id,
      )
      turns.settle(hooks.atMs())
      break
    }
    case 'tentative_user_transcript': {
      const { user_transcript } = message.tentative_user_transcription_event
      hooks.tentative('customer', user_transcript)
      break
    }
    case 'internal_tentative_agent_response': {
      const { tentative_agent_response } = message.tentative_agent_response_internal_event
      hooks.tentative('agent', tentative_agent_response)
      break
    }
    default:
      onToolOrStatus(message, hooks)
  }
}

type Tool =
  | 'client_tool_call'
  | 'agent_tool_request'
  | 'agent_tool_response'
  | 'agent_tool_response_full_payload'
  | 'mcp_tool_call'
type Status = 'mcp_connection_status' | 'guardrail_triggered' | 'error' | 'agent_chat_response_part'
type ToolOrStatus = Extract<AgentMessage, { type: Tool | Status }>

function onToolOrStatus(message: ToolOrStatus, hooks: ConversationHooks): void {
  switch (message.type) {
    case 'client_tool_call': {
      const call = message.client_tool_call
      // The agent waits for an answer; a phone has no client to run a tool in.
      hooks.toAgent(clientToolRefused(call.tool_call_id))
      hooks.event('client-tool-refused', { tool: call.tool_name })
      break
    }
    case 'mcp_tool_call': {
      const { state, tool_call_id, tool_name } = message.mcp_tool_call
      // Nobody is there to approve, and silence would hold the agent for minutes.
      if (state === 'awaiting_approval') hooks.toAgent(mcpToolRefused(tool_call_id))
      hooks.event('mcp-tool-call', { tool: tool_name, state })
      break
    }
    case 'agent_tool_request':
      hooks.event('tool-call', { tool: message.agent_tool_request.tool_name })
      break
    case 'agent_tool_response':
      tellOutcome(message.agent_tool_response, hooks)
      break
    case 'agent_tool_response_full_payload':
      tellOutcome(message.agent_tool_response_full_payload, hooks)
      break
    case 'mcp_connection_status': {
      const { integrations } = message.mcp_connection_status
      const lost = integrations.filter((integration) => !integration.is_connected)
      hooks.event('mcp-status', { servers: integrations.length, lost: lost.length })
      break
    }
    case 'guardrail_triggered':
      hooks.event('guardrail')
      break
    case 'error': {
      const { code, error_type } = message.error_event
      hooks.event('vendor-error', { code, type: error_type })
      break
    }
    case 'agent_chat_response_part':
      // Pieces of a text that comes whole as `agent_response`: told as they come, they would flicker.
      break
  }
}

function tellOutcome(
  outcome: { tool_name: string; is_error: boolean },
  hooks: ConversationHooks,
): void {
  hooks.event('tool-result', { tool: outcome.tool_name, isError: outcome.is_error })
}
