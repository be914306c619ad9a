import Fastify, { type FastifyInstance } from 'fastify'
import type { Config } from '#api/core/config.ts'
import type { Context } from '#api/core/context.ts'
import type { Health } from '#api/core/health.ts'
import { httpLimits } from '#api/core/http-limits.ts'
import type { Metrics } from '#api/core/metrics.ts'
import { traceRequests } from '#api/core/traced-requests.ts'
import type { Clock } from './clock.ts'
import { elevenLabsWebhooks } from './elevenlabs-webhooks.ts'
import type { Gateway } from './gateway.ts'
import { liveSockets } from './live/socket.ts'
import { MediaDoor, openLibraryDoor, openOwnDoor } from './media-door.ts'
import type { NoticeBook } from './notices.ts'
import { twilioWebhooks } from './twilio/webhooks.ts'

export type VoiceDeps = {
  ctx: Context
  clock: Clock
  gateway: Gateway
  notices: NoticeBook
  config: Pick<Config, 'twilio' | 'publicVoiceUrl' | 'publicWebUrl' | 'mediaSockets'>
  metrics: Metrics
  health: Health
}

/** What Twilio reaches, on the address that all gateways share. */
export async function buildTwilioApp(deps: VoiceDeps): Promise<FastifyInstance> {
  const app: FastifyInstance = Fastify(httpLimits)
  // The carrier's own traces are not ours to go on with.
  traceRequests(app, { continues: () => false, facts: () => ({}) })
  const refused = (check: string) => deps.metrics.refused.inc({ check })
  await app.register(twilioWebhooks, {
    ctx: deps.ctx,
    gateway: deps.gateway,
    notices: deps.notices,
    publicVoiceUrl: deps.config.publicVoiceUrl,
    refused,
  })
  await app.register(elevenLabsWebhooks, { ctx: deps.ctx, refused })
  const door = new MediaDoor({ ...deps, refused })
  if (deps.config.mediaSockets === 'own') openOwnDoor(app.server, door)
  else await app.register(openLibraryDoor, { door })
  return app
}

/** What reaches this very gateway: consoles, probes, Prometheus. */
export async function buildOwnApp(deps: VoiceDeps): Promise<FastifyInstance> {
  const app: FastifyInstance = Fastify(httpLimits)
  await app.register(liveSockets, {
    ctx: deps.ctx,
    gateway: deps.gateway,
    allowedOrigin: new URL(deps.config.publicWebUrl).origin,
    refused: (check: string) => deps.metrics.refused.inc({ check }),
  })
  app.get('/livez', async (_request, reply) => {
    const probe = deps.health.live()
    return reply.code(probe.status).type(probe.contentType).send(probe.body)
  })
  app.get('/readyz', async (_request, reply) => {
    const probe = await deps.health.ready()
    return reply.code(probe.status).type(probe.contentType).send(probe.body)
  })
  app.get('/metrics', async (request, reply) => {
    const probe = await deps.health.metrics(request.headers.authorization)
    return reply.code(probe.status).type(probe.contentType).send(probe.body)
  })
  return app
}
