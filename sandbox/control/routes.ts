import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { ClerkStandIn } from '../clerk/start.ts'
import type { ElevenLabsStandIn } from '../elevenlabs/start.ts'
import { type FaultRule, type Faults, faultTargets } from '../kit/faults.ts'
import { type Journal, type JournalFilter, vendors } from '../kit/journal.ts'
import type { Mail, MailStandIn } from '../mail/start.ts'
import type { PhraseBook } from '../speech/book.ts'
import { BYTES_PER_MS } from '../speech/mulaw.ts'
import { type Calls, callerVoice } from './calls.ts'
import { notFound } from './problems.ts'
import { spokenText, voice } from './steps.ts'
import { Transcriber } from './transcriber.ts'

const MAX_LISTED_ENTRIES = 2_000 // what the page shows; a filter finds the rest
const MAX_LISTENED_BYTES = 32 * 2 ** 20 // 50 minutes of mu-law in base64
const MAX_WAIT_MS = 120_000

const id = z.object({ id: z.string() })
const count = z.int().min(0).max(1_000_000)
const action = z.discriminatedUnion('type', [
  z.strictObject({ type: z.enum(['drop', 'hang', 'block', 'duplicate', 'reorder', 'lose']) }),
  z.strictObject({ type: z.enum(['latency', 'delay']), ms: z.number().min(0).max(MAX_WAIT_MS) }),
  z.strictObject({
    type: z.literal('status'),
    status: z.int().min(200).max(599),
    body: z.unknown().optional(),
    headers: z.record(z.string(), z.string()).optional(),
  }),
  z.strictObject({ type: z.literal('reset'), afterBytes: count }),
  z.strictObject({
    type: z.literal('close'),
    afterFrames: count,
    code: z.int().min(1000).max(4999).optional(),
  }),
  z.strictObject({ type: z.literal('silence'), afterFrames: count }),
  z.strictObject({ type: z.literal('flip'), frame: count }),
])
const ruleBody = z.strictObject({
  id: z.string().min(1).max(100).optional(),
  vendor: z.enum(vendors),
  on: z.enum(faultTargets),
  method: z.string().max(20).optional(),
  path: z.string().max(500).optional(),
  times: z.int().min(1).max(1_000_000).optional(),
  skip: count.optional(),
  action,
})
const journalQuery = z.object({
  vendor: z.enum(vendors).optional(),
  kind: z.enum(['request', 'webhook', 'socket', 'note']).optional(),
  path: z.string().optional(),
  since: z.coerce.number().optional(),
  limit: z.coerce.number().int().min(1).max(20_000).default(MAX_LISTED_ENTRIES),
})
const speechBody = z.strictObject({ text: spokenText, voice: voice.default(callerVoice) })
const listenBody = z.strictObject({
  speaker: z.enum(['caller', 'agent']).default('caller'),
  audio: z.base64(),
})
const userBody = z.strictObject({
  email: z.email(),
  password: z.string(),
  firstName: z.string().optional(),
  lastName: z.string().optional(),
})
const tokenBody = z.strictObject({ userId: z.string(), azp: z.url() })

export function faultRoutes(app: FastifyInstance, faults: Faults): void {
  app.get('/sandbox/faults', async () => faults.list())
  app.post('/sandbox/faults', async (request, reply) => {
    // zod leaves an absent field out, but its type says it may be undefined.
    const rule = ruleBody.parse(request.body) as FaultRule
    return reply.code(201).send(faults.add(rule))
  })
  app.delete('/sandbox/faults', async (_request, reply) => {
    faults.clear()
    return reply.code(204).send()
  })
  app.delete('/sandbox/faults/:id', async (request, reply) => {
    getRule(faults, request)
    faults.remove(id.parse(request.params).id)
    return reply.code(204).send()
  })
  app.post('/sandbox/faults/:id/release', async (request) => {
    const rule = getRule(faults, request)
    faults.release(rule.id)
    return rule
  })
}

function getRule(faults: Faults, request: FastifyRequest) {
  const wanted = id.parse(request.params).id
  const rule = faults.list().find((one) => one.id === wanted)
  if (!rule) throw notFound('fault')
  return rule
}

export function journalRoutes(app: FastifyInstance, journal: Journal): void {
  app.get('/sandbox/journal', async (request) => {
    const { limit, ...filter } = journalQuery.parse(request.query)
    return journal.entries(filter as JournalFilter).slice(-limit)
  })
  app.delete('/sandbox/journal', async (_request, reply) => {
    journal.clear()
    return reply.code(204).send()
  })
}

