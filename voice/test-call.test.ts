import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { forOrganization } from '#api/core/context.ts'
import { endAbandonedCalls } from '#api/domains/calls/end.ts'
import { reconcileCall } from '#api/domains/calls/reconcile.ts'
import { type CallCentre, TEST_PRICE_CENTS } from '#api/domains/calls/testing.ts'
import type { Person } from '#api/testing.ts'
import { endCallByHand, listCallEvents, startTestCall } from '#contracts/calls'
import {
  ANSWER,
  aGateway,
  type GatewayBench,
  QUESTION,
  startFrame,
  VOICE_ID,
} from './gateway-testing.ts'
import { BrowserCaller, type Opened } from './test-call-testing.ts'

const DRAFT_GREETING = 'Hello, this is the draft.'
const DRAFT_ANSWER = 'A cleaning costs a hundred dollars.'
const ORIGIN = 'http://localhost:3000'

let bench: GatewayBench
beforeAll(async () => {
  bench = await aGateway({ sliceSeconds: 12, renewWhenLeftSeconds: 6 })
})
afterAll(() => bench?.close())

let centre: CallCentre
let admin: Person
beforeEach(async () => {
  centre = await aDraftedCentre()
  admin = await bench.api.aHolderOf('admin', centre.organizationId)
})

async function aDraftedCentre(options: { balanceCents?: number; status?: 'paused' } = {}) {
  const made = await bench.aCentre(options)
  const draft = {
    prompt: `You are the front desk. ${DRAFT_ANSWER}`,
    firstMessage: DRAFT_GREETING,
    voiceId: VOICE_ID,
  }
  await bench.rows('update agents set draft = $2 where id = $1', [made.agentId, draft])
  return made
}

const start = (key?: string, by: 'voice' | 'text' = 'text') =>
  bench.api.app.inject({
    method: 'POST',
    url: `/v1/agents/${centre.agentId}/test-calls`,
    headers: {
      authorization: `Bearer ${admin.token}`,
      ...(key && { 'idempotency-key': key }),
    },
    payload: { by },
  })

async function aStartedCall(): Promise<Opened> {
  const response = await start()
  expect(response.statusCode, response.body).toBe(201)
  return response.json()
}

const rowOf = async (callId: string) =>
  (await bench.rows('select * from calls where id = $1', [callId]))[0]
const settled = (callId: string) =>
  expect.poll(async () => (await rowOf(callId))?.state, { timeout: 10_000 }).toBe('settled')
const turnsOf = (callId: string) =>
  bench.rows<{ speaker: string; text: string }>(
    'select speaker, text from transcript_turns where call_id = $1 order by seq',
    [callId],
  )
const said = (callId: string, text: string) =>
  expect
    .poll(async () => (await turnsOf(callId)).map((turn) => turn.text), { timeout: 10_000 })
    .toContain(text)
const calledTwilioFor = (callId: string) =>
  bench.journal
    .entries({ vendor: 'twilio' })
    .filter(({ path }) => path?.includes(callId.replaceAll('-', '')))

test('a test call holds the draft’s conversation, is charged to the second, and asks the carrier nothing', async () => {
  const opened = await aStartedCall()
  expect(await bench.money(centre)).toEqual({ balance: 100_000, held: 12 })
  const caller = await BrowserCaller.call(opened, ORIGIN)
  await said(opened.callId, DRAFT_GREETING)
  caller.type(QUESTION)
  await said(opened.callId, DRAFT_ANSWER)
  expect((await turnsOf(opened.callId)).map(({ speaker, text }) => `${speaker}: ${text}`)).toEqual([
    `agent: ${DRAFT_GREETING}`,
    `customer: ${QUESTION}`,
    `agent: ${DRAFT_ANSWER}`,
  ])
  caller.hangUp()
  expect(await caller.code).toBe(1000)
  await settled(opened.callId)
  const row = await rowOf(opened.callId)
  expect(row).toMatchObject({
    kind: 'test',
    reason: 'caller_hung_up',
    billing_status: 'charged',
    price_per_hour_cents: TEST_PRICE_CENTS,
    twilio_call_sid: null,
    user_id: admin.userId,
  })
  const cents = Number(row?.cost_cents)
  expect(cents).toBeGreaterThan(0)
  expect(cents).toBe(row?.billable_seconds)
  expect(await bench.money(centre)).toEqual({ balance: 100_000 - cents, held: 0 })
  expect(calledTwilioFor(opened.callId)).toEqual([])
})

