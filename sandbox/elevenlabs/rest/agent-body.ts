import { z } from 'zod'
import { audioFormats, clientEvents } from '../agent-defaults.ts'
import { type Json, read, readList, readText } from '../json.ts'
import { badRequest, notFound } from '../problems.ts'
import type { Store } from '../store.ts'

const MAX_ALLOWED_HOSTS = 10 // the service's own limit
const ENGLISH_ONLY = ['eleven_turbo_v2', 'eleven_flash_v2']

const optionalText = z.string().nullish()
const share = z.number().min(0).max(1).nullish()
const open = <T extends z.ZodRawShape>(shape: T) => z.looseObject(shape).nullish()

const conversationConfig = z.looseObject({
  agent: open({
    first_message: optionalText,
    language: optionalText,
    disable_first_message_interruptions: z.boolean().nullish(),
    dynamic_variables: open({
      dynamic_variable_placeholders: z.record(z.string(), z.unknown()).nullish(),
    }),
    prompt: open({
      prompt: optionalText,
      llm: optionalText,
      temperature: z.number().nullish(),
      tool_ids: z.array(z.string()).nullish(),
      built_in_tools: z.looseObject({}).nullish(),
      knowledge_base: z
        .array(z.looseObject({ type: z.string(), name: z.string(), id: z.string() }))
        .nullish(),
    }),
  }),
  asr: open({
    user_input_audio_format: z.enum(audioFormats).nullish(),
    keywords: z.array(z.string()).nullish(),
  }),
  tts: open({
    model_id: optionalText,
    voice_id: optionalText,
    agent_output_audio_format: z.enum(audioFormats).nullish(),
    stability: share,
    similarity_boost: share,
    speed: z.number().min(0.7).max(1.2).nullish(),
  }),
  turn: open({
    turn_timeout: z.number().nullish(),
    silence_end_call_timeout: z.number().nullish(),
  }),
  conversation: open({
    text_only: z.boolean().nullish(),
    max_duration_seconds: z.int().positive().nullish(),
    client_events: z.array(z.enum(clientEvents)).nullish(),
  }),
})

const platformSettings = z.looseObject({
  auth: open({
    enable_auth: z.boolean().nullish(),
    allowlist: z
      .array(z.looseObject({ hostname: z.string() }))
      .max(MAX_ALLOWED_HOSTS)
      .nullish(),
  }),
  overrides: z.looseObject({}).nullish(),
})

const common = {
  name: optionalText,
  tags: z.array(z.string()).nullish(),
  platform_settings: platformSettings.nullish(),
  workflow: z.looseObject({}).nullish(),
}

export const createAgentBody = z.looseObject({ ...common, conversation_config: conversationConfig })
export const updateAgentBody = z.looseObject({
  ...common,
  conversation_config: conversationConfig.nullish(),
})

/** What the validator cannot see: names that must exist, settings that exclude each other. */
export function refuseNonsense(config: Json, store: Store): void {
  for (const entry of readList(config, 'agent', 'prompt', 'knowledge_base')) {
    const id = readText(entry, 'id')
    if (!store.documents.has(id)) throw notFound('Document', id)
  }
  for (const id of readList(config, 'agent', 'prompt', 'tool_ids'))
    if (typeof id === 'string' && !store.tools.has(id)) throw notFound('Tool', id)
  const language = readText(config, 'agent', 'language') || 'en'
  const model = String(read(config, 'tts', 'model_id'))
  if (language !== 'en' && ENGLISH_ONLY.includes(model))
    throw badRequest('invalid_parameters', 'Non-english Agents must use turbo or flash v2_5.')
}
