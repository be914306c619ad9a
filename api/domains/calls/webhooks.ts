import { createHmac, timingSafeEqual } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { asPlatform, type Context, inTransaction } from '#api/core/context.ts'
import { invalidRequest } from '#api/core/errors.ts'
import { markHandled, recordRejection, rememberDelivery } from '#api/core/inbox/service.ts'
import type { Metrics } from '#api/core/metrics.ts'
import { serveWebhook } from '#api/http/serve-webhook.ts'
import { reconcileCallJob } from './jobs.ts'
import { findAgentOfCall, findCallOfConversation } from './live.ts'
import { takeInConversationJob } from './take-in-jobs.ts'

const WINDOW_SECONDS = 300 // THREATS B4, both ways

const delivery = z.object({
  type: z.string(),
  event_timestamp: z.number().optional(),
  data: z
    .object({
      conversation_id: z.string().optional(),
      agent_id: z.string().optional(),
      metadata: z
        .object({ phone_call: z.object({ call_sid: z.string() }).nullish() })
        .optional()
        .catch(undefined),
      // What the gateway told the agent at the start; ElevenLabs gives it back.
      conversation_initiation_client_data: z
        .object({ dynamic_variables: z.object({ call_id: z.uuid().optional().catch(undefined) }) })
        .optional()
        .catch(undefined),
    })
    .loose(),
})

/** ElevenLabs' post-call webhooks: verify, remember, hand to the job that reads the conversation. */
export async function callWebhooks(
  app: FastifyInstance,
  options: { elevenLabsSecret: string; metrics: Metrics },
): Promise<void> {
  const { elevenLabsSecret, metrics } = options
  // Any other status counts as a failed delivery there, and after ten of them the webhook is switched off.
  const declared = {
    vendor: 'elevenlabs',
    path: '/webhooks/elevenlabs',
    answer: 'text/plain',
  } as const
  serveWebhook(app, declared, async (ctx, { body, header }) => {
    const outcome = await receive(ctx, elevenLabsSecret, header('elevenlabs-signature'), body)
    metrics.webhooks.inc({ vendor: 'elevenlabs', outcome })
    if (outcome === 'forged') throw invalidRequest('The signature does not fit this delivery.')
    if (outcome === 'malformed') throw invalidRequest('The delivery could not be read.')
  })
}

type Outcome =
  | 'forged'
  | 'malformed'
  | 'ignored'
  | 'again'
  | 'not ours'
  | 'earlier conversation'
  | 'handed on'

async function receive(
  ctx: Context,
  secret: string,
  signature: string | undefined,
  body: Buffer,
): Promise<Outcome> {
  if (!isSignedByElevenLabs(ctx, secret, signature, body)) {
    ctx.log.warn({}, 'a webhook was not genuine')
    await recordRejection(ctx, 'elevenlabs', 'signature', body.length)
    return 'forged'
  }
  const parsed = delivery.safeParse(parseJson(body))
  if (!parsed.success) {
    await recordRejection(ctx, 'elevenlabs', 'malformed', body.length)
    return 'malformed'
  }
  const { type, data } = parsed.data
  const conversationId = data.conversation_id
  if (!conversationId) return 'ignored'
  const deliveryId = `${conversationId}:${type}`
  const seen = await asPlatform(ctx, (tx) =>
    rememberDelivery(tx, 'elevenlabs', deliveryId, type, { conversationId }),
  )
  if (seen === 'again') return 'again'
  const close = async (outcome: Outcome) => {
    await asPlatform(ctx, (tx) => markHandled(tx, 'elevenlabs', deliveryId, outcome))
    return outcome
  }
  const call = await findCallOfConversation(ctx, conversationId)
  // One that ElevenLabs carried: which call it is, or should have been, the conversation itself says.
  if (!call && type === 'post_call_transcription' && data.metadata?.phone_call) {
    await asPlatform(ctx, (tx) => tx.enqueue(takeInConversationJob, { conversationId }))
    return await close('handed on')
  }
  // A conversation that is no call of ours, or of an agent it was not held with, changes nothing (THREATS T14).
  const isOurs = call !== null && (!data.agent_id || data.agent_id === call.elevenLabsAgentId)
  // A call that lost its agent or its gateway had several conversations, of which it keeps the last.
  if (!isOurs && (await isEarlierOf(ctx, data))) return await close('earlier conversation')
  if (!isOurs)
    ctx.log.warn({ alert: 'webhook.not_ours', conversationId }, 'a webhook told of no call of ours')
  else if (type === 'post_call_transcription')
    await inTransaction(call.own, (tx) =>
      tx.enqueue(reconcileCallJob, { organizationId: call.organizationId, callId: call.callId }),
    )
  return await close(isOurs ? 'handed on' : 'not ours')
}

async function isEarlierOf(ctx: Context, data: z.output<typeof delivery>['data']) {
  const callId = data.conversation_initiation_client_data?.dynamic_variables.call_id
  const agentId = callId && (await findAgentOfCall(ctx, callId))
  return agentId !== undefined && agentId === data.agent_id
}

/** `t=<seconds>,v0=<hex>`: HMAC-SHA256 over `t.body`; several v0 and spaces are allowed. */
export function isSignedByElevenLabs(
  ctx: Pick<Context, 'now'>,
  secret: string,
  header: string | undefined,
  body: Buffer,
): boolean {
  const parts = (header ?? '').split(',').map((part) => part.trim())
  const time = parts.find((part) => part.startsWith('t='))?.slice(2) ?? ''
  const signatures = parts.filter((part) => part.startsWith('v0=')).map((part) => part.slice(3))
  const age = Math.abs(ctx.now().getTime() / 1000 - Number(time))
  const wanted = createHmac('sha256', secret).update(`${time}.`).update(body).digest()
  const genuine = signatures.some((hex) => {
    const given = Buffer.from(hex, 'hex')
    return given.length === wanted.length && timingSafeEqual(given, wanted)
  })
  return /^\d{1,12}$/.test(time) && age <= WINDOW_SECONDS && genuine
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
