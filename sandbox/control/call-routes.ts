import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { ElevenLabsStandIn } from '../elevenlabs/start.ts'
import type { Journal } from '../kit/journal.ts'
import type { Leg } from '../twilio/leg.ts'
import { Numbers } from '../twilio/numbers.ts'
import { answeredBys } from '../twilio/party.ts'
import { agentSide } from './agent-side.ts'
import { type Answering, type Calls, finished } from './calls.ts'
import { conflict, notFound } from './problems.ts'
import { keys, phoneNumber, script, spokenText, voice } from './steps.ts'

const callBody = z.strictObject({
  from: phoneNumber,
  to: phoneNumber,
  script: script.optional(),
  voice: voice.optional(),
})
const sayBody = z.strictObject({ text: spokenText, voice: voice.optional() })
const pressBody = z.strictObject({ digits: keys })
const answeringBody = z.discriminatedUnion('answers', [
  z.strictObject({ answers: z.enum(['person', 'busy', 'no-answer']) }),
  z.strictObject({
    answers: z.literal('script'),
    script,
    voice: voice.optional(),
    answeredBy: z.enum(answeredBys).optional(),
  }),
])
const MAX_LISTED = 100 // the page shows the newest

export type CallParts = {
  calls: Calls
  elevenLabs: ElevenLabsStandIn
  journal: Journal
  dataDir: string
}

export function callRoutes(app: FastifyInstance, parts: CallParts): void {
  const { calls } = parts

  app.post('/sandbox/calls', async (request, reply) => {
    const leg = await calls.dial(callBody.parse(request.body))
    return reply.code(201).send({ callSid: leg.callSid })
  })
  app.get('/sandbox/calls', async () => calls.legs().slice(0, MAX_LISTED).map(summary))
  app.get('/sandbox/calls/:sid', async (request) => view(parts, getLeg(calls, request)))
  app.get('/sandbox/calls/:sid/recording', async (request, reply) =>
    reply.type('audio/wav').send(getLeg(calls, request).recording()),
  )

  app.post('/sandbox/calls/:sid/say', async (request) => {
    const { text, voice: asked } = sayBody.parse(request.body)
    return calls.say(getLiveCall(calls, request), text, asked)
  })
  app.post('/sandbox/calls/:sid/press', async (request) => {
    const { digits } = pressBody.parse(request.body)
    getLiveCall(calls, request).leg.press(digits)
    return { digits }
  })
  app.post('/sandbox/calls/:sid/hangup', async (request) => {
    const leg = getLeg(calls, request)
    leg.hangUp()
    return { status: leg.status }
  })

  app.get('/sandbox/numbers', async () => listNumbers(parts.dataDir))
  app.get('/sandbox/people', async () => calls.people())
  app.put('/sandbox/people/:number', async (request) => {
    const number = numberOf(request)
    const answering: Answering = answeringBody.parse(request.body)
    calls.setAnswering(number, answering)
    return { number, answering }
  })
  app.delete('/sandbox/people/:number', async (request, reply) => {
    calls.setAnswering(numberOf(request), undefined)
    return reply.code(204).send()
  })
}

const sidOf = (request: FastifyRequest) => z.object({ sid: z.string() }).parse(request.params).sid
const numberOf = (request: FastifyRequest) =>
  z.object({ number: phoneNumber }).parse(request.params).number

function getLeg(calls: Calls, request: FastifyRequest): Leg {
  const leg = calls.leg(sidOf(request))
  if (!leg) throw notFound('call')
  return leg
}

export function getCall(calls: Calls, request: FastifyRequest) {
  const call = calls.find(sidOf(request))
  if (!call) throw notFound('call')
  return call
}

function getLiveCall(calls: Calls, request: FastifyRequest) {
  const call = getCall(calls, request)
  if (call.leg.isOver) throw conflict('call_over', 'The call is over.')
  if (!call.leg.isAnswered) throw conflict('call_not_answered', 'Nobody has answered yet.')
  return call
}

const summary = (leg: Leg) => ({
  callSid: leg.callSid,
  from: leg.from,
  to: leg.to,
  direction: leg.direction,
  status: leg.status,
  durationSeconds: leg.durationSeconds,
  createdAt: leg.createdAt.toISOString(),
})

function view(parts: CallParts, leg: Leg) {
  const { calls } = parts
  const call = calls.find(leg.callSid)
  return {
    ...summary(leg),
    log: leg.log,
    heard: call ? finished(call.heard.turns) : [],
    said: call ? finished(call.said.turns) : [],
    script: call && calls.script(call),
    agent: agentSide(parts, leg),
  }
}

/** The numbers that can be dialled: those the account owns. */
function listNumbers(dataDir: string) {
  // Read where the stand-in keeps them: asking it would show in the journal and use up a fault.
  return new Numbers(dataDir).list().map((number) => ({
    number: number.phoneNumber,
    name: number.friendlyName,
    isAnswered: number.voiceUrl !== '',
  }))
}
