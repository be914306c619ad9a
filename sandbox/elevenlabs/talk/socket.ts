import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { setTimeout as wait } from 'node:timers/promises'
import { type WebSocket, WebSocketServer } from 'ws'
import type { FaultAction } from '../../kit/faults.ts'
import { afterCall } from '../after/post-call.ts'
import { startConversation } from '../conversations.ts'
import { SCRIBE_PATH, serveScribe } from '../scribe/realtime.ts'
import type { Agent } from '../store.ts'
import type { World } from '../world.ts'
import { apply, understand } from './client-message.ts'
import { frameFaults } from './frame-faults.ts'
import { type Line, Session } from './session.ts'
import { serveTwilioStream } from './twilio-stream.ts'

export const SOCKET_PATH = '/v1/convai/conversation'

const MAX_MESSAGE_BYTES = 4 * 1024 * 1024 // a minute of PCM in one message; more is not speech
const UNAUTHORIZED = 3000 // registered close code for "unauthorized"
const MAX_LATENCY_MS = 120_000

/** Answers WebSocket upgrades on the REST origin. */
export function serveSockets(
  world: World,
  server: {
    on(event: 'upgrade', run: (r: IncomingMessage, s: Duplex, h: Buffer) => void): unknown
  },
): { close(): void } {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has('convai') ? 'convai' : false),
  })
  server.on('upgrade', (request, socket, head) => {
    const url = new URL(request.url ?? '/', world.url)
    const rule = world.faults.takeRule('elevenlabs', 'socket', 'GET', url.pathname + url.search)
    world.journal.record({
      vendor: 'elevenlabs',
      kind: 'socket',
      method: 'GET',
      path: url.pathname + url.search,
      ...(rule ? { note: `fault: ${rule.action.type}` } : {}),
    })
    const open = () =>
      sockets.handleUpgrade(request, socket, head, (ws) =>
        accept(world, ws, request, url, rule?.action),
      )
    if (url.pathname !== SOCKET_PATH && url.pathname !== SCRIBE_PATH) refuse(socket, 404)
    else if (rule?.action.type === 'drop') socket.destroy()
    else if (rule?.action.type === 'status') refuse(socket, rule.action.status)
    else if (rule?.action.type === 'block') void world.faults.opened(rule).then(open)
    else if (rule?.action.type === 'latency' || rule?.action.type === 'delay')
      void wait(Math.min(rule.action.ms, MAX_LATENCY_MS), undefined, { ref: false }).then(open)
    else if (rule?.action.type !== 'hang') open()
  })
  return {
    close() {
      for (const ws of sockets.clients) ws.terminate()
      sockets.close()
    },
  }
}

function accept(
  world: World,
  ws: WebSocket,
  request: IncomingMessage,
  url: URL,
  fault: FaultAction | undefined,
): void {
  ws.on('error', (error) =>
    world.journal.record({ vendor: 'elevenlabs', kind: 'socket', note: error.message }),
  )
  if (url.pathname === SCRIBE_PATH) {
    const token = url.searchParams.get('token') ?? ''
    const isAuthorized =
      request.headers['xi-api-key'] === world.apiKey ||
      world.signedUrls.redeem(token, 'realtime_scribe') !== undefined
    serveScribe(world, ws, url, isAuthorized, fault)
    return
  }
  const agentId = url.searchParams.get('agent_id')
  if (!agentId) {
    serveTwilioStream(world, ws)
    return
  }
  const agent = world.store.agents.get(agentId)
  if (!agent) {
    ws.close(1008, 'The AI agent you are trying to reach does not exist.')
    return
  }
  const permission = permit(world, agent, request, url)
  if (!permission) {
    ws.close(UNAUTHORIZED, 'Could not authorize the conversation.')
    return
  }
  talk(world, ws, agent, permission, url.searchParams.get('source') ?? 'unknown', fault)
}

type Permission = { method: string; conversationId: string | undefined }

function permit(
  world: World,
  agent: Agent,
  request: IncomingMessage,
  url: URL,
): Permission | undefined {
  const signature = url.searchParams.get('conversation_signature')
  if (signature) {
    const redeemed = world.signedUrls.redeem(signature, agent.agent_id)
    return redeemed && { method: 'signed_url', conversationId: redeemed.conversationId }
  }
  if (request.headers['xi-api-key'] === world.apiKey)
    return { method: 'authorization_header', conversationId: undefined }
  const auth = agent.platform_settings.auth
  const isOpen =
    typeof auth === 'object' && auth !== null && 'enable_auth' in auth && !auth.enable_auth
  return isOpen ? { method: 'public', conversationId: undefined } : undefined
}

function talk(
  world: World,
  ws: WebSocket,
  agent: Agent,
  permission: Permission,
  source: string,
  fault: FaultAction | undefined,
): void {
  const conversation = startConversation(world, agent, {
    conversationId: permission.conversationId,
    authorization: permission.method,
    source,
    phoneCall: null,
  })
  const session = new Session({
    world,
    agent,
    conversation,
    line: socketLine(ws, fault),
    onEnd: (ended, recording) => afterCall(world, ended, recording),
  })
  world.live.set(conversation.conversation_id, session)
  // A client that sends no initiation still gets its conversation, without overrides.
  const late = setTimeout(() => session.begin({}), world.timings.initiationMs)
  ws.on('message', (data: Buffer, isBinary) => {
    const understood = isBinary
      ? ({ kind: 'invalid', why: 'binary frame' } as const)
      : understand(data.toString())
    if (understood.kind === 'invalid') {
      session.fail(1008, 'invalid_message', `Invalid message received: ${understood.why}`)
      return
    }
    session.begin(
      understood.kind === 'message' &&
        understood.message.type === 'conversation_initiation_client_data'
        ? understood.message
        : {},
    )
    session.touched()
    if (understood.kind === 'audio') session.hear(understood.bytes)
    else apply(session, understood.message)
  })
  ws.on('close', (code) => {
    clearTimeout(late)
    session.lineClosed(`Client disconnected: ${code}`)
  })
}

function socketLine(ws: WebSocket, fault: FaultAction | undefined): Line {
  const faults = frameFaults(fault, (code) => {
    if (code === undefined) ws.terminate()
    else ws.close(code)
  })
  const send = (event: object) => {
    if (ws.readyState === ws.OPEN && faults.letThrough()) ws.send(JSON.stringify(event))
  }
  return {
    event: send,
    audio(wireBytes, eventId, alignment) {
      const bytes = faults.audio(wireBytes)
      const audio_base_64 = Buffer.from(bytes).toString('base64')
      send({ type: 'audio', audio_event: { audio_base_64, event_id: eventId, alignment } })
    },
    end: (code, reason) => ws.close(code, reason.slice(0, 120)), // a close frame holds 123 bytes
  }
}

function refuse(socket: Duplex, status: number): void {
  socket.end(`HTTP/1.1 ${status} Refused\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`)
}
