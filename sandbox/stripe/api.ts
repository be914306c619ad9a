import { createHash } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { expanded } from './expand.ts'
import { type Form, parseForm, read } from './form.ts'
import { newId } from './ids.ts'
import * as refusals from './refusals.ts'
import { Refusal } from './refusals.ts'
import { API_VERSION, type Origin, type World } from './world.ts'

const MAX_KEY_LENGTH = 255
const KEPT_MS = 24 * 3_600_000 // Stripe promises at least a day

type Given<S extends z.ZodType> = { id: string; origin: Origin } & z.output<S>

/**
 * One operation of the API: authenticated, its form read by the schema, its answer kept under the idempotency key
 * and expanded. The operation itself runs in one go, so nothing comes between its parts.
 */
export function operation<S extends z.ZodObject>(
  app: FastifyInstance,
  world: World,
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  schema: S,
  run: (given: Given<S>) => object,
): void {
  app.route({
    method,
    url: path,
    handler: async (request, reply) => {
      const origin = { requestId: newId('req', 14), idempotencyKey: keyOf(request) }
      reply.header('request-id', origin.requestId).header('stripe-version', API_VERSION)
      try {
        checkCaller(world, request)
        const query = request.url.split('?')[1] ?? ''
        const sent = method === 'POST' ? String(request.body ?? '') : query
        const id = z.object({ id: z.string().optional() }).parse(request.params).id ?? ''
        const perform = () => {
          const form = read(schema, parseForm(sent))
          const shown = run({ id, origin, ...form })
          return expanded(world, shown, pathsIn(form))
        }
        if (method !== 'POST') return await reply.send(perform())
        const fingerprint = createHash('sha256').update(`${path} ${id} ${sent}`).digest('hex')
        return await once(world, reply, origin, fingerprint, perform)
      } catch (error) {
        return refuse(reply, error, origin)
      }
    },
  })
}

const underway = new WeakMap<World, Set<string>>()

/** Runs a change, or answers as it was answered first under the same key. */
async function once(
  world: World,
  reply: FastifyReply,
  origin: Origin,
  fingerprint: string,
  perform: () => object,
): Promise<unknown> {
  const key = origin.idempotencyKey
  const { answers } = world.store.tables
  if (key !== null) {
    if (key.length > MAX_KEY_LENGTH) throw refusals.keyTooLong()
    reply.header('idempotency-key', key)
    const kept = answers.get(key)
    if (kept && world.now() - kept.at < KEPT_MS) {
      if (kept.fingerprint !== fingerprint) throw refusals.keyReused(key)
      reply.header('idempotent-replayed', 'true').header('original-request', kept.requestId)
      return reply.code(kept.status).send(kept.body)
    }
  }

  const running = underway.get(world) ?? new Set()
  underway.set(world, running)
  if (key !== null && running.has(key)) throw refusals.keyInUse(key)
  if (key !== null) running.add(key)
  try {
    await wait(world.workMs, undefined, { ref: false })
    const { status, body, isKept } = outcomeOf(perform)
    if (key !== null && isKept) {
      const { requestId } = origin
      world.store.add('answers', key, { fingerprint, requestId, status, body, at: world.now() })
    }
    world.store.save()
    if (status >= 400) reply.header('stripe-should-retry', 'false')
    return reply.code(status).send(body)
  } finally {
    if (key !== null) running.delete(key)
  }
}

function outcomeOf(perform: () => object): { status: number; body: object; isKept: boolean } {
  try {
    return { status: 200, body: perform(), isKept: true }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return { status: error.status, body: { error: error.body }, isKept: error.validated }
  }
}

function checkCaller(world: World, request: FastifyRequest): void {
  const { authorization = '', 'stripe-version': version } = request.headers
  const [scheme = '', credentials = ''] = authorization.split(' ')
  const key =
    scheme.toLowerCase() === 'basic'
      ? Buffer.from(credentials, 'base64').toString().split(':')[0]
      : credentials
  if (!key) throw refusals.keyMissing()
  if (key !== world.secretKey) throw refusals.keyWrong(key)
  if (version !== undefined && version !== API_VERSION)
    throw refusals.versionUnknown(String(version))
}

function refuse(reply: FastifyReply, error: unknown, origin: Origin): FastifyReply {
  if (!(error instanceof Refusal)) throw error
  const body = { error: { ...error.body, request_log_url: `/logs/${origin.requestId}` } }
  return reply.code(error.status).send(body)
}

const keyOf = (request: FastifyRequest): string | null => {
  const key = request.headers['idempotency-key']
  return typeof key === 'string' && key !== '' ? key : null
}

function pathsIn(form: object): string[] {
  const given: Form | { expand?: string[] } = form
  return Array.isArray(given.expand) ? given.expand.map(String) : []
}
