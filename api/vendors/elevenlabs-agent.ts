import type { AgentSpec } from '#api/core/vendors.ts'

const LLM = 'gemini-2.5-flash'
// The v2 flash model speaks English only; v2_5 speaks every language an agent may have.
const VOICE_MODEL = 'eleven_flash_v2_5'
const PHONE_AUDIO = 'ulaw_8000' // both ways, so that the gateway forwards bytes and transcodes nothing

/** Everything the gateway reads from the socket. What is not named here is not sent. */
export const clientEvents = [
  'conversation_initiation_metadata',
  'ping',
  'audio',
  'interruption',
  'user_transcript',
  'tentative_user_transcript',
  'agent_response',
  'agent_response_correction',
  'agent_tool_request',
  'agent_tool_response',
  'client_error',
] as const

/**
 * The whole agent as ElevenLabs takes it, for creation and for change alike: how deep a PATCH merges
 * is not documented, so nested objects are always sent complete.
 */
export function agentBody(agent: AgentSpec): object {
  return {
    name: agent.name,
    tags: agent.tags,
    conversation_config: {
      agent: {
        first_message: agent.firstMessage,
        language: agent.language,
        prompt: {
          prompt: agent.prompt,
          llm: LLM,
          temperature: 0,
          tool_ids: [],
          built_in_tools: {
            end_call: {
              type: 'system',
              name: 'end_call',
              description: '',
              params: { system_tool_type: 'end_call' },
            },
          },
        },
      },
      asr: { quality: 'high', user_input_audio_format: PHONE_AUDIO },
      tts: {
        model_id: VOICE_MODEL,
        voice_id: agent.voiceId,
        agent_output_audio_format: PHONE_AUDIO,
      },
      turn: { turn_timeout: 7 },
      conversation: {
        text_only: false,
        max_duration_seconds: agent.maxDurationSeconds,
        client_events: clientEvents,
      },
    },
    platform_settings: {
      // Only our signed URLs open a conversation; without this anybody who knows the id could.
      auth: { enable_auth: true, allowlist: [] },
      overrides: {
        // What the gateway sets per call: greeting, context after a reconnect, the seconds paid for.
        conversation_config_override: {
          agent: { first_message: true, language: false, prompt: { prompt: true } },
          tts: { voice_id: true },
          conversation: { text_only: false, max_duration_seconds: true },
        },
        enable_conversation_initiation_client_data_from_webhook: false,
      },
    },
  }
}
