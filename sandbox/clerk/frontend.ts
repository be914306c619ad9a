import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Clerk } from './context.ts'
import { notFound, Refusal, signedOut } from './refusals.ts'
import { clientResource } from './resources.ts'
import { activeSession, type Client, type Session, type User } from './store.ts'

// The ways of the Frontend API: who is asking, from which page, and how an answer is wrapped.

export type Handler = (request: FastifyRequest, reply: FastifyReply) => unknown

const YEARS_10_SECONDS = 315_360_000
const query = z.looseObject({ _method: z.string().optional() })
const form = z.record(z.string(), z.string())

/** clerk-js sends GET and POST only; any other verb is a POST with `?_method=`. */
export function route(app: FastifyInstance, path: string, verbs: Record<string, Handler>): void {
  app.route({
    method: ['GET', 'POST', 'PATCH', 'PUT', 'DELETE'],
    url: path,
    handler: async (request, reply) => {
      const verb = query.parse(request.query)._method ?? request.method
      const handler = verbs[verb.toLowerCase()]
      if (!handler) throw notFound('Route')
      return handler(request, reply)
    },
  })
}

export const formOf = (request: FastifyRequest): Record<string, string> =>
  form.parse(request.body ?? {})

export function cookiesOf(request: FastifyRequest): Record<string, string> {
  const pairs = (request.headers.cookie ?? '').split(/; */).filter((pair) => pair.includes('='))
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=')
      return [pair.slice(0, at), pair.slice(at + 1)]
    }),
  )
}

export const findClient = (clerk: Clerk, request: FastifyRequest): Client | undefined =>
  clerk.store.findClient(cookiesOf(request).__client)

export const getOrAddClient = (clerk: Clerk, request: FastifyRequest): Client =>
  findClient(clerk, request) ?? clerk.store.addClient(clerk.now())

/** The session the path names, if it is this browser's and still good. */
export function getSession(
  clerk: Clerk,
  request: FastifyRequest,
): { client: Client; session: Session } {
  const client = findClient(clerk, request)
  const { id } = z.object({ id: z.string() }).parse(request.params)
  const session = client?.sessions.find((one) => one.id === id && one.status === 'active')
  if (!client || !session) throw signedOut()
  return { client, session }
}

export function getSignedIn(
  clerk: Clerk,
  request: FastifyRequest,
): { client: Client; session: Session; user: User } {
  const client = findClient(clerk, request)
  const session = activeSession(client)
  const user = session && clerk.store.findUser(session.userId)
  if (!client || !session || !user) throw signedOut()
  return { client, session, user }
}

/** The page's origin; a same-origin GET has no Origin header, then the proxy's address tells. */
export function pageOrigin(request: FastifyRequest): string | undefined {
  const { origin } = request.headers
  if (origin) return origin
  const proxyUrl = request.headers['clerk-proxy-url']
  return typeof proxyUrl === 'string' && URL.canParse(proxyUrl)
    ? new URL(proxyUrl).origin
    : undefined
}

/** A change answers with its resource and the whole client, from which the components go on. */
export function changed(
  clerk: Clerk,
  request: FastifyRequest,
  reply: FastifyReply,
  client: Client,
  response: object,
): object {
  setClientCookies(clerk, reply, client)
  return { response, client: clientResource(clerk, client, pageOrigin(request)) }
}

export function setClientCookies(clerk: Clerk, reply: FastifyReply, client: Client): void {
  const kept = `Path=/; Max-Age=${YEARS_10_SECONDS}; SameSite=Lax`
  reply.header('set-cookie', [
    `__client=${client.id}; HttpOnly; ${kept}`,
    ...bothNames(clerk, '__client_uat').map((name) => `${name}=${signedInAt(client)}; ${kept}`),
  ])
}

/** Cookies come in pairs: the plain name and the one with the application's suffix. */
export const bothNames = (clerk: Clerk, name: string): string[] => [
  name,
  `${name}_${clerk.instance.cookieSuffix}`,
]

/** Seconds of the last sign-in, 0 when signed out. */
export const signedInAt = (client: Client | undefined): number =>
  client && activeSession(client) ? Math.floor(client.updatedAt / 1_000) : 0

/** A request forwarded by the product's own proxy proves itself with the secret key. */
export function checkProxy(clerk: Clerk, request: FastifyRequest): void {
  if (request.headers['clerk-proxy-url'] === undefined) return
  if (request.headers['clerk-secret-key'] === clerk.secretKey) return
  throw new Refusal(
    400,
    'proxy_request_invalid_secret_key',
    'The Clerk-Secret-Key header does not hold the secret key of this application.',
  )
}
