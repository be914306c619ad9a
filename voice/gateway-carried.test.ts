import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { meterCarriedCallsJob } from '#api/domains/calls/meter-carried-job.ts'
import { listUnknownConversations, takeInConversation } from '#api/domains/calls/take-in.ts'
import type { CallCentre } from '#api/domains/calls/testing.ts'
import { initiationWebhook } from '#api/domains/phone-numbers/service.ts'
import { storeCarrierRecordingJob } from '#api/domains/recordings/jobs.ts'
import { importConversationJob } from '#api/domains/transcripts/jobs.ts'
import {
  ANSWER,
  aGateway,
  type GatewayBench,
  GREETING,
  QUESTION,
  voiceParams,
} from './gateway-testing.ts'

const PATIENCE = { timeout: 10_000 }
let bench: GatewayBench
beforeAll(async () => {
  bench = await aGateway()
})
afterEach(() => bench.faults.clear())
afterAll(() => bench.close())

const STORY = [{ hear: GREETING }, { say: QUESTION }, { hear: ANSWER }]

async function aCentreOn(
  route: 'registered' | 'native',
  options: Parameters<GatewayBench['aCentre']>[0] = {},
): Promise<CallCentre> {
  const centre = await bench.aCentre(options)
  await bench.api.database.query('admin', 'update phone_numbers set route = $2 where id = $1', [
    centre.phoneNumberId,
    route,
  ])
  if (route === 'registered') return centre
  const { elevenLabs, twilio } = bench.api.ctx.vendors
  const [agent] = await bench.rows<{ elevenlabs_agent_id: string }>(
    'select elevenlabs_agent_id from agents where id = $1',
    [centre.agentId],
  )
  await elevenLabs.setInitiationWebhook(initiationWebhook(bench.api.ctx))
  const imported = { e164: centre.number, label: 'native', ...twilio.credentials() }
  const id = await elevenLabs.importNumber(imported)
  await elevenLabs.assignNumber(id, agent?.elevenlabs_agent_id ?? null)
  return centre
}
const callOf = async (twilioCallSid: string) => {
  const [row] = await bench.rows<{
    id: string
    state: string
    reason: string
    route: string
    billable_seconds: number | null
    cost_cents: number | null
    elevenlabs_conversation_id: string | null
  }>('select * from calls where twilio_call_sid = $1', [twilioCallSid])
  return row
}
/** As if so much time had gone by for the call, and nobody had looked at it for a lease's length. */
const age = (callId: string, seconds: number) =>
  bench.api.database.query(
    'admin',
    `with aged as (update calls set live_at = now() - make_interval(secs => $2) where id = $1)
     update call_leases set expires_at = now() - interval '1 second' where call_id = $1`,
    [callId, seconds],
  )
const meter = () => meterCarriedCallsJob.run(bench.api.ctx, {})
const limitsSet = (callSid: string) =>
  bench.journal
    .entries({ vendor: 'twilio', path: `/Calls/${callSid}.json` })
    .filter(({ method }) => method === 'POST')
    .map(({ body }) => JSON.stringify(body))

test('a registered call is held with ElevenLabs, recorded, and charged what the carrier counted', async () => {
  const centre = await aCentreOn('registered', { balanceCents: 10_000 })
  const call = await bench.dial([...STORY, { hangUp: true }], { to: centre.number })
  expect(await call.script).toBe('finished')
  await expect.poll(async () => (await callOf(call.leg.callSid))?.state, PATIENCE).toBe('settled')
  const settled = await callOf(call.leg.callSid)
  expect(settled).toMatchObject({ route: 'registered', reason: 'caller_hung_up' })
  expect(settled?.billable_seconds).toBe((await carrierSeconds(call.leg.callSid)) ?? -1)
  expect(settled?.cost_cents).toBeGreaterThan(0)
  expect(settled?.elevenlabs_conversation_id).toMatch(/^conv_/)
  expect(await bench.money(centre)).toEqual({
    balance: 10_000 - (settled?.cost_cents ?? 0),
    held: 0,
  })
  expect(limitsSet(call.leg.callSid)[0]).toContain('"TimeLimit":"62"')
  const told = () =>
    bench.api.sent.find(
      ({ name, data }) =>
        name === 'call.carrier-recorded' && JSON.stringify(data).includes(settled?.id ?? ''),
    )
  await expect.poll(told, PATIENCE).toBeDefined()
  const data = storeCarrierRecordingJob.data.parse(told()?.data)
  await storeCarrierRecordingJob.run(bench.api.ctx, data)
  const stored = await bench.rows<{ storage_key: string }>(
    'select storage_key from recordings where call_id = $1',
    [settled?.id],
  )
  expect(stored).toHaveLength(1)
  const found = await bench.api.ctx.vendors.storage.get(stored[0]?.storage_key ?? '')
  const wav = Buffer.from(await new Response(found?.stream ?? null).arrayBuffer())
  // Both sides, each in a channel of its own.
  expect(wav.readUInt16LE(22)).toBe(2)
})

