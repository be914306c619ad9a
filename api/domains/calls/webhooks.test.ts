import { createHmac, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TestApi, testApi } from '#api/testing.ts'
import { linkConversation } from './service.ts'
import { aCallCentre, aLiveCall, setPrice } from './testing.ts'

const SECRET = 'wsec_sandbox'

let api: TestApi
beforeAll(async () => {
  api = await testApi()
  await setPrice(api)
})
afterAll(() => api?.close())

const now = () => Math.floor(Date.now() / 1000)
const signed = (body: string, at: number | string = now(), secret = SECRET) =>
  `t=${at},v0=${createHmac('sha256', secret).update(`${at}.${body}`).digest('hex')}`

const deliver = (body: string, signature: string | undefined = signed(body)) =>
  api.app.inject({
    method: 'POST',
    url: '/webhooks/elevenlabs',
    headers: {
      'content-type': 'application/json',
      ...(signature !== undefined && { 'elevenlabs-signature': signature }),
    },
    payload: body,
  })

/** A running call with a conversation, and what ElevenLabs tells when that is over. */
async function aConversation() {
  const centre = await aCallCentre(api)
  const call = await aLiveCall(api, centre)
  const conversationId = `conv_${randomUUID()}`
  await linkConversation(api.ctx, call, conversationId)
  return { call, conversationId, agentId: call.elevenLabsAgentId }
}

const told = (conversationId: string, agentId: string, type = 'post_call_transcription') =>
  JSON.stringify({
    type,
    event_timestamp: now(),
    data: { conversation_id: conversationId, agent_id: agentId, status: 'done', transcript: [] },
  })

const jobsOf = (callId: string) =>
  api.sent.filter(
    ({ name, data }) =>
      name === 'calls.reconcile-call' && (data as { callId: string }).callId === callId,
  )
const deliveriesOf = (conversationId: string) =>
  api.database.query<{ outcome: string; attempts: number }>(
    'platform',
    `select outcome, attempts from webhook_deliveries where subject->>'conversationId' = $1`,
    [conversationId],
  )
const counted = async (outcome: string) => {
  const { values } = await api.metrics.webhooks.get()
  return values.find(({ labels }) => labels.outcome === outcome)?.value ?? 0
}

test('a genuine delivery is answered 200 and hands its call on', async () => {
  const { call, conversationId, agentId } = await aConversation()
  const answer = await deliver(told(conversationId, agentId))
  expect(answer.statusCode).toBe(200)
  expect(jobsOf(call.callId)).toHaveLength(1)
  expect(await deliveriesOf(conversationId)).toMatchObject([{ outcome: 'handed on' }])
})

test('a delivery that comes ten times, some of them at once, hands its call on once', async () => {
  const { call, conversationId, agentId } = await aConversation()
  const body = told(conversationId, agentId)
  expect((await deliver(body)).statusCode).toBe(200)
  const more = await Promise.all(Array.from({ length: 9 }, () => deliver(body)))
  expect(new Set(more.map(({ statusCode }) => statusCode))).toEqual(new Set([200]))
  expect(jobsOf(call.callId)).toHaveLength(1)
  expect(await deliveriesOf(conversationId)).toMatchObject([{ attempts: 10 }])
})

test('forged deliveries are refused with 400, counted, and leave nothing', async () => {
  const { call, conversationId, agentId } = await aConversation()
  const body = told(conversationId, agentId)
  const at = now()
  const other = told(conversationId, `${agentId}x`)
  const before = await counted('forged')
  const signatures: [string, string | undefined][] = [
    ['none', ''],
    ['rubbish', 'rubbish'],
    ['no digest', `t=${at}`],
    ['an empty digest', `t=${at},v0=`],
    ['no time', signed(body, at).replace(/^t=\d+,/, '')],
    ['another secret', signed(body, at, 'wsec_of_somebody')],
    ['of another body', signed(other, at)],
    ['another time than was signed', signed(body, at).replace(`t=${at}`, `t=${at - 1}`)],
    ['a digest cut short', signed(body, at).slice(0, -2)],
    ['a time that is no number', signed(body, 'soon')],
    ['a negative time', signed(body, -at)],
    ['a time with a fraction', signed(body, `${at}.5`)],
  ]
  for (const [what, signature] of signatures) {
    const answer = await deliver(body, signature)
    expect({ what, status: answer.statusCode }).toEqual({ what, status: 400 })
    expect(answer.json()).toMatchObject({ code: expect.any(String), requestId: expect.any(String) })
  }
  expect((await counted('forged')) - before).toBe(signatures.length)
  expect(jobsOf(call.callId)).toEqual([])
  expect(await deliveriesOf(conversationId)).toEqual([])
})

