import { ElevenLabsClient } from '@elevenlabs/elevenlabs-js'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ScriptedCaller } from '../../twilio/caller.ts'
import {
  ACCOUNT_SID,
  AUTH_TOKEN,
  aRig,
  CALLER,
  OUR_NUMBER,
  type Rig,
  twiml,
} from '../../twilio/testing.ts'
import { readObject, readText } from '../json.ts'
import { missingKeys, requirements } from '../required-keys.ts'
import { API_KEY, aBench, anAgent, type Bench, settled } from '../testing.ts'

let rig: Rig
let bench: Bench
let sdk: ElevenLabsClient
beforeEach(async () => {
  rig = await aRig()
  bench = await aBench({ book: rig.book, twilioUrl: rig.twilio.url })
  sdk = new ElevenLabsClient({ apiKey: API_KEY, baseUrl: bench.vendor.url, maxRetries: 0 })
})
afterEach(async () => {
  await rig.close()
  await bench.vendor.close()
})

const needs = requirements()
const account = { sid: ACCOUNT_SID, token: AUTH_TOKEN }

async function numberAtTwilio(): Promise<unknown> {
  const response = await fetch(
    `${rig.twilio.url}/2010-04-01/Accounts/${ACCOUNT_SID}/IncomingPhoneNumbers.json`,
    { headers: { authorization: `Basic ${btoa(`${ACCOUNT_SID}:${AUTH_TOKEN}`)}` } },
  )
  const body = (await response.json()) as { incoming_phone_numbers: unknown[] }
  return body.incoming_phone_numbers[0]
}

async function imported(agentId?: string): Promise<string> {
  const { phoneNumberId } = await sdk.conversationalAi.phoneNumbers.create({
    provider: 'twilio',
    phoneNumber: OUR_NUMBER,
    label: 'Sales',
    ...account,
  })
  if (agentId) await sdk.conversationalAi.phoneNumbers.update(phoneNumberId, { agentId })
  return phoneNumberId
}

test('importing a number points it here, and assigning it shows on both sides', async () => {
  const agentId = await anAgent(bench)
  const id = await imported(agentId)
  expect(await numberAtTwilio()).toMatchObject({
    voice_url: `${bench.vendor.url}/twilio/inbound_call`,
    status_callback: `${bench.vendor.url}/twilio/status-callback`,
  })
  const number = await sdk.conversationalAi.phoneNumbers.get(id)
  expect(number).toMatchObject({
    phoneNumber: OUR_NUMBER,
    label: 'Sales',
    supportsInbound: true,
    assignedAgent: { agentId, agentName: 'Front desk' },
  })
  const [listed] = await sdk.conversationalAi.phoneNumbers.list()
  expect(listed?.phoneNumberId).toBe(id)
  const paged = await sdk.conversationalAi.phoneNumbers.listV2({ pageSize: 1 })
  expect(paged.phoneNumbers.map((entry) => entry.phoneNumberId)).toEqual([id])
  const raw = await bench.rest('GET', `/v1/convai/phone-numbers/${id}`)
  expect(missingKeys(raw.body, needs['phoneNumbers.get'] ?? {})).toEqual([])
  const agent = await sdk.conversationalAi.agents.get(agentId)
  expect(agent.phoneNumbers?.map((entry) => entry.phoneNumberId)).toEqual([id])

  await sdk.conversationalAi.phoneNumbers.delete(id)
  expect((await sdk.conversationalAi.agents.get(agentId)).phoneNumbers).toEqual([])
  expect((await bench.rest('GET', `/v1/convai/phone-numbers/${id}`)).status).toBe(404)
})

test('a number that Twilio does not know, wrong credentials and a second import are refused', async () => {
  const create = (change: object) =>
    bench.rest('POST', '/v1/convai/phone-numbers', {
      provider: 'twilio',
      phone_number: OUR_NUMBER,
      label: 'x',
      ...account,
      ...change,
    })
  const unknown = await create({ phone_number: '+14155559999' })
  expect(unknown.status).toBe(400)
  expect(readText(unknown.body, 'detail', 'status')).toBe('phone_number_not_found')
  expect((await create({ token: 'wrong' })).status).toBe(400)
  expect((await create({})).status).toBe(200)
  expect((await create({})).status).toBe(400)
})

test('a call to an imported number is answered by its agent, end to end', async () => {
  await imported(await anAgent(bench))
  const caller = new ScriptedCaller(rig.book, [
    { hear: 'Hello, Northwind Dental.' },
    { say: 'How much is a cleaning?' },
    { hear: 'A cleaning costs ninety dollars.' },
    { say: 'Thank you, goodbye.' },
    { hear: 'Goodbye.' },
    { waitForEnd: true },
  ])
  const leg = await rig.twilio.dial({ from: CALLER, to: OUR_NUMBER, party: caller })
  expect(await caller.done).toBe('finished')
  expect(bench.vendor.unrecognised).toBe(0)
  const [conversation] = bench.vendor.conversations()
  const detail = await settled(bench, conversation?.conversation_id ?? '')
  expect(readObject(detail, 'metadata', 'phone_call')).toMatchObject({
    type: 'twilio',
    direction: 'inbound',
    agent_number: OUR_NUMBER,
    external_number: CALLER,
    call_sid: leg.callSid,
  })
  expect(missingKeys(detail, needs['conversations.get'] ?? {})).toEqual([])
})