test('the published agent is the one that a phone reaches, during a test and after it', async () => {
  const before = await rowOfAgent()
  const opened = await aStartedCall()
  const caller = await BrowserCaller.call(opened, ORIGIN)
  await said(opened.callId, DRAFT_GREETING)
  const phone = await bench.dial(
    [
      { hear: 'Hello, this is the front desk.' },
      { say: QUESTION },
      { hear: ANSWER },
      { hangUp: true },
    ],
    { to: centre.number },
  )
  expect(await phone.script).toBe('finished')
  caller.hangUp()
  await settled(opened.callId)
  expect(await rowOfAgent()).toEqual(before)
})

const rowOfAgent = async () =>
  (
    await bench.rows(
      'select elevenlabs_agent_id, prompt, first_message, voice_id, published_version from agents where id = $1',
      [centre.agentId],
    )
  )[0]

test('how long the agent took is on the timeline for each typed turn', async () => {
  const opened = await aStartedCall()
  const caller = await BrowserCaller.call(opened, ORIGIN)
  await said(opened.callId, DRAFT_GREETING)
  for (let turn = 0; turn < 2; turn++) {
    caller.type(QUESTION)
    await expect
      .poll(async () => (await eventsOf(opened.callId, 'agent-answered')).length, {
        timeout: 10_000,
      })
      .toBe(turn + 1)
  }
  for (const { data } of await eventsOf(opened.callId, 'agent-answered'))
    expect(data).toMatchObject({ to: 'text', latencyMs: expect.any(Number) })
  caller.hangUp()
  await settled(opened.callId)
  const response = await bench.api.call(
    listCallEvents,
    { params: { callId: opened.callId }, query: {} },
    admin,
  )
  expect(listCallEvents.response.parse(response.json()).items.map(({ kind }) => kind)).toContain(
    'test.asked',
  )
})

const eventsOf = (callId: string, kind: string) =>
  bench.rows<{ data: Record<string, unknown> }>(
    'select data from call_events where call_id = $1 and kind = $2 order by at',
    [callId, kind],
  )

test('asked twice under one key, even at once, it is one call, one hold and one token', async () => {
  const key = randomUUID()
  const answers = await Promise.all([start(key), start(key), start(key)])
  const made = answers.filter(({ statusCode }) => statusCode === 201)
  expect(made.length).toBeGreaterThan(0)
  // Whoever waits would hold a connection: it is told to ask again.
  for (const { statusCode, body } of answers)
    if (statusCode !== 201) expect(body).toContain('request.still_running')
  const again = await start(key)
  expect(again.json()).toEqual(made[0]?.json())
  expect(await bench.money(centre)).toEqual({ balance: 100_000, held: 12 })
  expect(await callsOf(centre)).toHaveLength(1)
})

test('a paused organization and a switched-off feature refuse, hold nothing and leave no call', async () => {
  const spoils: [string, string][] = [
    ['organization.not_active', `update organizations set status = 'paused' where id = $1`],
    [
      'feature.off',
      `insert into feature_flags (organization_id, flag, enabled) values ($1, 'agent_calls', false)`,
    ],
  ]
  for (const [code, spoil] of spoils) {
    centre = await aDraftedCentre()
    admin = await bench.api.aHolderOf('admin', centre.organizationId)
    await bench.rows(spoil, [centre.organizationId])
    const response = await start()
    expect([response.statusCode, response.json().code]).toEqual([403, code])
    expect(await bench.money(centre)).toEqual({ balance: 100_000, held: 0 })
    expect(await callsOf(centre)).toEqual([])
  }
})

test('of two at once for the last line one is taken, and only that one holds money', async () => {
  await bench.rows('update organizations set max_concurrent_calls = 1 where id = $1', [
    centre.organizationId,
  ])
  const answers = await Promise.all([start(), start()])
  expect(answers.map(({ statusCode }) => statusCode).toSorted()).toEqual([201, 429])
  expect(await bench.money(centre)).toEqual({ balance: 100_000, held: 12 })
  expect(await callsOf(centre)).toHaveLength(1)
})