test('a registered call that goes on is paid on, and its limit moves with it', async () => {
  const centre = await aCentreOn('registered')
  const call = await bench.dial([{ hear: GREETING }, { waitForEnd: true }], { to: centre.number })
  await expect.poll(async () => (await callOf(call.leg.callSid))?.state, PATIENCE).toBe('live')
  const callId = (await callOf(call.leg.callSid))?.id ?? ''
  await age(callId, 35)
  await Promise.all([meter(), meter()])
  expect(limitsSet(call.leg.callSid).filter((body) => body.includes('"122"'))).toHaveLength(1)
  await age(callId, 20)
  await meter()
  expect(limitsSet(call.leg.callSid).some((body) => body.includes('"182"'))).toBe(false)
  call.leg.end('completed', 'network')
  await call.script
})

test('a call that the carrier suddenly knows nothing of is charged for the time it ran', async () => {
  const centre = await aCentreOn('registered', { balanceCents: 10_000 })
  const call = await bench.dial([{ hear: GREETING }, { waitForEnd: true }], { to: centre.number })
  await expect.poll(async () => (await callOf(call.leg.callSid))?.state, PATIENCE).toBe('live')
  const callId = (await callOf(call.leg.callSid))?.id ?? ''
  await age(callId, 30)
  bench.faults.add({
    vendor: 'twilio',
    on: 'request',
    method: 'GET',
    path: `/Calls/${call.leg.callSid}.json`,
    action: { type: 'status', status: 404, body: { code: 20404, message: 'not found' } },
  })
  await meter()
  const settled = await callOf(call.leg.callSid)
  expect(settled).toMatchObject({ state: 'settled', reason: 'owner_lost' })
  expect(settled?.billable_seconds).toBeGreaterThanOrEqual(30)
  expect(settled?.billable_seconds).toBeLessThan(60)
  call.leg.end('completed', 'network')
  await call.script
})

test('a registered call without further credit keeps its limit, and one nobody told of is settled', async () => {
  // A slice of a minute and nothing more.
  const centre = await aCentreOn('registered', { balanceCents: 100 })
  const call = await bench.dial([{ hear: GREETING }, { waitForEnd: true }], { to: centre.number })
  await expect.poll(async () => (await callOf(call.leg.callSid))?.state, PATIENCE).toBe('live')
  const callId = (await callOf(call.leg.callSid))?.id ?? ''
  const before = await bench.money(centre)
  for (let look = 0; look < 30 && (await bench.money(centre)).held < before.balance; look++) {
    await age(callId, 10_000)
    await meter()
  }
  expect((await bench.money(centre)).held).toBeLessThanOrEqual(before.balance)
  bench.faults.add({
    vendor: 'twilio',
    on: 'webhook',
    path: '/twilio/status',
    times: 10,
    action: { type: 'lose' },
  })
  call.leg.end('completed', 'network')
  await call.script
  await age(callId, 5)
  await meter()
  expect(await callOf(call.leg.callSid)).toMatchObject({ state: 'settled' })
  const after = await bench.money(centre)
  expect(after.held).toBe(0)
  expect(after.balance).toBeGreaterThanOrEqual(0)
})

