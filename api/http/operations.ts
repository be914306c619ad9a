import type { FastifyInstance } from 'fastify'
import * as api from '#api/contract/operations.ts'
import type { Probe } from '#api/core/health.ts'
import { docsPage, docsPolicy } from './docs-page.ts'
import { describeApi, type OpenApiDocument } from './openapi.ts'
import type { HttpDeps } from './request.ts'
import type { Route } from './routes.ts'
import { serve, serveBytes } from './serve.ts'

/** What operators and tools ask: probes, metrics and the document. */
export function serveOperations(
  app: FastifyInstance,
  deps: Pick<HttpDeps, 'health' | 'config'>,
  routes: readonly Route[],
): void {
  const { health, config } = deps
  let document: OpenApiDocument | undefined
  serve(app, api.getLiveness, async () => JSON.parse(health.live().body))
  serveBytes(app, api.getReadiness, async (_ctx, _received, { reply }) =>
    sendProbe(reply, await health.ready()),
  )
  serveBytes(app, api.getMetrics, async (_ctx, _received, { request, reply }) =>
    sendProbe(reply, await health.metrics(request.headers.authorization)),
  )
  // Made at the first asking: only then are all routes there.
  const described = () => (document ??= describeApi(routes, config))
  serve(app, api.getOpenApi, async () => described())
  serveBytes(app, api.getDocs, async (_ctx, _received, { reply }) =>
    reply
      .header('content-security-policy', docsPolicy)
      .type('text/html; charset=utf-8')
      .send(docsPage(described())),
  )
}

const sendProbe = (reply: Parameters<Parameters<typeof serveBytes>[2]>[2]['reply'], probe: Probe) =>
  reply.code(probe.status).type(probe.contentType).send(probe.body)
