import { z } from 'zod'

/**
 * Everything an agent is told and allowed: what a draft holds and a version keeps. What was stored is parsed again
 * when it is read, so a part that comes later needs a default, and no part may become narrower.
 */

const PHONE = /^\+[1-9][0-9]{6,14}$/ // E.164
// ElevenLabs keeps these prefixes for itself.
const VARIABLE = /^(?!system__|secret__)[A-Za-z][A-Za-z0-9_]{0,39}$/
const TOOL_NAME = /^[A-Za-z0-9_-]{1,64}$/
const FIELD = /^[A-Za-z][A-Za-z0-9_]{0,63}$/

// Those the voice model speaks.
export const agentLanguages = [
  'en',
  'ja',
  'zh',
  'de',
  'hi',
  'fr',
  'ko',
  'pt',
  'pt-br',
  'it',
  'es',
  'id',
  'nl',
  'tr',
  'pl',
  'sv',
  'bg',
  'ro',
  'ar',
  'cs',
  'el',
  'fi',
  'hr',
  'ms',
  'sk',
  'da',
  'ta',
  'uk',
  'ru',
  'hu',
  'no',
  'vi',
] as const
/** Worth offering; ElevenLabs knows more, and any of its names may be given. */
export const suggestedLlms = [
  'gemini-2.5-flash',
  'gemini-2.5-flash-lite',
  'gpt-4.1',
  'gpt-4.1-mini',
  'gpt-5-mini',
  'claude-sonnet-4-5',
  'claude-haiku-4-5',
] as const
export const turnEagerness = ['patient', 'normal', 'eager'] as const
export const valueTypes = ['string', 'number', 'integer', 'boolean'] as const
export const toolMethods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const
/** What ElevenLabs takes where nothing is chosen. */
export const DEFAULT_VOICE_ID = 'cjVigY5qzO86Huf0OWal'

export const variable = z.strictObject({
  name: z.string().regex(VARIABLE),
  /** What stands in its place where a call brings no value. */
  default: z.string().max(500),
})

/** Where a parameter's value comes from: the conversation, a variable, or it is always the same. */
export const parameterValue = z.discriminatedUnion('from', [
  z.strictObject({
    from: z.literal('conversation'),
    description: z.string().trim().min(1).max(500),
  }),
  z.strictObject({ from: z.literal('variable'), variable: z.string().max(60) }),
  z.strictObject({ from: z.literal('constant'), constant: z.string().max(500) }),
])

export const webhookTool = z.strictObject({
  name: z.string().regex(TOOL_NAME),
  /** When the agent should use it, and for what. */
  description: z.string().trim().min(1).max(1_000),
  url: z.url({ protocol: /^https?$/ }).max(2_000),
  method: z.enum(toolMethods).default('POST'),
  timeoutSeconds: z.int().min(5).max(120).default(20),
  parameters: z
    .array(
      z.strictObject({
        name: z.string().regex(FIELD),
        type: z.enum(valueTypes),
        required: z.boolean(),
        value: parameterValue,
      }),
    )
    .max(30)
    .default([]),
})

export const agentSpec = z.strictObject({
  /** May name variables as `{{name}}`, like the first message. */
  prompt: z.string().max(20_000).default(''),
  /** Empty: the agent waits until it is spoken to. */
  firstMessage: z.string().max(1_000).default(''),
  variables: z.array(variable).max(50).default([]),
  language: z.enum(agentLanguages).default('en'),
  voiceId: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/)
    .default(DEFAULT_VOICE_ID),
  llm: z
    .string()
    .regex(/^[a-z0-9][a-z0-9.@-]{1,79}$/)
    .default('gemini-2.5-flash'),
  temperature: z.number().min(0).max(1).default(0),
  turn: z
    .strictObject({
      /** How long a caller may be silent before the agent speaks again. */
      timeoutSeconds: z.int().min(1).max(30),
      eagerness: z.enum(turnEagerness),
    })
    .default({ timeoutSeconds: 7, eagerness: 'normal' }),
  /** Whether a caller who speaks stops the agent. */
  isInterruptible: z.boolean().default(true),
  tools: z
    .strictObject({
      endCall: z.boolean(),
      /** Presses keys in the menus of others. */
      keypad: z.boolean(),
      transfers: z
        .array(
          z.strictObject({
            number: z.string().regex(PHONE),
            condition: z.string().trim().min(1).max(500),
          }),
        )
        .max(20),
      webhooks: z.array(webhookTool).max(20),
    })
    .default({ endCall: true, keypad: false, transfers: [], webhooks: [] }),
  documentIds: z.array(z.uuid()).max(50).default([]),
  /** What is read out of every conversation afterwards. */
  dataCollection: z
    .array(
      z.strictObject({
        name: z.string().regex(FIELD),
        type: z.enum(valueTypes),
        description: z.string().trim().min(1).max(2_000),
      }),
    )
    .max(25)
    .default([]),
  /** What every conversation is judged by afterwards. */
  criteria: z
    .array(
      z.strictObject({
        name: z.string().trim().min(1).max(80),
        goal: z.string().trim().min(1).max(2_000),
      }),
    )
    .max(30)
    .default([]),
  // Four hours is the longest call (THREATS X-call).
  maxDurationSeconds: z.int().min(60).max(14_400).default(3_600),
})
export type AgentDraft = z.output<typeof agentSpec>
export type WebhookTool = z.output<typeof webhookTool>
