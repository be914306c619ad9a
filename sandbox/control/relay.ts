import formbody from '@fastify/formbody'
import websocket from '@fastify/websocket'
import Fastify from 'fastify'
import WebSocket from 'ws'
import { z } from 'zod'
import { listen } from '../kit/http.ts'

// The least a product must do between Twilio and ElevenLabs, so that the pages can be tried and tested
// with nothing but the stand-ins: audio goes through, an interruption clears what is queued.

export type Relay = { voiceUrl: string; close(): Promise<void> }

const fromTwilio = z.discriminatedUnion('event', [
  z.looseObject({
    event: z.literal('start'),
    start: z.looseObject({ streamSid: z.string(), callSid: z.string() }),
  }),
  z.looseObject({ event: z.literal('media'), media: z.looseObject({ payload: z.string() }) }),
  z.looseObject({ event: z.enum(['connected', 'mark', 'dtmf', 'stop']) }),
])
const fromAgent = z.looseObject({
  type: z.string(),
  audio_event: z.looseObject({ audio_base_64: z.string() }).optional(),
  ping_event: z.looseObject({ event_id: z.number() }).optional(),
})

export async function startRelay(agent: {
  url: string
  apiKey: string
  agentId: string
}): Promise<Relay> {
  const app = Fastify({ logger: false, forceCloseConnections: true })
  await app.register(formbody)
  await app.register(websocket)
  app.post('/voice', async (request, reply) => {
    const stream = `ws://${request.headers.host}/media`
    return reply
      .type('text/xml')
      .send(`<Response><Connect><Stream url="${stream}"/></Connect></Response>`)
  })
  app.get('/media', { websocket: true }, (twilio) => join(twilio, agent))
  const url = await listen(app, 0)
  return { voiceUrl: `${url}/voice`, close: () => app.close() }
}

function join(
  twilio: WebSocket,
  { url, apiKey, agentId }: { url: string; apiKey: string; agentId: string },
): void {
  const address = `${url.replace('http', 'ws')}/v1/convai/conversation?agent_id=${agentId}`
  const talk = new WebSocket(address, { headers: { 'xi-api-key': apiKey } })
  let streamSid = ''

  twilio.on('message', (data: Buffer) => {
    const message = fromTwilio.parse(JSON.parse(data.toString()))
    if (message.event === 'start') {
      streamSid = message.start.streamSid
      greet(message.start.callSid)
    } else if (message.event === 'media' && talk.readyState === WebSocket.OPEN)
      talk.send(JSON.stringify({ user_audio_chunk: message.media.payload }))
  })
  talk.on('message', (data: Buffer) => {
    const message = fromAgent.parse(JSON.parse(data.toString()))
    const send = (body: object) => twilio.send(JSON.stringify({ streamSid, ...body }))
    if (message.audio_event)
      send({ event: 'media', media: { payload: message.audio_event.audio_base_64 } })
    if (message.type === 'interruption') send({ event: 'clear' })
    if (message.ping_event)
      talk.send(JSON.stringify({ type: 'pong', event_id: message.ping_event.event_id }))
  })
  twilio.on('close', () => talk.close())
  talk.on('close', () => twilio.close())
  talk.on('error', () => twilio.close())

  function greet(callSid: string): void {
    const hello = JSON.stringify({
      type: 'conversation_initiation_client_data',
      dynamic_variables: { call_sid: callSid },
    })
    if (talk.readyState === WebSocket.OPEN) talk.send(hello)
    else talk.once('open', () => talk.send(hello))
  }
}
