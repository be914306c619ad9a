import { timingSafeEqual } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import type { Account, World } from '../world.ts'
import { accountRoutes } from './account.ts'
import { notFound, Refusal } from './answers.ts'
import { callRoutes } from './calls.ts'
import { numberRoutes } from './numbers.ts'
import { priceRoutes } from './prices.ts'
import { recordingRoutes } from './recordings.ts'
import { streamRoutes } from './streams.ts'

const API = '/2010-04-01/Accounts'

/** The part of the REST API the product uses, each account under its own Basic credentials. */
export async function restRoutes(app: FastifyInstance, worlds: readonly World[]): Promise<void> {
  app.removeContentTypeParser('application/json')
  app.addHook('onRequest', async (request) => {
    const world = worlds.find(({ account }) => isAuthorized(request.headers.authorization, account))
    if (!world) throw new Refusal(401, 20003, 'Authenticate')
    const [sid] = request.url.slice(API.length + 1).split(/[./?]/)
    if (request.url.startsWith(`${API}/`) && sid !== world.account.sid) throw notFound(request.url)
  })
  app.setNotFoundHandler((request) => {
    throw notFound(request.url)
  })
  app.setErrorHandler((error, _request, reply) => {
    if (error instanceof Refusal) {
      if (error.status === 401) reply.header('www-authenticate', 'Basic realm="Twilio API"')
      return reply.code(error.status).send(error.body())
    }
    const status = statusOf(error)
    const message = error instanceof Error ? error.message : 'An internal error has occurred'
    const code = status === 500 ? 20500 : 20001
    return reply.code(status).send(new Refusal(status, code, message).body())
  })

  priceRoutes(app)
  for (const world of worlds) {
    const base = `${API}/${world.account.sid}`
    accountRoutes(app, world, base)
    numberRoutes(app, world, base)
    callRoutes(app, world, base)
    recordingRoutes(app, world, base)
    streamRoutes(app, world, base)
  }
}

function isAuthorized(header: string | undefined, account: Account): boolean {
  const [scheme, encoded = ''] = (header ?? '').split(' ')
  if (scheme?.toLowerCase() !== 'basic') return false
  const given = Buffer.from(encoded, 'base64')
  const wanted = Buffer.from(`${account.sid}:${account.authToken}`)
  return given.length === wanted.length && timingSafeEqual(given, wanted)
}

function statusOf(error: unknown): number {
  if (typeof error !== 'object' || error === null || !('statusCode' in error)) return 500
  return typeof error.statusCode === 'number' ? error.statusCode : 500
}
