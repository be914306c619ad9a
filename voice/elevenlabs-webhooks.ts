import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { Context } from '#api/core/context.ts'
import { DomainError } from '#api/core/errors.ts'
import { recordRejection } from '#api/core/inbox/service.ts'
import { admitNativeCall, type NativeAnswer } from '#api/domains/calls/service.ts'
import { INITIATION_HEADER } from '#api/domains/phone-numbers/service.ts'

const MAX_BODY_BYTES = 16_384 // five short fields
// What a call may last that is hung up at the carrier at the same moment.
const REFUSED_SECONDS = 1

const question = z.object({
  caller_id: z.string().max(64),
  agent_id: z.string().max(100),
  called_number: z.string().max(64),
  call_sid: z.string().regex(/^CA[0-9a-f]{32}$/),
  conversation_id: z.string().max(100).nullish(),
})

/** What ElevenLabs asks before it takes a call of an imported number. */
export async function elevenLabsWebhooks(
  app: FastifyInstance,
  deps: { ctx: Context; refused(check: string): void },
): Promise<void> {
  const ctx: Context = { ...deps.ctx, actor: { kind: 'webhook', vendor: 'elevenlabs' } }

  app.post(
    '/elevenlabs/initiation',
    { bodyLimit: MAX_BODY_BYTES },
    async (request, reply): Promise<unknown> => {
      const secret = request.headers[INITIATION_HEADER]
      const { signer, vendors } = ctx
      // No signature covers this question, so a secret of ours comes with it.
      if (typeof secret !== 'string' || !signer.matches('initiation', vendors.gatewayUrl, secret)) {
        deps.refused('elevenlabs_initiation')
        const bytes = Number(request.headers['content-length'] ?? 0)
        await recordRejection(ctx, 'elevenlabs', 'signature', bytes)
        return reply.code(403).send('')
      }
      const asked = question.safeParse(request.body)
      if (!asked.success) return reply.code(400).send('')
      try {
        const admitted = await admitNativeCall(ctx, {
          from: asked.data.caller_id,
          to: asked.data.called_number,
          twilioCallSid: asked.data.call_sid,
          elevenLabsAgentId: asked.data.agent_id,
          conversationId: asked.data.conversation_id ?? null,
        })
        return answer(admitted)
      } catch (error) {
        if (!(error instanceof DomainError)) throw error
        ctx.log.info({ code: error.code }, 'call refused')
        return answer({ variables: {}, firstMessage: null, maxDurationSeconds: REFUSED_SECONDS })
      }
    },
  )
}

const answer = ({ variables, firstMessage, maxDurationSeconds }: NativeAnswer) => ({
  type: 'conversation_initiation_client_data',
  dynamic_variables: variables,
  conversation_config_override: {
    ...(firstMessage !== null && { agent: { first_message: firstMessage } }),
    ...(maxDurationSeconds !== null && {
      conversation: { max_duration_seconds: maxDurationSeconds },
    }),
  },
})
