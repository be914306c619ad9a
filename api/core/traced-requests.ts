import { finished } from 'node:stream'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { type Facts, isTracing, type OpenSpan, openSpan } from './tracing.ts'

// Asked every few seconds by machines, and nobody looks for what they did.
const PROBES = new Set(['/livez', '/readyz', '/metrics'])

/**
 * One span for each request of a server, from its first hook to its last byte; what the handler does is part of it.
 * To be called before other hooks are added.
 */
export function traceRequests(
  app: FastifyInstance,
  o: {
    /** Whether a caller of this route is a hop of ours, whose trace goes on here. */
    continues(request: FastifyRequest): boolean
    /** What is known about the request when it is over. */
    facts(request: FastifyRequest): Facts
  },
): void {
  if (!isTracing()) return
  const spans = new WeakMap<FastifyRequest, OpenSpan>()
  app.addHook('onRequest', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'unknown'
    const { method, headers } = request
    // A socket lives as long as its call, which has a span of its own.
    if (PROBES.has(route) || method === 'OPTIONS' || headers.upgrade) return done()
    const span = openSpan(`${method} ${route}`, {
      kind: 'server',
      traceparent: o.continues(request) ? textOf(headers.traceparent) : undefined,
      facts: { 'http.request.method': method, 'http.route': route },
    })
    spans.set(request, span)
    // Also where the caller hangs up, which no hook of the framework tells.
    finished(reply.raw, () => {
      span.set({ ...o.facts(request), 'http.response.status_code': reply.statusCode })
      if (reply.statusCode >= 500) span.fail(String(reply.statusCode))
      span.end()
    })
    span.within(done)
  })
  // A body arrives in the context of its socket, so what comes after it has to find its span again.
  app.addHook('preValidation', (request, _reply, done) => {
    const span = spans.get(request)
    if (span) span.within(done)
    else done()
  })
}

const textOf = (header: string | string[] | undefined): string | undefined =>
  typeof header === 'string' ? header : undefined
