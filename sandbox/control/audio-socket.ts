import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { WebSocket } from 'ws'
import type { ElevenLabsStandIn } from '../elevenlabs/start.ts'
import type { Journal } from '../kit/journal.ts'
import { agentSide } from './agent-side.ts'
import { getCall } from './call-routes.ts'
import type { Calls } from './calls.ts'
import type { PhoneCall } from './phone-call.ts'
import { conflict } from './problems.ts'

const MAX_BACKLOG_BYTES = 256 * 1024 // ten seconds of both sides: a page that slow hears gaps, not delay
const AGENT_POLL_MS = 250 // the agent takes a turn down 300 ms after the last word
const CALLER_SIDE = 0
const AGENT_SIDE = 1

type AgentParts = { elevenLabs: ElevenLabsStandIn; journal: Journal }

/**
 * Live sockets for the pages: the audio and the story of a call, and the journal's tail. A page of
 * another origin is refused, since a browser lets any page open a socket to this machine.
 */
export function socketRoutes(app: FastifyInstance, parts: AgentParts & { calls: Calls }): void {
  const { calls, journal } = parts

  app.get(
    '/sandbox/calls/:sid/audio',
    {
      websocket: true,
      preValidation: async (request) => {
        checkOrigin(request)
        getCall(calls, request)
      },
    },
    (socket, request) => follow(socket, getCall(calls, request), parts),
  )

  app.get(
    '/sandbox/journal/live',
    { websocket: true, preValidation: async (request) => checkOrigin(request) },
    (socket) => {
      const stop = journal.onEntry((entry) => sendJson(socket, entry))
      socket.on('close', stop)
      socket.on('error', stop)
    },
  )
}

function follow(socket: WebSocket, call: PhoneCall, parts: AgentParts): void {
  const { leg } = call
  const stopListening = call.listen({
    news: (news) => sendJson(socket, news),
    audio(said, heard) {
      sendAudio(socket, CALLER_SIDE, said)
      sendAudio(socket, AGENT_SIDE, heard)
    },
  })
  sendJson(socket, {
    type: 'snapshot',
    callSid: leg.callSid,
    from: leg.from,
    to: leg.to,
    status: leg.status,
    durationSeconds: leg.durationSeconds,
    turns: call.turns,
    log: leg.log,
  })

  // The agent's own notes are read until they are complete, a moment after the call.
  let shown = ''
  const timer = setInterval(() => {
    const agent = agentSide(parts, leg)
    const text = JSON.stringify(agent ?? null)
    if (text === shown) return
    shown = text
    sendJson(socket, { type: 'agent', agent })
  }, AGENT_POLL_MS)

  const stop = () => {
    clearInterval(timer)
    stopListening()
  }
  socket.on('close', stop)
  socket.on('error', stop)
}

function sendAudio(socket: WebSocket, side: number, frame: Uint8Array): void {
  if (socket.bufferedAmount > MAX_BACKLOG_BYTES) return
  const message = new Uint8Array(1 + frame.length)
  message[0] = side
  message.set(frame, 1)
  socket.send(message)
}

function sendJson(socket: WebSocket, value: unknown): void {
  if (socket.bufferedAmount > MAX_BACKLOG_BYTES) {
    // Words must not be missing without a sign: the page reconnects and gets them all.
    socket.close(1013, 'too slow')
    return
  }
  socket.send(JSON.stringify(value))
}

function checkOrigin(request: FastifyRequest): void {
  const { origin, host } = request.headers
  if (!origin || (URL.canParse(origin) && new URL(origin).host === host)) return
  throw conflict('foreign_page', 'Only the pages of this sandbox may listen.')
}
