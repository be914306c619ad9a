import { randomUUID } from 'node:crypto'
import Fastify, { type FastifyInstance } from 'fastify'
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { invalidRequest } from '#api/core/errors.ts'
import { httpLimitsWithUploads } from '#api/core/http-limits.ts'
import { traceRequests } from '#api/core/traced-requests.ts'
import { authenticate } from './authenticate.ts'
import { authorize } from './authorize.ts'
import { addHeaders } from './headers.ts'
import { limitRequests } from './limits.ts'
import { anonymousContext, bindOrganization } from './organization.ts'
import { shedOverload } from './overload.ts'
import { answerWithProblems, sendProblem } from './problems.ts'
import type { HttpDeps } from './request.ts'
import { collectRoutes, type Route } from './routes.ts'
import { hangUpOnSlowBodies } from './slow-bodies.ts'
import { refuseUnstorableText } from './text.ts'

// What stands there may be anything until it is validated.
const ofCall = z.object({ callId: z.uuid() })

/** A server that serves only declared routes, each behind token, organization and permission. */
export async function createHttp(
  deps: HttpDeps,
): Promise<{ app: FastifyInstance; routes: Route[] }> {
  const app = Fastify({
    ...httpLimitsWithUploads,
    exposeHeadRoutes: false,
    // Never `true`: anybody could then name the address that is counted.
    trustProxy: deps.config.trustedProxies.length > 0 ? deps.config.trustedProxies : false,
    genReqId: () => randomUUID(),
    frameworkErrors: (_error, request, reply) => {
      request.ctx = anonymousContext(deps, request.id)
      return sendProblem(request, reply, invalidRequest('The address could not be read.'))
    },
  })
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(serializerCompiler)
  const routes = collectRoutes(app)
  hangUpOnSlowBodies(app)
  traceRequests(app, {
    // A vendor's trace is not ours to go on with.
    continues: ({ routeOptions }) => routeOptions.config.endpoint !== undefined,
    facts: ({ ctx, params }) => ({
      'voxcalls.request_id': ctx.requestId,
      'voxcalls.organization_id': ctx.organizationId ?? undefined,
      'voxcalls.actor': ctx.actor.kind,
      'voxcalls.call_id': ofCall.safeParse(params).data?.callId,
    }),
  })

  app.decorateRequest('identity', null)
  app.decorateRequest('claimedKey', null)
  app.decorateRequest('standing', null)
  app.addHook('onRequest', async (request) => {
    request.ctx = anonymousContext(deps, request.id)
  })
  await addHeaders(app, deps.config.publicWebUrl)
  shedOverload(app, deps.metrics)
  const limits = limitRequests(deps)
  app.addHook('onRequest', authenticate(deps, limits))
  app.addHook('onRequest', bindOrganization(deps, limits))
  app.addHook('onRequest', limits.countActor)
  app.addHook('onRequest', authorize(deps))
  app.addHook('preValidation', refuseUnstorableText)
  app.addHook('preHandler', limits.countDeclared)
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'unknown'
    const status = reply.statusCode
    deps.metrics.requestSeconds.observe(
      { method: request.method, route, status },
      reply.elapsedTime / 1000,
    )
    const fields = { method: request.method, route, status, ms: Math.round(reply.elapsedTime) }
    if (status >= 500) request.ctx.log.warn(fields, 'request answered')
    else request.ctx.log.info(fields, 'request answered')
  })
  answerWithProblems(app)
  return { app, routes }
}
