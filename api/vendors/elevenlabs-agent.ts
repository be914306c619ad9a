import { z } from 'zod'
import type { AgentSpec, HeldAgent } from '#api/core/vendors.ts'

const LLM = 'gemini-2.5-flash'
// The v2 flash model speaks English only; v2_5 speaks every language an agent may have.
const VOICE_MODEL = 'eleven_flash_v2_5'
const PHONE_AUDIO = 'ulaw_8000' // both ways, so that the gateway forwards bytes and transcodes nothing
const TURN_TIMEOUT_SECONDS = 7

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
  const { isInterruptible = true, documents = [] } = agent
  return {
    name: agent.name,
    tags: agent.tags,
    conversation_config: {
      agent: {
        first_message: agent.firstMessage,
        language: agent.language,
        disable_first_message_interruptions: !isInterruptible,
        dynamic_variables: { dynamic_variable_placeholders: agent.variables ?? {} },
        prompt: {
          prompt: agent.prompt,
          llm: agent.llm ?? LLM,
          temperature: agent.temperature ?? 0,
          tool_ids: agent.toolIds ?? [],
          built_in_tools: builtInTools(agent),
          knowledge_base: documents.map(({ id, name }) => ({
            type: 'text',
            id,
            name,
            usage_mode: 'auto',
          })),
          rag: { enabled: documents.length > 0, embedding_model: embeddingModel(agent.language) },
        },
      },
      asr: { quality: 'high', user_input_audio_format: PHONE_AUDIO },
      tts: {
        model_id: VOICE_MODEL,
        voice_id: agent.voiceId,
        agent_output_audio_format: PHONE_AUDIO,
      },
      turn: {
        turn_timeout: agent.turnTimeoutSeconds ?? TURN_TIMEOUT_SECONDS,
        turn_eagerness: agent.turnEagerness ?? 'normal',
      },
      conversation: {
        text_only: false,
        max_duration_seconds: agent.maxDurationSeconds,
        // An agent that does not tell of interruptions is not interrupted.
        client_events: clientEvents.filter((name) => isInterruptible || name !== 'interruption'),
      },
    },
    platform_settings: {
      // Only our signed URLs open a conversation; without this anybody who knows the id could.
      auth: { enable_auth: true, allowlist: [] },
      evaluation: {
        criteria: (agent.criteria ?? []).map(({ name, goal }, index) => ({
          id: criterionId(name, index),
          name,
          type: 'prompt',
          conversation_goal_prompt: goal,
        })),
      },
      data_collection: Object.fromEntries(
        (agent.dataCollection ?? []).map(({ name, type, description }) => [
          name,
          { type, description },
        ]),
      ),
      overrides: {
        // What the gateway sets per call: greeting, context after a reconnect, the seconds paid for.
        conversation_config_override: {
          agent: { first_message: true, language: false, prompt: { prompt: true } },
          tts: { voice_id: true },
          conversation: { text_only: false, max_duration_seconds: true },
        },
        // Asked for calls of imported numbers only: what admits and limits them.
        enable_conversation_initiation_client_data_from_webhook: true,
      },
    },
  }
}

/** Null takes a tool away, whether a PATCH merges or replaces. */
function builtInTools({ endCall = true, keypad = false, transfers = [] }: AgentSpec): object {
  return {
    end_call: endCall ? systemTool('end_call') : null,
    play_keypad_touch_tone: keypad ? systemTool('play_keypad_touch_tone') : null,
    transfer_to_number:
      transfers.length > 0
        ? systemTool('transfer_to_number', {
            transfers: transfers.map(({ number, condition }) => ({
              transfer_destination: { type: 'phone', phone_number: number },
              condition,
              transfer_type: 'conference',
            })),
          })
        : null,
  }
}

const systemTool = (name: string, params: object = {}) => ({
  type: 'system',
  name,
  description: '',
  params: { system_tool_type: name, ...params },
})

const embeddingModel = (language: string): string =>
  language === 'en' ? 'e5_mistral_7b_instruct' : 'multilingual_e5_large_instruct'

/** Readable in ElevenLabs' own console; the position keeps two of one spelling apart. */
const criterionId = (name: string, index: number): string =>
  `${name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .slice(0, 40)}_${index + 1}`

/**
 * Names that a merging PATCH left in what is kept by name, and that the agent is not to have any more. Null
 * when there is none, as always where a PATCH replaces.
 */
