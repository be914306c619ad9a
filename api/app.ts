import type { FastifyInstance } from 'fastify'
import { accessRoutes } from './domains/access/routes.ts'
import { clerkWebhooks } from './domains/access/webhooks.ts'
import { memberRoutes } from './domains/members/routes.ts'
import { organizationRoutes } from './domains/organizations/routes.ts'
import { createHttp } from './http/http.ts'
import { serveOperations } from './http/operations.ts'
import type { HttpDeps } from './http/request.ts'
import type { Route } from './http/routes.ts'

/** The HTTP API: one line a domain. Not listening yet. */
export async function buildApp(deps: HttpDeps): Promise<{ app: FastifyInstance; routes: Route[] }> {
  const { app, routes } = await createHttp(deps)
  const { sandboxUrl, clerk } = deps.config

  serveOperations(app, deps, routes)
  await accessRoutes(app, { sandboxUrl })
  await clerkWebhooks(app, { webhookSecret: clerk.webhookSecret, metrics: deps.metrics })
  await organizationRoutes(app)
  await memberRoutes(app)

  await app.ready()
  return { app, routes }
}