test('a registered call is TwiML that connects our own answered call to the agent', async () => {
  const body = await sdk.conversationalAi.twilio.registerCall({
    agentId: await anAgent(bench, { config: { agent: { first_message: 'Hello {{customer}}.' } } }),
    fromNumber: CALLER,
    toNumber: OUR_NUMBER,
    conversationInitiationClientData: { dynamicVariables: { customer: 'Ada' } },
  })
  const document = String(body)
  const id = /name="conversation_id" value="([^"]+)"/.exec(document)?.[1] ?? ''
  rig.product.on('/voice', document)
  const caller = new ScriptedCaller(rig.book, [{ hear: 'Hello Ada.' }, { hangUp: true }])
  await rig.twilio.dial({ from: CALLER, to: OUR_NUMBER, party: caller })
  expect(await caller.done).toBe('finished')
  expect(await settled(bench, id)).toMatchObject({ status: 'done' })
})

test('calls of an imported number, or of an agent that speaks no telephone’s way, are not registered', async () => {
  const register = (agentId: string) =>
    sdk.conversationalAi.twilio.registerCall({
      agentId,
      fromNumber: CALLER,
      toNumber: OUR_NUMBER,
    })
  const wide = { tts: { agent_output_audio_format: 'pcm_16000' } }
  const refused = { statusCode: 400 }
  await expect(register(await anAgent(bench, { config: wide }))).rejects.toMatchObject(refused)
  const agentId = await anAgent(bench)
  expect(String(await register(agentId))).toContain('<Stream')
  await imported()
  await expect(register(agentId)).rejects.toMatchObject(refused)
})

test('an outbound call rings, is answered and speaks', async () => {
  const phoneNumberId = await imported()
  const callee = new ScriptedCaller(rig.book, [
    { hear: 'Hello, Northwind Dental.' },
    { hangUp: true },
  ])
  rig.twilio.answerOutbound = () => callee
  const placed = await bench.rest('POST', '/v1/convai/twilio/outbound-call', {
    agent_id: await anAgent(bench),
    agent_phone_number_id: phoneNumberId,
    to_number: CALLER,
  })
  expect(missingKeys(placed.body, needs.outboundCall ?? {})).toEqual([])
  expect(placed.body).toMatchObject({ success: true })
  expect(await callee.done).toBe('finished')
  const detail = await settled(bench, readText(placed.body, 'conversation_id'))
  expect(readObject(detail, 'metadata', 'phone_call')).toMatchObject({
    direction: 'outbound',
    call_sid: readText(placed.body, 'callSid'),
  })
})

test('an outbound call to a busy line fails the conversation', async () => {
  const phoneNumberId = await imported()
  rig.twilio.answerOutbound = () => 'busy'
  const placed = await sdk.conversationalAi.twilio.outboundCall({
    agentId: await anAgent(bench),
    agentPhoneNumberId: phoneNumberId,
    toNumber: CALLER,
  })
  const detail = await settled(bench, placed.conversationId ?? '')
  expect(readObject(detail, 'metadata', 'phone_call').call_result).toBe('busy')
})

test('the initiation webhook is asked who calls, and its answer is followed', async () => {
  rig.product.on('/initiation', {
    type: 'application/json',
    body: JSON.stringify({
      type: 'conversation_initiation_client_data',
      dynamic_variables: { customer: 'Grace' },
    }),
  })
  const agentId = await anAgent(bench, {
    config: { agent: { first_message: 'Hello {{customer}}.' } },
    platform: {
      overrides: { enable_conversation_initiation_client_data_from_webhook: true },
      workspace_overrides: {
        conversation_initiation_client_data_webhook: {
          url: `${rig.product.url}/initiation`,
          request_headers: { 'x-hook-key': 'k' },
        },
      },
    },
  })
  await imported(agentId)
  const caller = new ScriptedCaller(rig.book, [{ hear: 'Hello Grace.' }, { hangUp: true }])
  const leg = await rig.twilio.dial({ from: CALLER, to: OUR_NUMBER, party: caller })
  expect(await caller.done).toBe('finished')
  const [hook] = rig.product.at('/initiation')
  expect(hook?.headers['x-hook-key']).toBe('k')
  expect(JSON.parse(hook?.raw ?? '{}')).toMatchObject({
    caller_id: CALLER,
    called_number: OUR_NUMBER,
    agent_id: agentId,
    call_sid: leg.callSid,
  })
})

test('a call to a number without an agent is rejected, and an unsigned webhook refused', async () => {
  const id = await imported()
  const form = (number: string) =>
    fetch(`${bench.vendor.url}/twilio/inbound_call`, {
      method: 'POST',
      body: new URLSearchParams({ To: number, From: CALLER, CallSid: 'CA1' }),
    })
  expect(await (await form(OUR_NUMBER)).text()).toBe(twiml('<Reject/>'))
  await sdk.conversationalAi.phoneNumbers.update(id, { agentId: await anAgent(bench) })
  expect((await form(OUR_NUMBER)).status).toBe(403)
})
