import { timingSafeEqual } from 'node:crypto'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Clerk } from './context.ts'
import { bearerMissing, notFound, secretKeyWrong } from './refusals.ts'
import { mintSessionToken, privateUserResource } from './resources.ts'
import { normalizeEmail, type Session, type User } from './store.ts'

const MAX_PAGE = 500 // Clerk's own

const metadata = z.record(z.string(), z.unknown())
const oneOrMany = z.union([z.string().transform((one) => [one]), z.array(z.string())])

const newUserBody = z.object({
  email_address: z.array(z.email()).length(1),
  password: z.string().optional(),
  first_name: z.string().nullish(),
  last_name: z.string().nullish(),
  external_id: z.string().nullish(),
  public_metadata: metadata.optional(),
  private_metadata: metadata.optional(),
  unsafe_metadata: metadata.optional(),
})
const userChangeBody = newUserBody.omit({ email_address: true })

const userFilter = z.object({
  email_address: oneOrMany.optional(),
  user_id: oneOrMany.optional(),
  external_id: oneOrMany.optional(),
  query: z.string().optional(),
})
const userPage = userFilter.extend({
  limit: z.coerce.number().int().min(1).max(MAX_PAGE).default(10),
  offset: z.coerce.number().int().min(0).default(0),
  order_by: z.string().default('-created_at'),
})
const sessionFilter = z.object({
  user_id: z.string().optional(),
  client_id: z.string().optional(),
  status: z.string().optional(),
  paginated: z.string().optional(),
})

/** The Backend API: what servers ask with the secret key. */
export async function backendRoutes(app: FastifyInstance, clerk: Clerk): Promise<void> {
  app.addHook('onRequest', async (request) => checkSecretKey(clerk, request))

  app.get('/v1/users', async (request) => {
    const { limit, offset, order_by, ...filter } = userPage.parse(request.query)
    return sorted(matching(clerk, filter), order_by)
      .slice(offset, offset + limit)
      .map(privateUserResource)
  })
  app.get('/v1/users/count', async (request) => ({
    object: 'total_count',
    total_count: matching(clerk, userFilter.parse(request.query)).length,
  }))
  app.post('/v1/users', async (request) => {
    const body = newUserBody.parse(request.body)
    const made = await clerk.users.create({ email: body.email_address[0] ?? '', ...fields(body) })
    return privateUserResource(made)
  })
  app.get('/v1/users/:id', async (request) => privateUserResource(getUser(clerk, request)))
  app.patch('/v1/users/:id', async (request) => {
    const user = getUser(clerk, request)
    const change = fields(userChangeBody.parse(request.body))
    return privateUserResource(await clerk.users.update(user, change))
  })
  app.patch('/v1/users/:id/metadata', async (request) => {
    const user = getUser(clerk, request)
    const { publicMetadata, privateMetadata, unsafeMetadata } = fields(
      userChangeBody.parse(request.body),
    )
    return privateUserResource(
      clerk.users.mergeMetadata(user, { publicMetadata, privateMetadata, unsafeMetadata }),
    )
  })
  app.delete('/v1/users/:id', async (request) => {
    const user = getUser(clerk, request)
    clerk.users.remove(user)
    return { id: user.id, object: 'user', deleted: true }
  })

  app.get('/v1/sessions', async (request) => {
    const filter = sessionFilter.parse(request.query)
    const found = clerk.store
      .sessions()
      .filter(
        ({ client, session }) =>
          (filter.user_id === undefined || session.userId === filter.user_id) &&
          (filter.client_id === undefined || client.id === filter.client_id) &&
          (filter.status === undefined || session.status === filter.status),
      )
      .map(({ client, session }) => backendSession(client.id, session))
    return filter.paginated === 'true' ? { data: found, total_count: found.length } : found
  })
  app.get('/v1/sessions/:id', async (request) => {
    const { client, session } = getSession(clerk, request)
    return backendSession(client.id, session)
  })
  app.post('/v1/sessions/:id/revoke', async (request) => {
    const { client, session } = getSession(clerk, request)
    clerk.store.endSessions(client, 'revoked', clerk.now(), session.id)
    return backendSession(client.id, session)
  })
  app.post('/v1/sessions/:id/tokens', async (request) => {
    const { session } = getSession(clerk, request)
    return { object: 'token', jwt: mintSessionToken(clerk, session, undefined) }
  })
}

export function jwksRoutes(app: FastifyInstance, clerk: Clerk): void {
  app.get('/v1/jwks', async () => clerk.instance.jwks)
  app.get('/.well-known/jwks.json', async () => clerk.instance.jwks)
}

function checkSecretKey(clerk: Clerk, request: FastifyRequest): void {
  const bearer = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1]
  if (!bearer) throw bearerMissing()
  const given = Buffer.from(bearer)
  const wanted = Buffer.from(clerk.secretKey)
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) throw secretKeyWrong()
}

const idOf = (request: FastifyRequest) => z.object({ id: z.string() }).parse(request.params).id

function getUser(clerk: Clerk, request: FastifyRequest): User {
  const user = clerk.store.findUser(idOf(request))
  if (!user) throw notFound('User')
  return user
}

function getSession(clerk: Clerk, request: FastifyRequest) {
  const id = idOf(request)
  const found = clerk.store.sessions().find(({ session }) => session.id === id)
  if (!found) throw notFound('Session')
  return found
}

const fields = (body: z.infer<typeof userChangeBody>) => ({
  password: body.password,
  firstName: body.first_name,
  lastName: body.last_name,
  externalId: body.external_id,
  publicMetadata: body.public_metadata,
  privateMetadata: body.private_metadata,
  unsafeMetadata: body.unsafe_metadata,
})

function matching(clerk: Clerk, filter: z.infer<typeof userFilter>): User[] {
  const emails = filter.email_address?.map(normalizeEmail)
  const words = filter.query?.toLowerCase()
  return clerk.store.users().filter((user) => {
    const text = `${user.email} ${user.firstName ?? ''} ${user.lastName ?? ''} ${user.id}`
    return (
      (emails === undefined || emails.includes(user.email)) &&
      (filter.user_id === undefined || filter.user_id.includes(user.id)) &&
      (filter.external_id === undefined || filter.external_id.includes(user.externalId ?? '')) &&
      (words === undefined || text.toLowerCase().includes(words))
    )
  })
}

function sorted(users: User[], orderBy: string): User[] {
  const sign = orderBy.startsWith('-') ? -1 : 1
  const field = orderBy.replace(/^[+-]/, '')
  const key = (user: User) =>
    field === 'updated_at'
      ? user.updatedAt
      : field === 'last_sign_in_at'
        ? (user.lastSignInAt ?? 0)
        : user.createdAt
  return users.toSorted((a, b) => sign * (key(a) - key(b)))
}

const backendSession = (clientId: string, session: Session) => ({
  object: 'session',
  id: session.id,
  client_id: clientId,
  user_id: session.userId,
  status: session.status,
  last_active_at: session.lastActiveAt,
  expire_at: session.createdAt + 7 * 24 * 3_600_000,
  abandon_at: session.createdAt + 7 * 24 * 3_600_000,
  created_at: session.createdAt,
  updated_at: session.lastActiveAt,
})
