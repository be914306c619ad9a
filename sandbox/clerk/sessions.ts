import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Clerk } from './context.ts'
import {
  bothNames,
  changed,
  findClient,
  formOf,
  getOrAddClient,
  getSession,
  getSignedIn,
  pageOrigin,
  route,
  setClientCookies,
  signedInAt,
} from './frontend.ts'
import { passwordWrong, valueInvalid } from './refusals.ts'
import { clientResource, mintSessionToken, sessionResource, userResource } from './resources.ts'
import { activeSession, type Client } from './store.ts'
import { passwordMatches } from './users.ts'

const YEARS_10_SECONDS = 315_360_000
const emptyPage = { response: { data: [], total_count: 0 }, client: null }

export function sessionRoutes(app: FastifyInstance, clerk: Clerk): void {
  const whole = (request: FastifyRequest, client: Client) => ({
    response: clientResource(clerk, client, pageOrigin(request)),
    client: null,
  })

  route(app, '/v1/client', {
    get(request) {
      const client = findClient(clerk, request)
      return client ? whole(request, client) : { response: null, client: null }
    },
    put(request, reply) {
      const client = getOrAddClient(clerk, request)
      setClientCookies(clerk, reply, client)
      return whole(request, client)
    },
    delete(request, reply) {
      const client = getOrAddClient(clerk, request)
      clerk.store.endSessions(client, 'removed', clerk.now())
      return changed(clerk, request, reply, client, {
        object: 'client',
        id: client.id,
        deleted: true,
      })
    },
  })

  route(app, '/v1/client/sessions', {
    delete(request, reply) {
      const client = getOrAddClient(clerk, request)
      clerk.store.endSessions(client, 'removed', clerk.now())
      setClientCookies(clerk, reply, client)
      return whole(request, client)
    },
  })

  route(app, '/v1/client/sessions/:id', {
    get(request, reply) {
      const { client, session } = getSession(clerk, request)
      const shown = sessionResource(clerk, session, pageOrigin(request))
      return changed(clerk, request, reply, client, shown)
    },
  })

  route(app, '/v1/client/sessions/:id/touch', {
    post(request, reply) {
      const { client, session } = getSession(clerk, request)
      session.lastActiveAt = clerk.now()
      const shown = sessionResource(clerk, session, pageOrigin(request))
      return changed(clerk, request, reply, client, shown)
    },
  })

  for (const [verb, status] of [
    ['end', 'ended'],
    ['remove', 'removed'],
  ] as const)
    route(app, `/v1/client/sessions/:id/${verb}`, {
      post(request, reply) {
        const { client, session } = getSession(clerk, request)
        clerk.store.endSessions(client, status, clerk.now(), session.id)
        const shown = sessionResource(clerk, session, pageOrigin(request))
        return changed(clerk, request, reply, client, shown)
      },
    })

  route(app, '/v1/client/sessions/:id/tokens', {
    post(request) {
      const { session } = getSession(clerk, request)
      return { object: 'token', jwt: mintSessionToken(clerk, session, pageOrigin(request)) }
    },
  })
}

/** A document request whose cookies disagree is sent here and comes back with cookies that agree. */
export function handshakeRoute(app: FastifyInstance, clerk: Clerk): void {
  app.get('/v1/client/handshake', async (request, reply) => {
    const { redirect_url } = z.object({ redirect_url: z.string() }).parse(request.query)
    if (!URL.canParse(redirect_url)) throw valueInvalid('redirect_url', 'redirect_url is no URL.')
    const back = new URL(redirect_url)
    const client = findClient(clerk, request)
    const session = activeSession(client)
    const set = (name: string, value: string | number) =>
      bothNames(clerk, name).map(
        (n) => `${n}=${value}; Path=/; Max-Age=${YEARS_10_SECONDS}; SameSite=Lax`,
      )
    const clear = (name: string) =>
      bothNames(clerk, name).map((n) => `${n}=; Path=/; Max-Age=0; SameSite=Lax`)
    const cookies = [
      ...set('__client_uat', signedInAt(client)),
      ...(session
        ? set('__session', mintSessionToken(clerk, session, back.origin))
        : clear('__session')),
      // One that outlived its page would sign the user in again after they signed out.
      '__clerk_handshake=; Path=/; Max-Age=0',
    ]
    const token = clerk.instance.sign({ handshake: cookies })
    return reply
      .header('set-cookie', `__clerk_handshake=${token}; Path=/; Max-Age=2; HttpOnly; SameSite=Lax`)
      .redirect(back.href, 307)
  })
}

export function profileRoutes(app: FastifyInstance, clerk: Clerk): void {
  route(app, '/v1/me', {
    get(request, reply) {
      const { client, user } = getSignedIn(clerk, request)
      return changed(clerk, request, reply, client, userResource(user))
    },
    async patch(request, reply) {
      const { client, user } = getSignedIn(clerk, request)
      const form = formOf(request)
      await clerk.users.update(user, { firstName: form.first_name, lastName: form.last_name })
      return changed(clerk, request, reply, client, userResource(user))
    },
  })

  route(app, '/v1/me/change_password', {
    async post(request, reply) {
      const { client, user } = getSignedIn(clerk, request)
      const form = formOf(request)
      if (user.passwordHash && !(await passwordMatches(user, form.current_password ?? '')))
        throw passwordWrong('current_password')
      await clerk.users.update(user, { password: form.new_password ?? '' })
      return changed(clerk, request, reply, client, userResource(user))
    },
  })

  route(app, '/v1/me/sessions/active', {
    get(request) {
      const { session } = getSignedIn(clerk, request)
      const shown = sessionResource(clerk, session, pageOrigin(request))
      const activity = {
        object: 'session_activity',
        id: `${session.id}_activity`,
        is_mobile: false,
      }
      return { response: [{ ...shown, latest_activity: activity }], client: null }
    },
  })

  for (const list of ['memberships', 'invitations', 'suggestions'])
    route(app, `/v1/me/organization_${list}`, { get: () => emptyPage })
}
