import { createHmac, timingSafeEqual } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { asPlatform, type Context, inTransaction } from '#api/core/context.ts'
import { invalidRequest } from '#api/core/errors.ts'
import { markHandled, rememberDelivery } from '#api/core/inbox/service.ts'
import { serveWebhook } from '#api/http/serve-webhook.ts'
import { reconcileCallJob } from './jobs.ts'
import { findCallOfConversation } from './live.ts'

const WINDOW_SECONDS = 300 // THREATS B4, both ways

const delivery = z.object({
  type: z.string(),
  event_timestamp: z.number().optional(),
  data: z
    .object({ conversation_id: z.string().optional(), agent_id: z.string().optional() })
    .loose(),
})

/** ElevenLabs' post-call webhooks: verify, remember, hand to the job that reads the conversation. */
export async function callWebhooks(
  app: FastifyInstance,
  options: { elevenLabsSecret: string },
): Promise<void> {
  serveWebhook(
    app,
    { vendor: 'elevenlabs', path: '/webhooks/elevenlabs' },
    async (ctx, request) => {
      verifySignature(
        ctx,
        options.elevenLabsSecret,
        request.header('elevenlabs-signature'),
        request.body,
      )
      const parsed = delivery.safeParse(parseJson(request.body))
      if (!parsed.success) throw invalidRequest('The delivery could not be read.')
      const { type, data } = parsed.data
      if (!data.conversation_id) return
      const conversationId = data.conversation_id
      const seen = await asPlatform(ctx, (tx) =>
        rememberDelivery(tx, 'elevenlabs', `${conversationId}:${type}`, type, { conversationId }),
      )
      if (seen === 'again') return
      const call = await findCallOfConversation(ctx, conversationId)
      if (call && type === 'post_call_transcription')
        await inTransaction(call.own, (tx) =>
          tx.enqueue(reconcileCallJob, {
            organizationId: call.organizationId,
            callId: call.callId,
          }),
        )
      // A conversation that is no call of ours is ignored and counted (THREATS T14).
      await asPlatform(ctx, (tx) =>
        markHandled(tx, 'elevenlabs', `${conversationId}:${type}`, call ? 'handed on' : 'not ours'),
      )
    },
  )
}

/** `t=<seconds>,v0=<hex>`: HMAC-SHA256 over `t.body`; several v0 and spaces are allowed. */
export function verifySignature(
  ctx: Pick<Context, 'now'>,
  secret: string,
  header: string | undefined,
  body: Buffer,
): void {
  const parts = (header ?? '').split(',').map((part) => part.trim())
  const time = parts.find((part) => part.startsWith('t='))?.slice(2) ?? ''
  const signatures = parts.filter((part) => part.startsWith('v0=')).map((part) => part.slice(3))
  const age = Math.abs(ctx.now().getTime() / 1000 - Number(time))
  const wanted = createHmac('sha256', secret).update(`${time}.`).update(body).digest()
  const genuine = signatures.some((hex) => {
    const given = Buffer.from(hex, 'hex')
    return given.length === wanted.length && timingSafeEqual(given, wanted)
  })
  if (!/^\d{1,12}$/.test(time) || age > WINDOW_SECONDS || !genuine)
    throw invalidRequest('The signature does not fit this delivery.')
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch (error) {
    throw invalidRequest('The delivery is not JSON.', [
      { path: 'body', message: error instanceof Error ? error.message : 'not JSON' },
    ])
  }
}
