import websocket from '@fastify/websocket'
import Fastify, { type FastifyInstance } from 'fastify'
import type { Config } from '#api/core/config.ts'
import type { Context } from '#api/core/context.ts'
import type { Health } from '#api/core/health.ts'
import { httpLimits } from '#api/core/http-limits.ts'
import type { Metrics } from '#api/core/metrics.ts'
import { isUpgradeSignedByTwilio } from '#api/vendors/twilio-webhooks.ts'
import type { Clock } from './clock.ts'
import type { Gateway } from './gateway.ts'
import { liveSockets } from './live/socket.ts'
import type { NoticeBook } from './notices.ts'
import { MESSAGE_BYTES, openGate } from './twilio/gate.ts'
import { twilioWebhooks } from './twilio/webhooks.ts'
import { fromWs } from './ws/library.ts'

const MAX_UNSTARTED = 500 // THREATS X-ws: sockets without a `start`, in this process
const MAX_UNSTARTED_PER_ADDRESS = 50

export type VoiceDeps = {
  ctx: Context
  clock: Clock
  gateway: Gateway
  notices: NoticeBook
  config: Pick<Config, 'twilio' | 'publicVoiceUrl' | 'publicWebUrl'>
  metrics: Metrics
  health: Health
}

/** What Twilio reaches, on the address that all gateways share. */
export async function buildTwilioApp(deps: VoiceDeps): Promise<FastifyInstance> {
  const app: FastifyInstance = Fastify({ ...httpLimits, disableRequestLogging: true })
  const refused = (check: string) => deps.metrics.refused.inc({ check })
  await app.register(websocket, {
    options: { maxPayload: MESSAGE_BYTES, perMessageDeflate: false },
    // Draining comes first; closing the server must not cut callers off.
    preClose: (done) => done(),
  })
  await app.register(twilioWebhooks, {
    ctx: deps.ctx,
    gateway: deps.gateway,
    notices: deps.notices,
    account: { sid: deps.config.twilio.accountSid, authToken: deps.config.twilio.authToken },
    publicVoiceUrl: deps.config.publicVoiceUrl,
    refused,
  })
  await app.register(mediaSockets, { ...deps, refused })
  return app
}

/** What reaches this very gateway: consoles, probes, Prometheus. */
export async function buildOwnApp(deps: VoiceDeps): Promise<FastifyInstance> {
  const app: FastifyInstance = Fastify({ ...httpLimits, disableRequestLogging: true })
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

async function mediaSockets(
  app: FastifyInstance,
  deps: VoiceDeps & { refused(check: string): void },
): Promise<void> {
  const unstarted = new Map<string, number>()
  let unstartedCount = 0
  const publicUrl = `${deps.config.publicVoiceUrl}/twilio/media`

  app.get(
    '/twilio/media',
    {
      websocket: true,
      preValidation: async (request, reply) => {
        const signature = request.headers['x-twilio-signature']
        const genuine = isUpgradeSignedByTwilio(
          deps.config.twilio.authToken,
          typeof signature === 'string' ? signature : undefined,
          publicUrl,
        )
        const isCrowded =
          unstartedCount >= MAX_UNSTARTED ||
          (unstarted.get(request.ip) ?? 0) >= MAX_UNSTARTED_PER_ADDRESS
        if (genuine && !isCrowded) return
        deps.refused(genuine ? 'media_crowd' : 'media_signature')
        return reply.code(genuine ? 503 : 403).send('')
      },
    },
    (raw, request) => {
      const socket = fromWs(raw)
      const address = request.ip
      let counted = true
      unstartedCount++
      unstarted.set(address, (unstarted.get(address) ?? 0) + 1)
      const started = () => {
        if (!counted) return
        counted = false
        unstartedCount--
        const left = (unstarted.get(address) ?? 1) - 1
        if (left > 0) unstarted.set(address, left)
        else unstarted.delete(address)
      }
      openGate({
        socket,
        clock: deps.clock,
        verify: (start) => deps.gateway.verifyStream(start),
        admitted: (start) => {
          started()
          return deps.gateway.openStream(start, socket)
        },
        refused: (why, start) => {
          started()
          if (why !== 'closed') deps.refused(`media_${why}`)
          if (start) deps.gateway.dropStream(start)
        },
      })
    },
  )
}
