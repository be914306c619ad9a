import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Answer, Endpoint, Received } from '#api/contract/endpoint.ts'
import type { Context } from '#api/core/context.ts'
import { forOrganization } from '#api/core/context.ts'
import { readKey } from '#api/core/idempotency/key.ts'
import { type Answered, once } from '#api/core/idempotency/service.ts'

/**
 * Serves a declared endpoint: the only way a route with an answer in JSON comes to be. Under an `Idempotency-Key`
 * the handler's context is a transaction that its own joins; then it must not call a vendor (see `serveClaimed`).
 */
export function serve<E extends Endpoint>(
  app: FastifyInstance,
  declared: E,
  handle: (ctx: Context, received: Received<E>) => Promise<Answer<E>>,
): void {
  const status = declared.status ?? 200
  addRoute(app, declared, async (request, reply) => {
    const input = received<E>(request)
    const key = keyOf(declared, request)
    if (key === undefined) {
      const answer = await handle(request.ctx, input)
      return reply.code(status).send(status === 204 ? undefined : answer)
    }
    const wire = (answer: Answer<E>): unknown =>
      status === 204 ? null : z.encode(declared.response, answer)
    const answered = await once(
      forOrganization(request.ctx, tenantFor(request)),
      { key, operation: operationOf(declared), input },
      async (tx) => ({ status, answer: wire(await handle(tx, input)) }),
    )
    return sendStored(reply, answered)
  })
}

/**
 * Serves an endpoint that needs a vendor to do something once. `claim` writes down what is wanted, in one transaction
 * with the client's key; `finish` runs after the commit, for every replay too and maybe for two at once, so it does
 * what is missing under the claim's own id at the vendor and gives the same answer again.
 */
export function serveClaimed<E extends Endpoint, Claim extends z.ZodType>(
  app: FastifyInstance,
  declared: E,
  steps: {
    /** What `claim` hands to `finish`: ids, kept as JSON. */
    claimed: Claim
    claim(ctx: Context, received: Received<E>): Promise<z.output<Claim>>
    finish(ctx: Context, claim: z.output<Claim>, received: Received<E>): Promise<Answer<E>>
  },
): void {
  const status = declared.status ?? 200
  addRoute(app, declared, async (request, reply) => {
    const input = received<E>(request)
    const key = keyOf(declared, request)
    const claimed = async () => {
      if (key === undefined) return steps.claim(request.ctx, input)
      const { answer, replayed } = await once(
        forOrganization(request.ctx, tenantFor(request)),
        { key, operation: operationOf(declared), input },
        async (tx) => ({ status, answer: z.encode(steps.claimed, await steps.claim(tx, input)) }),
      )
      if (replayed) reply.header('idempotent-replayed', 'true')
      return steps.claimed.parse(answer)
    }
    const answer = await steps.finish(request.ctx, await claimed(), input)
    return reply.code(status).send(status === 204 ? undefined : answer)
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
  ...(declared.method !== 'GET' && !declared.upload && { body: declared.body ?? noBody }),
})

function addRoute(
  app: FastifyInstance,
  declared: Endpoint,
  handler: (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>,
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
    handler,
  })
}

// Fastify validated the three parts with the very schemas `Received` is computed from.
const received = <E extends Endpoint>(request: FastifyRequest): Received<E> =>
  ({ params: request.params, query: request.query, body: request.body }) as Received<E>

const keyOf = (declared: Endpoint, request: FastifyRequest): string | undefined =>
  declared.idempotent ? readKey(request.headers['idempotency-key']) : undefined

const operationOf = (declared: Endpoint): string => `${declared.method} ${declared.path}`

const ofOrganization = z.object({ organizationId: z.uuid() })

/** Whose transaction keeps the answer: the organization acted on from outside, else the actor's own. */
function tenantFor(request: FastifyRequest): string {
  const acted = ofOrganization.safeParse(request.params)
  const organizationId = acted.success ? acted.data.organizationId : request.ctx.organizationId
  if (!organizationId) throw new Error('an idempotent endpoint was reached without an organization')
  return organizationId
}

/** The first answer as it was, whatever the schema has become since. */
function sendStored(
  reply: FastifyReply,
  { status, answer, replayed }: Answered & { replayed: boolean },
): FastifyReply {
  if (replayed) reply.header('idempotent-replayed', 'true')
  reply.code(status)
  if (status === 204) return reply.send()
  return reply
    .type('application/json; charset=utf-8')
    .serializer((body: unknown) => JSON.stringify(body))
    .send(answer)
}