const callsOf = ({ organizationId }: CallCentre) =>
  bench.rows('select id from calls where organization_id = $1', [organizationId])

test('too little money is 402, before anything is held', async () => {
  centre = await aDraftedCentre({ balanceCents: 5 })
  admin = await bench.api.aHolderOf('admin', centre.organizationId)
  const response = await start()
  expect([response.statusCode, response.json().code]).toEqual([402, 'wallet.insufficient_balance'])
  expect(await bench.money(centre)).toEqual({ balance: 5, held: 0 })
})

test('another page’s socket, one without a token and a second one are turned away; the first goes on', async () => {
  const opened = await aStartedCall()
  for (const origin of ['http://evil.example', ''])
    await expect(BrowserCaller.open(opened.mediaUrl, origin)).rejects.toThrow('403')
  const strangers = [
    { ...opened, streamToken: '' },
    { ...opened, streamToken: `x${opened.streamToken.slice(1)}` },
    { ...opened, callId: randomUUID() },
    { ...opened, organizationId: bench.centre.organizationId },
  ]
  for (const stranger of strangers) {
    const socket = await BrowserCaller.open(opened.mediaUrl, ORIGIN)
    socket.start(stranger)
    expect(await socket.code).toBe(4401)
  }
  const first = await BrowserCaller.call(opened, ORIGIN)
  await said(opened.callId, DRAFT_GREETING)
  const second = await BrowserCaller.open(opened.mediaUrl, ORIGIN)
  second.start(opened)
  expect(await second.code).toBe(4409)
  expect(bench.gateway.find(opened.callId)?.isOver).toBe(false)
  first.hangUp()
  await settled(opened.callId)
})

test('a token of a test call opens nothing at the carrier’s door, and none of the carrier’s at the browser’s', async () => {
  const opened = await aStartedCall()
  const socket = await bench.openMedia()
  const callSid = `CA${opened.callId.replaceAll('-', '')}`
  socket.send(startFrame({ ...opened, callSid, token: opened.streamToken }))
  expect((await socket.closed).code).toBe(4401)
  expect((await rowOf(opened.callId))?.state).toBe('authorized')
})

test('a tab that is closed ends its call at once, paid', async () => {
  const opened = await aStartedCall()
  const caller = await BrowserCaller.call(opened, ORIGIN)
  await said(opened.callId, DRAFT_GREETING)
  caller.vanish()
  await settled(opened.callId)
  expect(await rowOf(opened.callId)).toMatchObject({ reason: 'stream_lost' })
  expect((await bench.money(centre)).held).toBe(0)
})

test('a test call that somebody ends at the console is over within a heartbeat', async () => {
  const opened = await aStartedCall()
  const caller = await BrowserCaller.call(opened, ORIGIN)
  await said(opened.callId, DRAFT_GREETING)
  const asked = await bench.api.call(endCallByHand, { params: { callId: opened.callId } }, admin)
  expect([asked.statusCode, asked.json()]).toEqual([202, { state: 'live' }])
  expect(await caller.code).toBe(1000)
  await settled(opened.callId)
  expect(await rowOf(opened.callId)).toMatchObject({ reason: 'operator' })
})

test('money that ends while the draft is tested ends the call at the last paid second', async () => {
  centre = await aDraftedCentre({ balanceCents: 14 })
  admin = await bench.api.aHolderOf('admin', centre.organizationId)
  const opened = await aStartedCall()
  const caller = await BrowserCaller.call(opened, ORIGIN)
  expect(await caller.code).toBe(1000)
  await settled(opened.callId)
  const row = await rowOf(opened.callId)
  expect(row).toMatchObject({ reason: 'funds_exhausted' })
  expect(row?.billable_seconds).toBeLessThanOrEqual(14)
  expect(await bench.money(centre)).toEqual({ balance: 14 - Number(row?.cost_cents), held: 0 })
}, 40_000)

