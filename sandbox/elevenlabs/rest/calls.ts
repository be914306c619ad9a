import { createHmac, timingSafeEqual } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { deliver } from '../after/post-call.ts'
import { startConversation } from '../conversations.ts'
import { isObject, type Json, merged, read, readObject, readText } from '../json.ts'
import { badRequest, parse, VendorProblem } from '../problems.ts'
import type { Agent, Conversation, PhoneNumber } from '../store.ts'
import { SOCKET_PATH } from '../talk/socket.ts'
import { createCall } from '../twilio-client.ts'
import type { World } from '../world.ts'
import { getAgent } from './agents.ts'
import { getNumber, INBOUND_PATH, STATUS_PATH } from './phone-numbers.ts'
import { defaultSettings } from './workspace.ts'

const clientData = z.looseObject({}).nullish()
const registerBody = z.looseObject({
  agent_id: z.string(),
  from_number: z.string(),
  to_number: z.string(),
  direction: z.enum(['inbound', 'outbound']).default('inbound'),
  conversation_initiation_client_data: clientData,
})
const outboundBody = z.looseObject({
  agent_id: z.string(),
  agent_phone_number_id: z.string(),
  to_number: z.string(),
  conversation_initiation_client_data: clientData,
  telephony_call_config: z
    .looseObject({ ringing_timeout_secs: z.int().min(1).max(999).nullish() })
    .nullish(),
})

const INITIATION_TIMEOUT_MS = 5_000 // the caller hears nothing meanwhile
const RINGING_SECONDS = 60
const PHONE_AUDIO = 'ulaw_8000'
const REJECT = '<?xml version="1.0" encoding="UTF-8"?><Response><Reject/></Response>'
const failureReasons: Record<string, string> = { busy: 'busy', 'no-answer': 'no-answer' }

export function callRoutes(app: FastifyInstance, world: World): void {
  app.post('/v1/convai/twilio/register-call', async (request, reply) => {
    const body = parse(registerBody, request.body, 'body')
    const agent = getAgent(world, body.agent_id)
    const isInbound = body.direction === 'inbound'
    const ours = isInbound ? body.to_number : body.from_number
    refuseUnfit(world, agent, ours)
    const conversation = register(world, agent, {
      direction: body.direction,
      phone_number_id: null,
      agent_number: ours,
      external_number: isInbound ? body.from_number : body.to_number,
    })
    conversation.client_data = body.conversation_initiation_client_data ?? {}
    return sendTwiml(reply, 'text/html; charset=utf-8', streamTwiml(world, conversation))
  })

  app.post('/v1/convai/twilio/outbound-call', async (request) => {
    const body = parse(outboundBody, request.body, 'body')
    const agent = getAgent(world, body.agent_id)
    const number = getNumber(world, body.agent_phone_number_id)
    const conversation = register(world, agent, {
      direction: 'outbound',
      phone_number_id: number.phone_number_id,
      agent_number: number.phone_number,
      external_number: body.to_number,
    })
    conversation.client_data = body.conversation_initiation_client_data ?? {}
    const seconds = body.telephony_call_config?.ringing_timeout_secs ?? RINGING_SECONDS
    return placeCall(world, number, conversation, body.to_number, seconds)
  })

  app.post(INBOUND_PATH, async (request, reply) => {
    const fields = readObject(request.body)
    const number = [...world.store.phoneNumbers.values()].find(
      (known) => known.phone_number === readText(fields, 'To'),
    )
    const agent = number?.agent_id ? world.store.agents.get(number.agent_id) : undefined
    if (!number || !agent) return sendTwiml(reply, 'text/xml', REJECT)
    checkSignature(world, request, number.token)
    const conversation = register(world, agent, {
      direction: 'inbound',
      phone_number_id: number.phone_number_id,
      agent_number: number.phone_number,
      external_number: readText(fields, 'From'),
      call_sid: readText(fields, 'CallSid'),
    })
    conversation.client_data = await initiationFromWebhook(world, agent, conversation)
    return sendTwiml(reply, 'text/xml', streamTwiml(world, conversation))
  })

  app.post(STATUS_PATH, async (request, reply) => {
    await settleUnanswered(world, readObject(request.body))
    return reply.code(204).send()
  })
}

/** The number must not be imported and the agent must speak as telephones do. What the vendor answers is not confirmed. */
function refuseUnfit(world: World, agent: Agent, ourNumber: string): void {
  for (const known of world.store.phoneNumbers.values())
    if (known.phone_number === ourNumber)
      throw badRequest('phone_number_imported', 'Calls of an imported number are not registered.')
  const config = agent.conversation_config
  const formats = [
    readText(config, 'asr', 'user_input_audio_format'),
    readText(config, 'tts', 'agent_output_audio_format'),
  ]
  if (formats.some((format) => format !== PHONE_AUDIO))
    throw badRequest('unsupported_audio_format', `Both sides of the agent must be ${PHONE_AUDIO}.`)
}