export function leftovers(held: HeldAgent, wanted: AgentSpec): object | null {
  const variables = Object.keys(held.variables).filter(
    (name) => !(name in (wanted.variables ?? {})),
  )
  const fields = held.dataCollection
    .map(({ name }) => name)
    .filter((name) => !(wanted.dataCollection ?? []).some((field) => field.name === name))
  if (variables.length + fields.length === 0) return null
  const without = (names: string[]) => Object.fromEntries(names.map((name) => [name, null]))
  return {
    conversation_config: {
      agent: { dynamic_variables: { dynamic_variable_placeholders: without(variables) } },
    },
    platform_settings: { data_collection: without(fields) },
  }
}

// What ElevenLabs adds to its objects every month passes by.
const systemToolReply = z.object({ type: z.string() }).nullish()
const text = z.string().nullish()
export const agentReply = z.object({
  name: z.string(),
  conversation_config: z.object({
    agent: z.object({
      first_message: text,
      language: text,
      dynamic_variables: z
        .object({ dynamic_variable_placeholders: z.record(z.string(), z.unknown()).nullish() })
        .nullish(),
      prompt: z.object({
        prompt: text,
        llm: text,
        temperature: z.number().nullish(),
        tool_ids: z.array(z.string()).nullish(),
        built_in_tools: z
          .object({
            end_call: systemToolReply,
            play_keypad_touch_tone: systemToolReply,
            transfer_to_number: z
              .object({
                params: z.object({
                  transfers: z.array(
                    z.object({
                      transfer_destination: z.object({ phone_number: text }).nullish(),
                      condition: text,
                    }),
                  ),
                }),
              })
              .nullish(),
          })
          .nullish(),
        knowledge_base: z.array(z.object({ id: z.string() })).nullish(),
      }),
    }),
    tts: z.object({ voice_id: text }),
    turn: z.object({ turn_timeout: z.number().nullish(), turn_eagerness: text }),
    conversation: z.object({
      max_duration_seconds: z.number().nullish(),
      client_events: z.array(z.string()).nullish(),
    }),
  }),
  platform_settings: z
    .object({
      evaluation: z
        .object({
          criteria: z.array(z.object({ name: text, conversation_goal_prompt: text })).nullish(),
        })
        .nullish(),
      data_collection: z
        .record(z.string(), z.object({ type: z.unknown(), description: text }).nullish())
        .nullish(),
    })
    .nullish(),
})

/** What an agent is there, in the words we give it: the same for the same, whatever the defaults around it. */
export function heldAgent({
  name,
  conversation_config: config,
  platform_settings: settings,
}: z.output<typeof agentReply>): HeldAgent {
  const { agent, tts, turn, conversation } = config
  const { prompt } = agent
  const builtIn = prompt.built_in_tools
  const variables = Object.entries(agent.dynamic_variables?.dynamic_variable_placeholders ?? {})
    .filter(([, value]) => value !== null && value !== undefined)
    .map(([key, value]): [string, string] => [key, String(value)])
  return {
    name,
    prompt: prompt.prompt ?? '',
    firstMessage: agent.first_message ?? '',
    language: agent.language ?? 'en',
    voiceId: tts.voice_id ?? '',
    maxDurationSeconds: conversation.max_duration_seconds ?? 0,
    variables: Object.fromEntries(variables.toSorted(byName)),
    llm: prompt.llm ?? LLM,
    temperature: prompt.temperature ?? 0,
    turnTimeoutSeconds: turn.turn_timeout ?? TURN_TIMEOUT_SECONDS,
    turnEagerness: turn.turn_eagerness ?? 'normal',
    isInterruptible: (conversation.client_events ?? []).includes('interruption'),
    endCall: Boolean(builtIn?.end_call),
    keypad: Boolean(builtIn?.play_keypad_touch_tone),
    transfers: (builtIn?.transfer_to_number?.params.transfers ?? []).map((transfer) => ({
      number: transfer.transfer_destination?.phone_number ?? '',
      condition: transfer.condition ?? '',
    })),
    toolIds: (prompt.tool_ids ?? []).toSorted(),
    documentIds: (prompt.knowledge_base ?? []).map(({ id }) => id).toSorted(),
    dataCollection: Object.entries(settings?.data_collection ?? {})
      .toSorted(byName)
      .flatMap(([field, held]) =>
        held ? [{ name: field, type: String(held.type), description: held.description ?? '' }] : [],
      ),
    criteria: (settings?.evaluation?.criteria ?? []).map((criterion) => ({
      name: criterion.name ?? '',
      goal: criterion.conversation_goal_prompt ?? '',
    })),
  }
}

const byName = ([one]: [string, unknown], [other]: [string, unknown]): number =>
  one < other ? -1 : Number(one > other)
