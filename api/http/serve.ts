import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Answer, Endpoint, Received } from '#api/contract/endpoint.ts'
import type { Context } from '#api/core/context.ts'

/** Serves a declared endpoint: the only way a route with an answer in JSON comes to be. */
export function serve<E extends Endpoint>(
  app: FastifyInstance,
  declared: E,
  handle: (ctx: Context, received: Received<E>) => Promise<Answer<E>>,
): void {
  const status = declared.status ?? 200
  app.route({
    method: declared.method,
    url: declared.path,
    config: { endpoint: declared },
    schema: {
      ...inputs(declared),
      ...(status !== 204 && { response: { [status]: declared.response } }),
    },
    handler: async (request, reply) => {
      const answer = await handle(request.ctx, received<E>(request))
      return reply.code(status).send(status === 204 ? undefined : answer)
    },
  })
}

/** Serves an endpoint whose answer is bytes; the handler writes them to the reply and sets their type. */
export function serveBytes<E extends Endpoint & { bytes: NonNullable<Endpoint['bytes']> }>(
  app: FastifyInstance,
  declared: E,
  handle: (
    ctx: Context,
    received: Received<E>,
    exchange: { request: FastifyRequest; reply: FastifyReply },
  ) => Promise<FastifyReply>,
): void {
  app.route({
    method: declared.method,
    url: declared.path,
    config: { endpoint: declared },
    schema: inputs(declared),
    handler: async (request, reply) => {
      // An audio element of the console is another origin and asks without CORS.
      reply.header('cross-origin-resource-policy', 'cross-origin')
      return handle(request.ctx, received<E>(request), { request, reply })
    },
  })
}

const nothing = z.strictObject({})
const noBody = nothing.nullish()

/** What an endpoint does not declare it does not take (THREATS T4). */
export const inputs = (declared: Endpoint) => ({
  params: declared.params ?? nothing,
  querystring: declared.query ?? nothing,
  ...(declared.method !== 'GET' && { body: declared.body ?? noBody }),
})

// Fastify validated the three parts with the very schemas `Received` is computed from.
const received = <E extends Endpoint>(request: FastifyRequest): Received<E> =>
  ({ params: request.params, query: request.query, body: request.body }) as Received<E>