test('a draft that may talk for seconds only is ended by its own limit, with a goodbye', async () => {
  const opened = await aStartedCall()
  await bench.rows(`update agents set draft = draft || '{"maxDurationSeconds": 3}' where id = $1`, [
    centre.agentId,
  ])
  const caller = await BrowserCaller.call(opened, ORIGIN)
  expect(await caller.code).toBe(1000)
  await settled(opened.callId)
  expect(await rowOf(opened.callId)).toMatchObject({ reason: 'max_duration' })
})

test('a gateway that dies in a test call leaves it to the sweep, which bills its last heartbeat', async () => {
  const opened = await aStartedCall()
  const caller = await BrowserCaller.call(opened, ORIGIN)
  await said(opened.callId, DRAFT_GREETING)
  // As a dead one leaves it: a lease that runs out, and nobody who answers for it.
  bench.gateway.find(opened.callId)?.abandon('shutdown')
  await caller.code
  await bench.rows(
    `update call_leases set expires_at = now() - interval '1 second', media_seconds = 7 where call_id = $1`,
    [opened.callId],
  )
  await endAbandonedCalls(bench.api.ctx, { patienceMs: 0 })
  expect(await rowOf(opened.callId)).toMatchObject({
    state: 'settled',
    reason: 'owner_lost',
    billable_seconds: 7,
    cost_cents: 7,
    vendor_seconds: null,
  })
  expect(calledTwilioFor(opened.callId)).toEqual([])
  const again = await BrowserCaller.open(opened.mediaUrl, ORIGIN)
  again.start(opened)
  expect(await again.code).toBe(4409)
})

test('a test call nobody came to is settled at zero', async () => {
  const opened = await aStartedCall()
  await bench.rows(
    `update calls set created_at = now() - interval '2 minutes', stream_token_expires_at = now() - interval '1 minute' where id = $1`,
    [opened.callId],
  )
  await endAbandonedCalls(bench.api.ctx, { patienceMs: 0 })
  expect(await rowOf(opened.callId)).toMatchObject({ state: 'settled', cost_cents: 0 })
  expect(await bench.money(centre)).toEqual({ balance: 100_000, held: 0 })
})

test('one that is given up before its stream came holds no money from then on', async () => {
  const opened = await aStartedCall()
  const asked = await bench.api.call(endCallByHand, { params: { callId: opened.callId } }, admin)
  expect([asked.statusCode, asked.json()]).toEqual([202, { state: 'settled' }])
  expect(await rowOf(opened.callId)).toMatchObject({ reason: 'operator', cost_cents: 0 })
  expect(await bench.money(centre)).toEqual({ balance: 100_000, held: 0 })
  const late = await BrowserCaller.open(opened.mediaUrl, ORIGIN)
  late.start(opened)
  expect(await late.code).toBe(4401)
})

test('reconciled, it has ElevenLabs’ seconds and none of a carrier’s', async () => {
  const opened = await aStartedCall()
  const caller = await BrowserCaller.call(opened, ORIGIN)
  await said(opened.callId, DRAFT_GREETING)
  caller.hangUp()
  await settled(opened.callId)
  await expect
    .poll(
      () =>
        reconcileCall(forOrganization(bench.api.ctx, centre.organizationId), opened.callId).catch(
          () => 'later',
        ),
      {
        timeout: 10_000,
      },
    )
    .toBe('reconciled')
  const row = await rowOf(opened.callId)
  expect(row?.vendor_seconds).toBeNull()
  expect(row?.elevenlabs_seconds).toEqual(expect.any(Number))
})

test('a voice that is heard is answered by the draft, and timed from its last word', async () => {
  const response = await bench.api.call(
    startTestCall,
    { params: { agentId: centre.agentId }, body: { by: 'voice' } },
    admin,
  )
  const opened = startTestCall.response.parse(response.json())
  const { audio } = await bench.book.say(QUESTION, 'caller')
  const caller = await BrowserCaller.call(opened, ORIGIN)
  await said(opened.callId, DRAFT_GREETING)
  caller.speak(audio)
  await said(opened.callId, DRAFT_ANSWER)
  const [answered] = await eventsOf(opened.callId, 'agent-answered')
  expect(answered?.data).toMatchObject({ to: 'speech', latencyMs: expect.any(Number) })
  caller.hangUp()
  await settled(opened.callId)
})
