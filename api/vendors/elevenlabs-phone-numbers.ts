import { z } from 'zod'
import type { ElevenLabsPhoneNumbers, ImportedNumber } from '#api/core/vendors.ts'
import { get } from './elevenlabs-api.ts'
import type { JsonApi } from './json-api.ts'

const PATH = '/v1/convai/phone-numbers'
const numberPath = (id: string) => `${PATH}/${encodeURIComponent(id)}`

const importedNumber = z.object({
  phone_number_id: z.string(),
  phone_number: z.string(),
  assigned_agent: z.object({ agent_id: z.string() }).nullish(),
})

/** Numbers that ElevenLabs answers by itself, and calls that it answers for us. */
export const elevenLabsPhoneNumbers = (api: JsonApi): ElevenLabsPhoneNumbers => ({
  async importNumber({ e164, label, accountSid, authToken }) {
    const created = await api.call(
      {
        operation: 'import-number',
        method: 'POST',
        path: PATH,
        body: {
          provider: 'twilio',
          phone_number: e164,
          label,
          sid: accountSid,
          token: authToken,
          // Left out, it is on, and takes the number's messages as well.
          enable_sms: false,
        },
        repeatable: false,
      },
      z.object({ phone_number_id: z.string() }),
    )
    return created.phone_number_id
  },

  async findImportedNumber(e164) {
    const numbers = await api.call(get('list-numbers', PATH), z.array(importedNumber))
    const found = numbers.find(({ phone_number }) => phone_number === e164)
    return found ? describe(found) : null
  },

  async assignNumber(id, elevenLabsAgentId) {
    const body = { agent_id: elevenLabsAgentId }
    const change = { method: 'PATCH', body, repeatable: true } as const
    await api.call({ operation: 'assign-number', path: numberPath(id), ...change }, z.object({}))
  },

  async deleteImportedNumber(id) {
    const path = numberPath(id)
    await api.find(
      { operation: 'delete-number', method: 'DELETE', path, repeatable: true },
      z.unknown(),
    )
  },

  async setInitiationWebhook({ url, headers }) {
    const body = { conversation_initiation_client_data_webhook: { url, request_headers: headers } }
    await api.call(
      {
        operation: 'set-initiation-webhook',
        method: 'PATCH',
        path: '/v1/convai/settings',
        body,
        repeatable: true,
      },
      z.object({}),
    )
  },

  async registerCall({ elevenLabsAgentId, from, to, maxDurationSeconds, variables }) {
    const twiml = await api.bytes({
      operation: 'register-call',
      method: 'POST',
      path: '/v1/convai/twilio/register-call',
      body: {
        agent_id: elevenLabsAgentId,
        from_number: from,
        to_number: to,
        direction: 'inbound',
        conversation_initiation_client_data: {
          ...(maxDurationSeconds !== null && {
            conversation_config_override: {
              conversation: { max_duration_seconds: maxDurationSeconds },
            },
          }),
          dynamic_variables: variables,
        },
      },
      // Asked twice, one conversation of the two is never opened; it costs nothing.
      repeatable: true,
    })
    const document = twiml.toString('utf8')
    return { twiml: document, conversationId: conversationIn(document) }
  },
})

const describe = (found: z.output<typeof importedNumber>): ImportedNumber => ({
  elevenLabsPhoneNumberId: found.phone_number_id,
  elevenLabsAgentId: found.assigned_agent?.agent_id ?? null,
})

/** The order of the attributes is not promised. */
function conversationIn(twiml: string): string | null {
  for (const [parameter] of twiml.matchAll(/<Parameter\b[^>]*>/g))
    if (/\bname="conversation_id"/.test(parameter))
      return /\bvalue="([^"]+)"/.exec(parameter)?.[1] ?? null
  return null
}