function register(world: World, agent: Agent, phone: Json): Conversation {
  return startConversation(world, agent, {
    conversationId: undefined,
    authorization: 'authorization_header',
    source: 'twilio',
    phoneCall: { type: 'twilio', stream_sid: '', call_sid: '', ...phone },
  })
}

async function placeCall(
  world: World,
  number: PhoneNumber,
  conversation: Conversation,
  to: string,
  ringingSeconds: number,
) {
  try {
    const callSid = await createCall(
      { baseUrl: world.twilioUrl, sid: number.sid, token: number.token },
      {
        To: to,
        From: number.phone_number,
        Twiml: streamTwiml(world, conversation),
        Timeout: String(ringingSeconds),
        StatusCallback: `${world.url}${STATUS_PATH}`,
      },
    )
    conversation.phone_call = { ...conversation.phone_call, call_sid: callSid }
    world.store.changed()
    const { conversation_id } = conversation
    return { success: true, message: 'Success', conversation_id, callSid }
  } catch (error) {
    // The service answers 200 with success:false when Twilio refuses the call.
    const message = error instanceof VendorProblem ? readText(error.body, 'detail', 'message') : ''
    fail(world, conversation, 'failed', message || 'Twilio could not be reached.')
    return {
      success: false,
      message: message || 'Call failed',
      conversation_id: null,
      callSid: null,
    }
  }
}

/** A call that nobody took never opens a stream; Twilio's last status is all there is to know. */
async function settleUnanswered(world: World, fields: Json): Promise<void> {
  const callSid = readText(fields, 'CallSid')
  const status = readText(fields, 'CallStatus')
  if (!['busy', 'no-answer', 'failed', 'canceled'].includes(status)) return
  const conversation = [...world.store.conversations.values()].find(
    (c) => c.status === 'initiated' && read(c.phone_call, 'call_sid') === callSid,
  )
  if (!conversation) return
  fail(world, conversation, status, `The call ended as ${status}.`)
  await deliver(world, conversation, 'call_initiation_failure', {
    agent_id: conversation.agent_id,
    conversation_id: conversation.conversation_id,
    failure_reason: failureReasons[status] ?? 'unknown',
    metadata: { type: 'twilio', body: fields },
  })
}

function fail(world: World, conversation: Conversation, result: string, why: string): void {
  conversation.status = 'failed'
  conversation.termination_reason = why
  conversation.phone_call = {
    ...conversation.phone_call,
    call_result: result === 'no-answer' ? 'no_answer' : result,
  }
  world.store.changed()
}

async function initiationFromWebhook(
  world: World,
  agent: Agent,
  conversation: Conversation,
): Promise<Json> {
  const key = 'conversation_initiation_client_data_webhook'
  const own = readObject(agent.platform_settings, 'workspace_overrides', key)
  const hook = own.url ? own : readObject(merged(defaultSettings, world.store.settings), key)
  const isEnabled =
    read(
      agent.platform_settings,
      'overrides',
      'enable_conversation_initiation_client_data_from_webhook',
    ) === true
  const url = readText(hook, 'url')
  if (!isEnabled || !url) return {}
  const headers: Record<string, string> = { 'content-type': 'application/json' }
  for (const [name, value] of Object.entries(readObject(hook, 'request_headers')))
    if (typeof value === 'string') headers[name] = value
  const answer = await world.webhooks.send({
    url,
    headers,
    timeoutMs: INITIATION_TIMEOUT_MS,
    body: JSON.stringify({
      caller_id: conversation.phone_call?.external_number,
      agent_id: agent.agent_id,
      called_number: conversation.phone_call?.agent_number,
      call_sid: conversation.phone_call?.call_sid,
      conversation_id: conversation.conversation_id,
    }),
  })
  if (answer.kind !== 'answered' || answer.status !== 200) return {}
  const data: unknown = JSON.parse(answer.body)
  return isObject(data) ? data : {}
}

function streamTwiml(world: World, conversation: Conversation): string {
  const url = `${world.url.replace(/^http/, 'ws')}${SOCKET_PATH}`
  return `<?xml version="1.0" encoding="UTF-8"?><Response><Connect><Stream track="inbound_track" url="${url}"><Parameter name="conversation_id" value="${conversation.conversation_id}"/></Stream></Connect></Response>`
}

function sendTwiml(reply: FastifyReply, type: string, twiml: string) {
  return reply.type(type).send(twiml)
}

function checkSignature(world: World, request: FastifyRequest, token: string): void {
  const fields = Object.entries(readObject(request.body)).sort(([a], [b]) => (a < b ? -1 : 1))
  const signed = fields.reduce(
    (text, [name, value]) => `${text}${name}${String(value)}`,
    `${world.url}${request.url}`,
  )
  const expected = Buffer.from(createHmac('sha1', token).update(signed).digest('base64'))
  const given = Buffer.from(String(request.headers['x-twilio-signature'] ?? ''))
  if (given.length !== expected.length || !timingSafeEqual(given, expected))
    throw new VendorProblem(403, { detail: { status: 'forbidden', message: 'Bad signature' } })
}