test('where ElevenLabs does not take a registered call, what was held goes back and the caller is told', async () => {
  const centre = await aCentreOn('registered')
  bench.faults.add({
    vendor: 'elevenlabs',
    on: 'request',
    path: 'register-call',
    times: 5,
    action: { type: 'status', status: 500 },
  })
  const params = voiceParams(centre, `CA${'a'.repeat(32)}`)
  const { body } = await bench.post('/twilio/voice', params)
  expect(body).toContain('We cannot take your call right now')
  expect(await callOf(params.CallSid)).toMatchObject({
    state: 'settled',
    reason: 'agent_start_failed',
    cost_cents: 0,
  })
  expect((await bench.money(centre)).held).toBe(0)
})

test('the carrier’s second question about a registered call is answered again', async () => {
  const centre = await aCentreOn('registered')
  const params = voiceParams(centre, `CA${'b'.repeat(32)}`)
  const first = await bench.post('/twilio/voice', params)
  const second = await bench.post('/twilio/voice', params)
  expect(first.body).toContain('conversation_id')
  expect(second.body).toContain('conversation_id')
  const held = await bench.rows("select call_id from holds where call_id = $1 and state = 'open'", [
    (await callOf(params.CallSid))?.id,
  ])
  expect(held).toHaveLength(1)
})

test('a native call is admitted when ElevenLabs asks, limited at the carrier, and settled by the meter', async () => {
  const centre = await aCentreOn('native', { balanceCents: 10_000 })
  const call = await bench.dial([...STORY, { hangUp: true }], { to: centre.number })
  expect(await call.script).toBe('finished')
  const running = await callOf(call.leg.callSid)
  expect(running).toMatchObject({ state: 'live', route: 'native' })
  expect(running?.elevenlabs_conversation_id).toMatch(/^conv_/)
  expect(limitsSet(call.leg.callSid)[0]).toContain('"TimeLimit":"62"')
  await age(running?.id ?? '', 12)
  await meter()
  const settled = await callOf(call.leg.callSid)
  expect(settled).toMatchObject({ state: 'settled' })
  expect(settled?.billable_seconds).toBe(await carrierSeconds(call.leg.callSid))
  expect(await bench.money(centre)).toEqual({
    balance: 10_000 - (settled?.cost_cents ?? 0),
    held: 0,
  })
})

test('a native call without credit is hung up at the carrier and costs nothing', async () => {
  const centre = await aCentreOn('native', { balanceCents: 0 })
  const call = await bench.dial([{ waitForEnd: true }], { to: centre.number })
  await call.script
  expect(await callOf(call.leg.callSid)).toMatchObject({
    state: 'settled',
    reason: 'wallet.insufficient_balance',
    cost_cents: 0,
  })
  expect((await carrierSeconds(call.leg.callSid)) ?? 0).toBeLessThanOrEqual(2)
})

test('a question that is not ElevenLabs’ own, or for another agent, admits nothing', async () => {
  const centre = await aCentreOn('native')
  const callSid = `CA${'c'.repeat(32)}`
  const { url, headers } = initiationWebhook(bench.api.ctx)
  const ask = (over: Record<string, string>) =>
    fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...over },
      body: JSON.stringify({
        caller_id: '+15005550001',
        agent_id: 'agent_of_somebody_else',
        called_number: centre.number,
        call_sid: callSid,
      }),
    })
  expect((await ask({})).status).toBe(403)
  expect(await callOf(callSid)).toBeUndefined()
  const refused = await ask(headers)
  expect(await refused.json()).toMatchObject({
    conversation_config_override: { conversation: { max_duration_seconds: 1 } },
  })
  expect(await callOf(callSid)).toMatchObject({ reason: 'calls.no_agent_assigned' })
  expect((await bench.money(centre)).held).toBe(0)
})

/** The conversation that ElevenLabs had with this call, once it has been processed. */
async function unknownConversation(callSid: string): Promise<string> {
  const { fetchConversation } = bench.api.ctx.vendors.elevenLabs
  const find = async () => {
    for (const id of await listUnknownConversations(bench.api.ctx))
      if ((await fetchConversation(id))?.phoneCall?.twilioCallSid === callSid) return id
    return undefined
  }
  await expect.poll(find, PATIENCE).toBeDefined()
  return (await find()) ?? ''
}

