import { z } from 'zod'

/** `ConversationInitiationSource`: a closed list, in which a client of its own making is `unknown`. */
const sources = [
  'unknown',
  'android_sdk',
  'node_js_sdk',
  'react_native_sdk',
  'react_sdk',
  'js_sdk',
  'python_sdk',
  'widget',
  'sip_trunk',
  'twilio',
  'exotel',
  'genesys',
  'avaya',
  'audiocodes',
  'swift_sdk',
  'whatsapp',
  'twilio_sms',
  'flutter_sdk',
  'zendesk_integration',
  'slack_integration',
  'telegram_integration',
  'intercom_integration',
  'freshdesk_integration',
  'salesforce_integration',
  'template_preview',
  'genesys_bot_connector',
  'subagent_tool',
] as const

const text = z.string().nullish()
const texts = z.array(z.string()).nullish()
const number = z.number().nullish()
const anything = z.record(z.string(), z.unknown())

// Loose, since the published schemas let further properties pass.
const override = z.looseObject({
  agent: z
    .looseObject({
      first_message: text,
      language: text,
      max_conversation_duration_message: text,
      prompt: z
        .looseObject({
          prompt: text,
          llm: text,
          tool_ids: texts,
          native_mcp_server_ids: texts,
          knowledge_base: z.array(anything).nullish(),
        })
        .nullish(),
    })
    .nullish(),
  tts: z
    .looseObject({
      model_id: text,
      voice_id: text,
      stability: number,
      speed: number,
      similarity_boost: number,
    })
    .nullish(),
  conversation: z
    .looseObject({ text_only: z.boolean().nullish(), max_duration_seconds: z.int().nullish() })
    .nullish(),
  asr: z.looseObject({ keywords: texts }).nullish(),
  turn: z.looseObject({ soft_timeout_config: anything.nullish() }).nullish(),
})

/** `ConversationInitiationClientDataRequest`, as the service publishes it. */
export const initiationMessage = z.looseObject({
  type: z.literal('conversation_initiation_client_data'),
  conversation_config_override: override.optional(),
  custom_llm_extra_body: anything.optional(),
  user_id: text,
  source_info: z
    .looseObject({ source: z.enum(sources).nullish(), version: z.string().max(50).nullish() })
    .optional(),
  branch_id: text,
  environment: text,
  starting_workflow_node_id: text,
  procedure_ids: texts,
  dynamic_variables: anything.optional(),
})