test('a genuine delivery replayed after five minutes, or from five minutes ahead, is refused', async () => {
  const { call, conversationId, agentId } = await aConversation()
  const body = told(conversationId, agentId)
  for (const seconds of [-301, -3_600, 302, 86_400])
    expect((await deliver(body, signed(body, now() + seconds))).statusCode).toBe(400)
  expect(jobsOf(call.callId)).toEqual([])
  expect((await deliver(body, signed(body, now() - 290))).statusCode).toBe(200)
  expect(jobsOf(call.callId)).toHaveLength(1)
})

test('one good digest among several is enough, as when a secret is being changed', async () => {
  const { call, conversationId, agentId } = await aConversation()
  const body = told(conversationId, agentId)
  const [time, good] = signed(body).split(',')
  expect((await deliver(body, `${time}, v0=${'0'.repeat(64)}, ${good}`)).statusCode).toBe(200)
  expect(jobsOf(call.callId)).toHaveLength(1)
})

test('a conversation of nobody here is taken, counted, told to the operator, and changes nothing', async () => {
  const conversationId = `conv_${randomUUID()}`
  const before = { sent: api.sent.length, counted: await counted('not ours') }
  expect((await deliver(told(conversationId, 'agent_of_somebody'))).statusCode).toBe(200)
  expect(api.sent).toHaveLength(before.sent)
  expect((await counted('not ours')) - before.counted).toBe(1)
  expect(await deliveriesOf(conversationId)).toMatchObject([{ outcome: 'not ours' }])
  expect(api.logged().filter((line) => line.conversationId === conversationId)).toMatchObject([
    { alert: 'webhook.not_ours' },
  ])
})

test('a delivery that names our conversation under another agent changes nothing', async () => {
  const { call, conversationId } = await aConversation()
  expect((await deliver(told(conversationId, 'agent_of_somebody'))).statusCode).toBe(200)
  expect(jobsOf(call.callId)).toEqual([])
  expect(await deliveriesOf(conversationId)).toMatchObject([{ outcome: 'not ours' }])
})

test('an earlier conversation of a call that lost its agent is known for ours and alerts nobody', async () => {
  const { call, conversationId, agentId } = await aConversation()
  await linkConversation(api.ctx, call, `conv_${randomUUID()}`)
  const about = (callId: string, agent: string) => {
    const body = JSON.parse(told(conversationId, agent))
    const variables = { dynamic_variables: { call_id: callId } }
    body.data.conversation_initiation_client_data = variables
    return JSON.stringify(body)
  }
  expect((await deliver(about(call.callId, agentId))).statusCode).toBe(200)
  expect(await deliveriesOf(conversationId)).toMatchObject([{ outcome: 'earlier conversation' }])
  expect(jobsOf(call.callId)).toEqual([])
  const alerts = () => api.logged().filter((line) => line.conversationId === conversationId)
  expect(alerts()).toEqual([])
})

test('audio and failures told of a call start no second reading, and what is no JSON is refused', async () => {
  const { call, conversationId, agentId } = await aConversation()
  expect((await deliver(told(conversationId, agentId, 'post_call_audio'))).statusCode).toBe(200)
  expect(jobsOf(call.callId)).toEqual([])
  for (const body of ['', '{', '[]', '{"type":1}', '"post_call_transcription"'])
    expect((await deliver(body)).statusCode).toBe(400)
})