/** A customer's own system: takes what the product tells it, or with `?status=500` refuses to. */
export function customerRoutes(app: FastifyInstance, journal: Journal): void {
  app.post('/hooks/:name', async (request, reply) => {
    const { status } = hookQuery.parse(request.query)
    journal.record({
      vendor: 'customer',
      kind: 'webhook',
      method: 'POST',
      path: request.url,
      status,
      body: { headers: pickHeaders(request.headers), body: request.body },
    })
    return reply.code(status).send()
  })
}

const hookQuery = z.object({ status: z.coerce.number().int().min(200).max(599).default(204) })
const HOOK_HEADERS = ['webhook-id', 'webhook-timestamp', 'webhook-signature', 'user-agent']
const pickHeaders = (headers: FastifyRequest['headers']) =>
  Object.fromEntries(HOOK_HEADERS.map((name) => [name, headers[name]]))

export function mailRoutes(app: FastifyInstance, mail: MailStandIn): void {
  app.get('/sandbox/mail', async (request) => {
    const { to } = z.object({ to: z.string().optional() }).parse(request.query)
    return mail.inbox.list(to).map(withoutRaw)
  })
  app.get('/sandbox/mail/:id', async (request) => getMail(mail, request))
  app.get('/sandbox/mail/:id/html', async (request, reply) =>
    reply
      .type('text/html; charset=utf-8')
      // Shown in a frame: it may be styled, but runs nothing, loads nothing and sends nothing.
      .header('content-security-policy', MAIL_POLICY)
      .send(getMail(mail, request).html),
  )
  app.delete('/sandbox/mail', async (_request, reply) => {
    mail.inbox.clear()
    return reply.code(204).send()
  })
}

const MAIL_POLICY =
  "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"

const withoutRaw = ({ raw: _raw, ...mail }: Mail) => mail

function getMail(mail: MailStandIn, request: FastifyRequest): Mail {
  const found = mail.inbox.find(id.parse(request.params).id)
  if (!found) throw notFound('mail')
  return found
}

export function speechRoutes(app: FastifyInstance, book: PhraseBook): void {
  app.post('/sandbox/speech', async (request) => {
    const body = speechBody.parse(request.body)
    const { id: utteranceId, audio, words } = await book.say(body.text, body.voice)
    return {
      id: utteranceId,
      durationMs: Math.round(audio.length / BYTES_PER_MS),
      words,
      audio: Buffer.from(audio).toString('base64'),
    }
  })
  // Whether a recording still holds what was spoken: the answer comes from its bytes alone.
  app.post('/sandbox/listen', { bodyLimit: MAX_LISTENED_BYTES }, async (request) => {
    const { speaker, audio } = listenBody.parse(request.body)
    const transcriber = new Transcriber(book, speaker, () => undefined)
    transcriber.hear(Buffer.from(audio, 'base64'))
    transcriber.end()
    return transcriber.turns
  })
}

export function clerkRoutes(app: FastifyInstance, clerk: ClerkStandIn): void {
  app.post('/sandbox/clerk/users', async (request, reply) => {
    const { id: userId } = await clerk.addUser(userBody.parse(request.body))
    return reply.code(201).send({ id: userId })
  })
  app.post('/sandbox/clerk/tokens', async (request) => {
    const { userId, azp } = tokenBody.parse(request.body)
    return { jwt: clerk.sessionToken(userId, azp) }
  })
}

export function statusRoute(
  app: FastifyInstance,
  parts: {
    engine: string
    fallbackBecause: string | undefined
    calls: Calls
    elevenLabs: ElevenLabsStandIn
    environment: Record<string, string>
  },
): void {
  const { calls, elevenLabs } = parts
  app.get('/sandbox/status', async () => ({
    engine: parts.engine,
    fallbackBecause: parts.fallbackBecause ?? null,
    unrecognised: elevenLabs.unrecognised + calls.damagedTurns,
    unrecognisedByAgent: elevenLabs.unrecognised,
    unrecognisedByCaller: calls.damagedTurns,
    liveLegs: calls.liveLegs,
    conversations: elevenLabs.conversations().length,
  }))
  // What a process must be told to talk to these stand-ins in place of the vendors.
  app.get('/sandbox/environment', async () => parts.environment)
}
