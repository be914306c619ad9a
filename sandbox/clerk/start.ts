import { join } from 'node:path'
import formbody from '@fastify/formbody'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { Faults } from '../kit/faults.ts'
import { listen, vendorServer } from '../kit/http.ts'
import type { Journal } from '../kit/journal.ts'
import { WebhookSender } from '../kit/webhooks.ts'
import { backendRoutes, jwksRoutes } from './backend.ts'
import { mailCodes } from './codes.ts'
import { Attempts, type Clerk } from './context.ts'
import { environment } from './environment.ts'
import { checkProxy, route } from './frontend.ts'
import { openInstance } from './instance.ts'
import { notFound, Refusal } from './refusals.ts'
import { errorResource, mintSessionToken } from './resources.ts'
import { scriptRoutes } from './scripts.ts'
import { handshakeRoute, profileRoutes, sessionRoutes } from './sessions.ts'
import { signInRoutes } from './sign-in.ts'
import { signUpRoutes } from './sign-up.ts'
import { Store } from './store.ts'
import { type NewUser, Users } from './users.ts'
import { userWebhooks } from './webhooks.ts'

export type ClerkOptions = {
  port: number
  host?: string
  publishableKey: string
  secretKey: string
  webhookSecret: string
  webhookUrl?: string | undefined
  keyFile: string
  dataDir?: string
  smtpUrl: string
  journal: Journal
  faults: Faults
  applicationName?: string
  webhookRetryDelaysMs?: readonly number[]
  now?: () => number
}

export type ClerkStandIn = {
  url: string
  /** The public key tokens are verified with, as a PEM. */
  jwtKey: string
  addUser(user: NewUser): Promise<{ id: string }>
  /** A session token as the user's browser would send it; the session is made for it. */
  sessionToken(userId: string, azp: string): string
  webhooksIdle(): Promise<void>
  close(): Promise<void>
}

/** Clerk's Frontend and Backend API, near enough for its own components and SDKs. */
export async function startClerk(options: ClerkOptions): Promise<ClerkStandIn> {
  const { journal, faults } = options
  const now = options.now ?? Date.now
  const instance = openInstance(options.publishableKey, options.keyFile)
  const store = new Store(options.dataDir ? join(options.dataDir, 'clerk.json') : undefined)
  const webhooks = userWebhooks({
    url: options.webhookUrl,
    secret: options.webhookSecret,
    instanceId: instance.id,
    sender: new WebhookSender('clerk', journal, faults),
    journal,
    now,
    ...(options.webhookRetryDelaysMs ? { retryDelaysMs: options.webhookRetryDelaysMs } : {}),
  })
  const users = new Users(store, now, webhooks.tell)
  const codes = mailCodes(options.smtpUrl, now)
  const { secretKey } = options
  const clerk: Clerk = { instance, secretKey, store, users, codes, attempts: new Attempts(), now }

  const app = vendorServer({ vendor: 'clerk', journal, faults })
  await addManners(app)
  await app.register(scriptRoutes)
  await app.register(async (scope) => {
    scope.addHook('onRequest', async (request) => checkProxy(clerk, request))
    const shown = environment(options.applicationName ?? 'VoxCalls')
    route(scope, '/v1/environment', { get: () => shown, patch: () => shown, post: () => shown })
    signInRoutes(scope, clerk)
    signUpRoutes(scope, clerk)
    sessionRoutes(scope, clerk)
    handshakeRoute(scope, clerk)
    profileRoutes(scope, clerk)
  })
  await app.register(async (scope) => backendRoutes(scope, clerk))
  jwksRoutes(app, clerk)

  const url = await listen(app, options.port, options.host)
  return {
    url,
    jwtKey: instance.jwtKey,
    addUser: (made) => users.create(made),
    sessionToken(userId, azp) {
      if (!store.findUser(userId)) throw notFound('User')
      const session = store.addSession(store.addClient(now()), userId, now())
      return mintSessionToken(clerk, session, azp)
    },
    webhooksIdle: webhooks.idle,
    async close() {
      await app.close()
      await webhooks.close()
      codes.close()
    },
  }
}

async function addManners(app: FastifyInstance): Promise<void> {
  await app.register(formbody)
  // Clerk's SDK says JSON even where it sends no body, which Fastify's own parser refuses.
  app.removeContentTypeParser('application/json')
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
    parseJson(String(body), done)
  })
  // Clerk's SDK reads a body as JSON only when the header is exactly this.
  app.addHook('onSend', async (_request, reply, payload) => {
    const type = String(reply.getHeader('content-type') ?? '')
    if (type.startsWith('application/json')) reply.header('content-type', 'application/json')
    return payload
  })
  app.addHook('onRequest', async (request, reply) => {
    const { origin } = request.headers
    if (!origin) return
    reply
      .header('access-control-allow-origin', origin)
      .header('access-control-allow-credentials', 'true')
      .header('access-control-expose-headers', 'Authorization')
      .header('vary', 'Origin')
  })
  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).send(errorResource(notFound('Route'))),
  )
  app.setErrorHandler((error, _request, reply) => {
    const refusal = asRefusal(error)
    return reply.code(refusal.status).send(errorResource(refusal))
  })
}

function parseJson(text: string, done: (error: Error | null, body?: unknown) => void): void {
  try {
    done(null, text === '' ? undefined : JSON.parse(text))
  } catch (cause) {
    done(new Refusal(400, 'request_body_invalid', `The body is not JSON: ${String(cause)}`))
  }
}

function asRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error
  if (error instanceof z.ZodError) {
    const [issue] = error.issues
    const field = issue?.path.join('.') || undefined
    return new Refusal(422, 'form_param_format_invalid', issue?.message ?? 'is invalid', field)
  }
  const status =
    error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : Number.NaN
  if (status >= 400 && status < 500)
    return new Refusal(status, 'request_invalid', error instanceof Error ? error.message : '')
  const message = error instanceof Error ? error.message : String(error)
  return new Refusal(500, 'internal_clerk_error', message)
}
