import type { WebSocket } from 'ws'
import { z } from 'zod'
import { afterCall } from '../after/post-call.ts'
import type { World } from '../world.ts'
import { type Line, Session } from './session.ts'

const start = z.looseObject({
  event: z.literal('start'),
  start: z.looseObject({
    streamSid: z.string(),
    callSid: z.string(),
    customParameters: z.looseObject({ conversation_id: z.string() }),
  }),
})
const media = z.looseObject({
  event: z.literal('media'),
  media: z.looseObject({ payload: z.base64(), track: z.string().optional() }),
})
const mark = z.looseObject({ event: z.literal('mark'), mark: z.looseObject({ name: z.string() }) })
const named = z.looseObject({ event: z.string() })

const START_MS = 10_000 // Twilio sends `start` right after the upgrade
const DRAIN_MS = 15_000 // longest goodbye waited for before the stream is closed

/** Twilio's own media stream, for calls that were registered or placed here. */
export function serveTwilioStream(world: World, ws: WebSocket): void {
  let session: Session | undefined
  let line: TwilioLine | undefined
  const late = setTimeout(() => ws.close(1008, 'no start message'), START_MS)
  ws.on('message', (data: Buffer) => {
    const message = parsed(data)
    const audio = media.safeParse(message)
    if (audio.success) {
      session?.touched()
      if (audio.data.media.track !== 'outbound')
        session?.hear(Buffer.from(audio.data.media.payload, 'base64'))
      return
    }
    const played = mark.safeParse(message)
    if (played.success) {
      line?.played(played.data.mark.name)
      return
    }
    const started = start.safeParse(message)
    if (started.success && !session) {
      clearTimeout(late)
      const { streamSid, customParameters } = started.data.start
      line = twilioLine(ws, streamSid)
      session = takeUp(world, line, customParameters.conversation_id, started.data.start)
      if (!session) ws.close(1008, 'unknown conversation')
      return
    }
    const { event } = named.safeParse(message).data ?? {}
    if (event === 'stop') ws.close(1000)
  })
  ws.on('close', (code) => {
    clearTimeout(late)
    line?.gone()
    session?.lineClosed(`Client disconnected: ${code}`)
  })
}

function takeUp(
  world: World,
  line: Line,
  conversationId: string,
  { streamSid, callSid }: { streamSid: string; callSid: string },
): Session | undefined {
  const conversation = world.store.conversations.get(conversationId)
  const agent = conversation && world.store.agents.get(conversation.agent_id)
  if (!agent || conversation.status !== 'initiated' || world.live.has(conversationId))
    return undefined
  conversation.startedAtMs = Date.now()
  conversation.phone_call = {
    ...conversation.phone_call,
    stream_sid: streamSid,
    call_sid: callSid,
  }
  const session = new Session({
    world,
    agent,
    conversation,
    line,
    onEnd: (ended, recording) => afterCall(world, ended, recording),
  })
  world.live.set(conversationId, session)
  session.begin(conversation.client_data)
  return session
}

type TwilioLine = Line & { played(name: string): void; gone(): void }

function twilioLine(ws: WebSocket, streamSid: string): TwilioLine {
  let lastMark = ''
  let drained: (() => void) | undefined
  let drainTimer: NodeJS.Timeout | undefined
  const send = (message: object) => {
    if (ws.readyState === ws.OPEN) ws.send(JSON.stringify({ ...message, streamSid }))
  }
  return {
    event(event) {
      if (event.type !== 'interruption') return
      lastMark = ''
      send({ event: 'clear' })
    },
    audio(wireBytes, eventId) {
      send({ event: 'media', media: { payload: Buffer.from(wireBytes).toString('base64') } })
      lastMark = `audio-${eventId}`
      send({ event: 'mark', mark: { name: lastMark } })
    },
    end(code, reason) {
      const close = () => ws.close(code, reason.slice(0, 120))
      if (code !== 1000 || !lastMark) {
        close()
        return
      }
      // Closing ends <Connect> and drops what Twilio has queued, so the goodbye is waited for.
      drained = close
      drainTimer = setTimeout(close, DRAIN_MS)
    },
    played(name) {
      if (name !== lastMark) return
      lastMark = ''
      clearTimeout(drainTimer)
      drained?.()
    },
    gone: () => clearTimeout(drainTimer),
  }
}

function parsed(data: Buffer): unknown {
  try {
    return JSON.parse(data.toString())
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
