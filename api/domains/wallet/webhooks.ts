import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { Context } from '#api/core/context.ts'
import { invalidRequest } from '#api/core/errors.ts'
import { recordRejection } from '#api/core/inbox/service.ts'
import type { Metrics } from '#api/core/metrics.ts'
import { type Delivery, serveWebhook } from '#api/http/serve-webhook.ts'
import { handOn } from './jobs.ts'
import { verifyStripe } from './stripe-signature.ts'

const event = z.object({
  id: z.string().min(1).max(255),
  type: z.string().max(100),
  data: z.object({ object: z.object({ id: z.string().max(255).optional() }) }),
})

/** Stripe's news: verified, remembered by its ids, and handed to the job that asks Stripe what is true. */
export async function stripeWebhooks(
  app: FastifyInstance,
  settings: { webhookSecret: string | null; metrics: Metrics },
): Promise<void> {
  const declared = { vendor: 'stripe', path: '/webhooks/stripe' } as const
  serveWebhook(app, declared, async (ctx, delivery) => {
    const outcome = await receive(ctx, delivery, settings.webhookSecret)
    settings.metrics.webhooks.inc({ vendor: 'stripe', outcome })
    if (outcome === 'forged' || outcome === 'malformed')
      throw invalidRequest('The delivery could not be verified.')
  })
}

async function receive(ctx: Context, delivery: Delivery, secret: string | null): Promise<string> {
  const { body, header } = delivery
  const verdict = verifyStripe(secret, header('stripe-signature'), body, ctx.now())
  if (!verdict.genuine) {
    ctx.log.warn({ why: verdict.why }, 'a webhook was not genuine')
    await recordRejection(ctx, 'stripe', verdict.why, body.length)
    return 'forged'
  }
  const parsed = event.safeParse(parseJson(body))
  if (!parsed.success) {
    await recordRejection(ctx, 'stripe', 'malformed', body.length)
    return 'malformed'
  }
  const { id, type, data } = parsed.data
  return handOn(ctx, { id, type, objectId: data.object.id ?? '' })
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
