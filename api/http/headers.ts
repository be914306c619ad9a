import cors from '@fastify/cors'
import type { FastifyInstance } from 'fastify'

const PREFLIGHT_SECONDS = 600 // Chromium keeps a preflight at most two hours; ten minutes follow a changed list soon

/** Headers of every answer, and the one origin a browser may call from (THREATS T21). */
export async function addHeaders(app: FastifyInstance, publicWebUrl: string): Promise<void> {
  app.addHook('onRequest', async (request, reply) => {
    reply.headers({
      'x-request-id': request.id,
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'strict-transport-security': 'max-age=31536000; includeSubDomains',
      'cache-control': 'no-store',
    })
  })
  await app.register(cors, {
    origin: [new URL(publicWebUrl).origin],
    methods: ['GET', 'POST', 'PATCH', 'DELETE'],
    allowedHeaders: ['authorization', 'content-type', 'idempotency-key', 'range', 'traceparent'],
    exposedHeaders: [
      'x-request-id',
      'retry-after',
      'ratelimit',
      'ratelimit-policy',
      'idempotent-replayed',
      'content-range',
      'accept-ranges',
    ],
    maxAge: PREFLIGHT_SECONDS,
    // Bearer tokens only: no cookie of ours ever speaks for a browser.
    credentials: false,
  })
}
