import { Readable } from 'node:stream'
import { setImmediate as nextTurn, setTimeout as wait } from 'node:timers/promises'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import type { Faults, StoredRule } from './faults.ts'
import type { Journal, JournalEntry, Vendor } from './journal.ts'

export type VendorServerOptions = {
  vendor: Vendor
  journal: Journal
  faults: Faults
  bodyLimitBytes?: number
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** A vendor's static files: nobody reads a journal of them. */
    isStaticFile?: true
  }
}

type Marks = { entry: JournalEntry | undefined; fault: StoredRule | undefined }

const BODY_LIMIT_BYTES = 32 * 1024 * 1024 // the largest upload a stand-in takes (a knowledge document)
const MAX_LATENCY_MS = 120_000 // longer than every time-out of the product

/** A Fastify whose every request is journaled and may be made to fail. Add routes, then `listen`. */
export function vendorServer(options: VendorServerOptions): FastifyInstance {
  const { vendor, journal, faults } = options
  const app = Fastify({
    logger: false,
    bodyLimit: options.bodyLimitBytes ?? BODY_LIMIT_BYTES,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 500 },
  })
  const marks = new WeakMap<FastifyRequest, Marks>()
  const closing = new AbortController()

  app.addHook('onRequest', async (request, reply) => {
    const path = request.url
    const fault = faults.takeRule(vendor, 'request', request.method, path)
    const isSeen = fault !== undefined || !request.routeOptions.config.isStaticFile
    const entry = isSeen
      ? journal.record({ vendor, kind: 'request', method: request.method, path })
      : undefined
    marks.set(request, { entry, fault })
    if (!fault) return
    if (entry) journal.update(entry, { note: `fault: ${fault.action.type}` })
    return harm(fault, request, reply, closing.signal, faults)
  })

  app.addHook('preHandler', async (request) => {
    const entry = marks.get(request)?.entry
    if (entry && request.body !== undefined) journal.update(entry, { body: request.body })
  })

  app.addHook('onSend', async (request, reply, payload) => {
    const action = marks.get(request)?.fault?.action
    if (action?.type !== 'reset') return payload
    reply.removeHeader('content-length')
    return cutAfter(action.afterBytes, payload, request)
  })

  app.addHook('onResponse', async (request, reply) => {
    const entry = marks.get(request)?.entry
    if (entry) journal.update(entry, { status: reply.statusCode })
  })

  app.addHook('preClose', async () => closing.abort())
  return app
}

/** Listens and returns the address as a URL, whatever port was asked for. */
export async function listen(
  app: FastifyInstance,
  port: number,
  host = '127.0.0.1',
): Promise<string> {
  await app.listen({ port, host })
  const address = app.server.address()
  if (address === null || typeof address === 'string')
    throw new Error('the server has no TCP address')
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
  return `http://${name.includes(':') ? `[${name}]` : name}:${address.port}`
}

async function harm(
  rule: StoredRule,
  request: FastifyRequest,
  reply: FastifyReply,
  closing: AbortSignal,
  faults: Faults,
): Promise<void> {
  const { action } = rule
  switch (action.type) {
    case 'latency':
    case 'delay':
      await wait(Math.min(action.ms, MAX_LATENCY_MS), undefined, { signal: closing, ref: false })
      return
    case 'status':
      await reply
        .code(action.status)
        .headers(action.headers ?? {})
        .send(action.body ?? '')
      return
    case 'block':
      await Promise.race([faults.opened(rule), aborted(closing)])
      return
    case 'hang':
      reply.hijack()
      return
    case 'drop':
    case 'lose':
      reply.hijack()
      request.raw.socket.resetAndDestroy()
      return
    default:
      return // `reset` acts on the answer; the rest belongs to sockets and webhooks
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}

function cutAfter(bytes: number, payload: unknown, request: FastifyRequest): Readable {
  async function* first(): AsyncGenerator<Buffer> {
    let left = bytes
    for await (const part of parts(payload)) {
      if (left > 0) yield part.subarray(0, left)
      left -= part.length
      if (left <= 0) break
    }
    await nextTurn()
    request.raw.socket.resetAndDestroy()
  }
  return Readable.from(first())
}

async function* parts(payload: unknown): AsyncGenerator<Buffer> {
  if (payload instanceof Readable) for await (const chunk of payload) yield Buffer.from(chunk)
  else if (typeof payload === 'string') yield Buffer.from(payload)
  else if (payload instanceof Uint8Array) yield Buffer.from(payload)
}