async function anUnaskedCall(balanceCents: number) {
  const centre = await aCentreOn('native', { balanceCents })
  bench.faults.add({
    vendor: 'elevenlabs',
    on: 'webhook',
    path: '/elevenlabs/initiation',
    times: 5,
    action: { type: 'lose' },
  })
  const call = await bench.dial([...STORY, { hangUp: true }], { to: centre.number })
  expect(await call.script).toBe('finished')
  expect(await callOf(call.leg.callSid)).toBeUndefined()
  return {
    centre,
    callSid: call.leg.callSid,
    conversationId: await unknownConversation(call.leg.callSid),
  }
}

test('a native call that ElevenLabs did not ask about is found and charged once', async () => {
  const { centre, callSid, conversationId } = await anUnaskedCall(10_000)
  const outcomes = [
    await takeInConversation(bench.api.ctx, conversationId),
    await takeInConversation(bench.api.ctx, conversationId),
  ]
  expect(outcomes).toEqual(['taken in', 'known'])
  const call = await callOf(callSid)
  expect(call).toMatchObject({ state: 'settled', route: 'native' })
  expect(call?.cost_cents).toBeGreaterThan(0)
  expect(await bench.money(centre)).toEqual({ balance: 10_000 - (call?.cost_cents ?? 0), held: 0 })
  expect(await listUnknownConversations(bench.api.ctx)).not.toContain(conversationId)
})

test('a native call that nobody asked about never overdraws the wallet', async () => {
  const poor = await anUnaskedCall(1)
  expect(await takeInConversation(bench.api.ctx, poor.conversationId)).toBe('taken in')
  expect((await bench.money(poor.centre)).balance).toBeGreaterThanOrEqual(0)
  expect((await bench.money(poor.centre)).held).toBe(0)
  const empty = await anUnaskedCall(0)
  expect(await takeInConversation(bench.api.ctx, empty.conversationId)).toBe('taken in')
  expect(await callOf(empty.callSid)).toMatchObject({
    state: 'settled',
    reason: 'wallet.insufficient_balance',
    cost_cents: 0,
  })
  expect(await bench.money(empty.centre)).toEqual({ balance: 0, held: 0 })
})

test('a carried call’s conversation is found by the carrier’s call, and its turns are brought in', async () => {
  const centre = await aCentreOn('registered')
  const call = await bench.dial([...STORY, { hangUp: true }], { to: centre.number })
  expect(await call.script).toBe('finished')
  await expect.poll(async () => (await callOf(call.leg.callSid))?.state, PATIENCE).toBe('settled')
  const known = await callOf(call.leg.callSid)
  const conversationId = known?.elevenlabs_conversation_id ?? ''
  await bench.api.database.query(
    'admin',
    'update calls set elevenlabs_conversation_id = null where id = $1',
    [known?.id],
  )
  const { fetchConversation } = bench.api.ctx.vendors.elevenLabs
  await expect
    .poll(async () => (await fetchConversation(conversationId))?.status, PATIENCE)
    .toBe('done')
  // A registered call's conversation does not name the carrier's call, so only its own webhook could.
  expect(['linked', 'not ours']).toContain(await takeInConversation(bench.api.ctx, conversationId))
  await bench.api.database.query(
    'admin',
    'update calls set elevenlabs_conversation_id = $2 where id = $1',
    [known?.id, conversationId],
  )
  const ids = { organizationId: centre.organizationId, callId: known?.id ?? '' }
  await importConversationJob.run(bench.api.ctx, ids)
  await importConversationJob.run(bench.api.ctx, ids)
  const turns = await bench.rows<{ speaker: string; text: string }>(
    'select speaker, text from transcript_turns where call_id = $1 order by seq',
    [known?.id],
  )
  expect(turns.map(({ speaker, text }) => `${speaker}: ${text}`)).toEqual([
    `agent: ${GREETING}`,
    `customer: ${QUESTION}`,
    `agent: ${ANSWER}`,
  ])
})

const carrierSeconds = async (callSid: string) =>
  (await bench.api.ctx.vendors.twilio.fetchCall(callSid))?.durationSeconds ?? null
