import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { Context } from '#api/core/context.ts'
import { asPlatform } from '#api/core/context.ts'
import { invalidRequest } from '#api/core/errors.ts'
import { markHandled, recordRejection, rememberDelivery } from '#api/core/inbox/service.ts'
import type { Metrics } from '#api/core/metrics.ts'
import { type Delivery, serveWebhook } from '#api/http/serve-webhook.ts'
import { keepAsClerkSays } from './from-clerk.ts'
import { verifySvix } from './svix.ts'

const clerkEvent = z.object({
  type: z.string().max(100),
  data: z.object({ id: z.string().min(1).max(200) }),
})
const userEvents = ['user.created', 'user.updated', 'user.deleted']

/** Clerk's news about people. */
export async function clerkWebhooks(
  app: FastifyInstance,
  settings: { webhookSecret: string; metrics: Metrics },
): Promise<void> {
  const declared = { vendor: 'clerk', path: '/webhooks/clerk' } as const
  serveWebhook(app, declared, async (ctx, delivery) => {
    const outcome = await receive(ctx, delivery, settings.webhookSecret)
    settings.metrics.webhooks.inc({ vendor: 'clerk', outcome })
    if (outcome === 'forged' || outcome === 'malformed')
      throw invalidRequest('The delivery could not be verified.')
  })
}

async function receive(ctx: Context, delivery: Delivery, secret: string): Promise<string> {
  const verdict = verifySvix(secret, delivery, ctx.now())
  if (!verdict.genuine) {
    ctx.log.warn({ why: verdict.why }, 'a webhook was not genuine')
    await recordRejection(ctx, 'clerk', verdict.why, delivery.body.length)
    return 'forged'
  }
  const parsed = clerkEvent.safeParse(parseJson(delivery.body))
  if (!parsed.success) {
    await recordRejection(ctx, 'clerk', 'malformed', delivery.body.length)
    return 'malformed'
  }
  const { type, data } = parsed.data
  if (!userEvents.includes(type)) return 'ignored'

  // The event only says that something changed; what is true now is asked, so deliveries may come in any
  // order. It is asked before the transaction: no vendor is called inside one.
  const user = await ctx.vendors.clerk.fetchUser(data.id)
  return asPlatform(ctx, async (tx) => {
    const seen = await rememberDelivery(tx, 'clerk', verdict.id, type, { clerkUserId: data.id })
    if (seen === 'again') return 'again'
    await markHandled(tx, 'clerk', verdict.id, await keepAsClerkSays(tx, data.id, user))
    return 'handled'
  })
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString())
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
