import { z } from 'zod'
import type { Conversation, ElevenLabsClient } from '#api/core/vendors.ts'
import type { Breaker } from './breakers.ts'
import { elevenLabsAgents } from './elevenlabs-agents.ts'
import { ELEVENLABS_URL, elevenLabsApi, get } from './elevenlabs-api.ts'
import { elevenLabsKnowledge } from './elevenlabs-knowledge.ts'
import { elevenLabsPhoneNumbers } from './elevenlabs-phone-numbers.ts'
import { elevenLabsTools } from './elevenlabs-tools.ts'
import { elevenLabsVoices } from './elevenlabs-voices.ts'

const SPEECH_MODEL = 'eleven_flash_v2_5'
const MAX_SPEECH_BYTES = 2 * 2 ** 20 // four minutes of phone audio; notices last seconds
const WEBHOOK_EVENTS = ['transcript', 'call_initiation_failure']

/**
 * ElevenLabs' REST API, the dozen routes we use. Their SDK loads 5,400 files, which costs each
 * process up to two seconds and 160 MB, and it repeats POSTs that create; neither suits a gateway
 * that has to be back within seconds.
 */
export function elevenLabsClient(options: {
  apiKey: string
  baseUrl: string | null
  breaker?: Breaker
}): ElevenLabsClient {
  const api = elevenLabsApi(options)

  return {
    ...elevenLabsAgents(api),
    ...elevenLabsTools(api),
    ...elevenLabsVoices(api, options.baseUrl ?? ELEVENLABS_URL),
    ...elevenLabsKnowledge(api),
    ...elevenLabsPhoneNumbers(api),

    async signedUrl(id) {
      const path = '/v1/convai/conversation/get-signed-url'
      const answer = await api.call(
        get('get-signed-url', path, { agent_id: id }),
        z.object({ signed_url: z.string() }),
      )
      return answer.signed_url
    },

    async speak(voiceId, text) {
      return api.bytes({
        operation: 'speak',
        method: 'POST',
        path: `/v1/text-to-speech/${encodeURIComponent(voiceId)}`,
        query: { output_format: 'ulaw_8000' },
        body: { text, model_id: SPEECH_MODEL },
        repeatable: true,
        limits: { maxBytes: MAX_SPEECH_BYTES },
      })
    },

    async fetchConversation(id) {
      const path = `/v1/convai/conversations/${encodeURIComponent(id)}`
      const found = await api.find(get('fetch-conversation', path), conversation)
      return found && describe(found)
    },

    async listConversations({ startedAfter, cursor, pageSize }) {
      const page = await api.call(
        get('list-conversations', '/v1/convai/conversations', {
          call_start_after_unix: Math.floor(startedAfter.getTime() / 1000),
          page_size: pageSize,
          cursor,
        }),
        conversationPage,
      )
      return {
        items: page.conversations.map((item) => ({
          conversationId: item.conversation_id,
          elevenLabsAgentId: item.agent_id,
          status: item.status,
          startedAt: new Date(item.start_time_unix_secs * 1000),
        })),
        nextCursor: page.has_more ? (page.next_cursor ?? null) : null,
      }
    },

    async ensureWebhook(url, name) {
      const { webhooks } = await api.call(
        get('list-webhooks', '/v1/workspace/webhooks'),
        z.object({
          webhooks: z.array(z.object({ webhook_id: z.string(), webhook_url: z.string() })),
        }),
      )
      const known = webhooks.find(({ webhook_url }) => webhook_url === url)
      const created = known ? null : await createWebhook(url, name)
      const webhookId = known?.webhook_id ?? created?.webhook_id ?? ''
      await api.call(
        {
          operation: 'set-webhook',
          method: 'PATCH',
          path: '/v1/convai/settings',
          // Audio stays out: it is megabytes of base64, and the recording is ours.
          body: { webhooks: { post_call_webhook_id: webhookId, events: WEBHOOK_EVENTS } },
          repeatable: true,
        },
        z.object({}),
      )
      return { webhookId, secret: created?.webhook_secret ?? null }
    },
  }

  /** ElevenLabs shows the secret this once. */
  function createWebhook(url: string, name: string) {
    return api.call(
      {
        operation: 'create-webhook',
        method: 'POST',
        path: '/v1/workspace/webhooks',
        body: { settings: { auth_type: 'hmac', name, webhook_url: url } },
        repeatable: false,
      },
      z.object({ webhook_id: z.string(), webhook_secret: z.string().nullish() }),
    )
  }
}

const conversation = z.object({
  conversation_id: z.string(),
  agent_id: z.string(),
  status: z.enum(['initiated', 'in-progress', 'processing', 'done', 'failed']),
  metadata: z.object({
    start_time_unix_secs: z.number(),
    call_duration_secs: z.number(),
    phone_call: z
      .object({
        call_sid: z.string(),
        agent_number: z.string(),
        external_number: z.string(),
        direction: z.enum(['inbound', 'outbound']),
      })
      .nullish()
      .catch(null),
    cost_fiat: z.number().nullish(),
    termination_reason: z.string().nullish(),
  }),
  analysis: z.object({ transcript_summary: z.string().nullish() }).nullish(),
  transcript: z.array(
    z.object({
      role: z.enum(['user', 'agent']),
      message: z.string().nullish(),
      time_in_call_secs: z.number(),
      interrupted: z.boolean().nullish(),
    }),
  ),
})

const conversationPage = z.object({
  conversations: z.array(
    z.object({
      conversation_id: z.string(),
      agent_id: z.string(),
      status: z.string(),
      start_time_unix_secs: z.number(),
    }),
  ),
  next_cursor: z.string().nullish(),
  has_more: z.boolean(),
})

function describe(found: z.output<typeof conversation>): Conversation {
  return {
    conversationId: found.conversation_id,
    elevenLabsAgentId: found.agent_id,
    status: found.status,
    durationSeconds: found.metadata.call_duration_secs,
    // The cost grows until the analysis has run, so an earlier figure is none.
    costUsd: found.status === 'done' ? (found.metadata.cost_fiat ?? null) : null,
    terminationReason: found.metadata.termination_reason || null,
    summary: found.analysis?.transcript_summary ?? null,
    startedAt: new Date(found.metadata.start_time_unix_secs * 1000),
    phoneCall: describePhoneCall(found.metadata.phone_call),
    turns: found.transcript.map((turn) => ({
      role: turn.role,
      text: turn.message ?? null,
      atSeconds: turn.time_in_call_secs,
      interrupted: turn.interrupted ?? false,
    })),
  }
}

function describePhoneCall(
  call: z.output<typeof conversation>['metadata']['phone_call'],
): Conversation['phoneCall'] {
  if (!call) return null
  return {
    twilioCallSid: call.call_sid,
    agentNumber: call.agent_number,
    externalNumber: call.external_number,
    direction: call.direction,
  }
}
