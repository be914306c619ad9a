import { afterAll, beforeAll, expect, test } from 'vitest'
import { aCaller, aCallSid } from '#api/domains/calls/testing.ts'
import { sign } from '../../sandbox/twilio/signature.ts'
import { mediaFrame } from '../bridge-testing.ts'
import {
  aGateway,
  type GatewayBench,
  GREETING,
  startFrame,
  streamParameters,
  voiceParams,
} from '../gateway-testing.ts'

// Twilio gives up after 15 s; a caller hears ringing or nothing meanwhile. Measured: under 30 ms on a quiet machine.
const FAST_MS = 1_000
const AWAY_MS = 5_000

let bench: GatewayBench
beforeAll(async () => {
  bench = await aGateway()
})
afterAll(() => bench?.close())

const callsOf = (callSid: string) =>
  bench.rows('select * from calls where twilio_call_sid = $1', [callSid])

test('a call is answered fast, with a stream of its own, and with the same one when asked again', async () => {
  const params = voiceParams(bench.centre, aCallSid())
  const [first, second] = [
    await bench.post('/twilio/voice', params),
    await bench.post('/twilio/voice', params),
  ]
  expect(first.status).toBe(200)
  expect(first.body).toContain(
    `<Stream url="${bench.voiceUrl.replace('http', 'ws')}/twilio/media">`,
  )
  expect(first.body).toContain(`${bench.voiceUrl}/twilio/resume</Redirect>`)
  expect(second.body).toBe(first.body)
  expect(Math.max(first.ms, second.ms)).toBeLessThan(FAST_MS)
  expect(await callsOf(params.CallSid)).toHaveLength(1)
})

test('twenty askings of one call at once are one call and one hold', async () => {
  const before = await bench.money()
  const params = voiceParams(bench.centre, aCallSid())
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => bench.post('/twilio/voice', params)),
  )
  expect(new Set(answers.map(({ body }) => body)).size).toBe(1)
  expect(await callsOf(params.CallSid)).toHaveLength(1)
  expect((await bench.money()).held - before.held).toBe(60)
})

test('a caller who gives up before the stream is told twice, in the wrong order, and costs nothing', async () => {
  const centre = await bench.aCentre()
  const params = voiceParams(centre, aCallSid())
  const answer = await bench.post('/twilio/voice', params)
  expect(await bench.money(centre)).toMatchObject({ held: 60 })
  const told = (CallStatus: string, SequenceNumber: string, more = {}) =>
    bench.post('/twilio/status', { ...params, CallStatus, SequenceNumber, ...more })
  const duration = { CallDuration: '7' }
  expect((await told('completed', '2', duration)).status).toBe(204)
  expect((await told('in-progress', '1')).status).toBe(204)
  expect((await told('completed', '2', duration)).status).toBe(204)
  const events = await bench.rows<{ kind: string }>(
    `select e.kind from call_events e join calls c on c.id = e.call_id
      where c.twilio_call_sid = $1 and e.kind like 'carrier.%' order by e.kind`,
    [params.CallSid],
  )
  expect(events.map(({ kind }) => kind)).toEqual(['carrier.completed', 'carrier.in-progress'])
  expect(await callsOf(params.CallSid)).toMatchObject([
    { state: 'settled', reason: 'stream_never_started', vendor_seconds: 7, cost_cents: 0 },
  ])
  expect(await bench.money(centre)).toEqual({ balance: 100_000, held: 0 })
  const late = await bench.openMedia()
  const { organizationId = '', callId = '', token = '' } = streamParameters(answer.body)
  late.send(startFrame({ callSid: params.CallSid, organizationId, callId, token }))
  expect((await late.closed).code).toBe(4401)
})

test('a final status of a call that runs leaves its end to the gateway that has it', async () => {
  const call = await bench.dial([{ hear: GREETING }, { hangUp: true }])
  await call.leg.until(({ kind }) => kind === 'stream-open', 5_000)
  const params = { ...voiceParams(bench.centre, call.leg.callSid), From: call.leg.from }
  const liveState = async () => (await callsOf(call.leg.callSid))[0]?.state
  await expect.poll(liveState).toBe('live')
  await bench.post('/twilio/status', { ...params, CallStatus: 'completed', CallDuration: '1' })
  expect(await liveState()).toBe('live')
  expect(await call.script).toBe('finished')
  await expect.poll(liveState).toBe('settled')
  expect(await callsOf(call.leg.callSid)).toMatchObject([{ reason: 'caller_hung_up' }])
})

test('a status of a call nobody knows is taken and changes nothing', async () => {
  const params = voiceParams(bench.centre, aCallSid())
  const answer = await bench.post('/twilio/status', { ...params, CallStatus: 'completed' })
  expect(answer.status).toBe(204)
  expect(await callsOf(params.CallSid)).toEqual([])
})

test('forged, missing, foreign and replayed signatures are refused and change nothing', async () => {
  const params = voiceParams(bench.centre, aCallSid())
  const url = `${bench.voiceUrl}/twilio/voice`
  const genuine = sign('sandbox-twilio-token', url, params)
  const money = await bench.money()
  const [{ count }] = (await bench.rows<{ count: number }>('select count(*)::int from calls')) as [
    { count: number },
  ]
  const refusedBefore = await bench.refused('twilio_signature')
  const attempts: [string, Record<string, string>, string | null][] = [
    ['/twilio/voice', params, null],
    ['/twilio/voice', params, ''],
    ['/twilio/voice', params, 'AAAAAAAAAAAAAAAAAAAAAAAAAAA='],
    ['/twilio/voice', params, sign('another-token-of-somebody', url, params)],
    // Replayed with another caller, another number, a field more, on another path.
    ['/twilio/voice', { ...params, From: aCaller() }, genuine],
    ['/twilio/voice', { ...params, CallSid: aCallSid() }, genuine],
    ['/twilio/voice', { ...params, Extra: '1' }, genuine],
    ['/twilio/voice?x=1', params, genuine],
    ['/twilio/resume', params, genuine],
    ['/twilio/fallback', params, genuine],
    ['/twilio/status', { ...params, CallStatus: 'completed' }, genuine],
  ]
  for (const [where, body, signature] of attempts)
    expect((await bench.post(where, body, signature)).status, where).toBe(403)
  expect((await bench.refused('twilio_signature')) - refusedBefore).toBe(attempts.length)
  expect(await bench.money()).toEqual(money)
  expect(await bench.rows('select count(*)::int from calls')).toEqual([{ count }])
})

test('a signature of our own token for another account is refused', async () => {
  const params = { ...voiceParams(bench.centre, aCallSid()), AccountSid: `AC${'1'.repeat(32)}` }
  expect((await bench.post('/twilio/voice', params)).status).toBe(403)
})

test('a signed request that is no call is refused before anything is asked of the database', async () => {
  for (const broken of [
    { CallSid: 'CA123' },
    { CallSid: `CA${'z'.repeat(32)}` },
    { From: '1'.repeat(65) },
  ]) {
    const params = { ...voiceParams(bench.centre, aCallSid()), ...broken }
    expect((await bench.post('/twilio/voice', params)).status).toBe(400)
  }
})

test.concurrent.each([
  ['an empty wallet', { balanceCents: 0 }, 'We cannot take your call right now'],
  ['a paused organization', { status: 'paused' }, 'We cannot take your call right now'],
  ['a number whose lines are all taken', { lines: 0 }, 'All our lines are busy'],
] as const)('a caller of %s is told so, once, and nothing is held', async (_, options, spoken) => {
  const centre = await bench.aCentre(options)
  const call = await bench.dial([{ waitForEnd: true }], { to: centre.number })
  await call.script
  const heard = call.phone.heard.turns.map(({ text }) => text).join(' ')
  expect(heard).toContain(spoken)
  expect(await bench.money(centre)).toMatchObject({ held: 0 })
  expect(await callsOf(call.leg.callSid)).toMatchObject([
    { state: 'settled', billable_seconds: 0, cost_cents: 0, billing_status: 'blocked' },
  ])
})

test('a number nobody answers is not in service and leaves no call behind', async () => {
  const params = { ...voiceParams(bench.centre, aCallSid()), To: '+15005550999' }
  const answer = await bench.post('/twilio/voice', params)
  expect(answer.body).toContain('This number is not in service.')
  expect(answer.body).toContain('<Hangup/>')
  expect(await callsOf(params.CallSid)).toEqual([])
})

test('a caller who calls a seventh time in a minute is asked for patience', async () => {
  const centre = await bench.aCentre()
  const from = aCaller()
  const ask = () => bench.post('/twilio/voice', voiceParams(centre, aCallSid(), from))
  for (let count = 0; count < 6; count++)
    expect(streamParameters((await ask()).body)).toHaveProperty('token')
  expect((await ask()).body).toContain('You have called very often')
  expect(await bench.money(centre)).toMatchObject({ held: 6 * 60 })
})

test('doubled, late and reordered deliveries of a whole call leave one call, paid once', async () => {
  const centre = await bench.aCentre()
  const webhook = (path: string, type: 'duplicate' | 'reorder') =>
    bench.faults.add({ vendor: 'twilio', on: 'webhook', path, times: 20, action: { type } })
  const rules = [webhook('/twilio/voice', 'duplicate'), webhook('/twilio/status', 'duplicate')]
  const call = await bench.dial([{ hear: GREETING }, { hangUp: true }], { to: centre.number })
  expect(await call.script).toBe('finished')
  await expect
    .poll(async () => (await callsOf(call.leg.callSid))[0]?.state, { timeout: 10_000 })
    .toBe('settled')
  for (const { id } of rules) bench.faults.remove(id)
  const [row] = await callsOf(call.leg.callSid)
  expect(row).toMatchObject({ reason: 'caller_hung_up', billing_status: 'charged' })
  const entries = await bench.rows(
    'select kind from ledger_entries where organization_id = $1 order by sequence',
    [centre.organizationId],
  )
  expect(entries.map(({ kind }) => kind)).toEqual(['grant', 'hold', 'capture', 'release'])
  expect(await bench.money(centre)).toEqual({ balance: 100_000 - Number(row?.cost_cents), held: 0 })
})

test('what comes after a stream: a call that is over is hung up, an unknown one too', async () => {
  const params = voiceParams(bench.centre, aCallSid())
  const unknown = await bench.post('/twilio/resume', params)
  expect(unknown.body).toContain('<Hangup/>')
  await bench.post('/twilio/voice', params)
  await bench.post('/twilio/status', {
    ...params,
    CallStatus: 'completed',
    SequenceNumber: '3',
    CallDuration: '1',
  })
  const over = await bench.post('/twilio/resume', params)
  expect(over.body).toContain('<Hangup/>')
})

test('a call whose stream no gateway could take gets another one, three times, then the caller is told', async () => {
  const params = voiceParams(bench.centre, aCallSid())
  const documents = [(await bench.post('/twilio/voice', params)).body]
  for (let asked = 0; asked < 4; asked++)
    documents.push((await bench.post('/twilio/resume', params)).body)
  const tokens = documents.map((document) => streamParameters(document).token)
  expect(new Set(tokens.slice(0, 4)).size).toBe(4)
  expect(documents.at(-1)).toContain('<Say>I am sorry, we have a technical problem.')
  // The last one that was given is the one that counts; its agent begins as ever.
  const socket = await bench.openMedia()
  const last = streamParameters(documents[3] ?? '')
  socket.send(startFrame({ callSid: params.CallSid, ...last }))
  socket.send(mediaFrame(0, 0xff))
  await socket.until(({ event }) => event === 'mark')
  socket.close()
  await expect
    .poll(() => bench.rows('select text from transcript_turns where call_id = $1', [last.callId]))
    .toEqual([{ text: GREETING }])
})

test('a stream that is lost again and again is resumed three times, then the caller is told', async () => {
  const params = voiceParams(bench.centre, aCallSid())
  let document = (await bench.post('/twilio/voice', params)).body
  for (let streams = 0; streams < 4; streams++) {
    const { organizationId = '', callId = '', token = '' } = streamParameters(document)
    const socket = await bench.openMedia()
    socket.send(startFrame({ callSid: params.CallSid, organizationId, callId, token }))
    socket.send(mediaFrame(0, 0xff))
    await socket.until((message) => message.event === 'media')
    socket.close()
    await expect.poll(() => bench.gateway.find(callId)).toBeUndefined()
    document = (await bench.post('/twilio/resume', params)).body
  }
  expect(document).toContain('<Say>I am sorry, we have a technical problem.')
  expect(document).toContain('<Hangup/>')
})

test('while the database is away a new caller is told so, and one to be resumed waits a little first', async () => {
  const params = voiceParams(bench.centre, aCallSid())
  bench.line.cut()
  try {
    const voice = await bench.post('/twilio/voice', params)
    expect(voice.body).toContain('<Say>We cannot take your call right now')
    expect(voice.ms).toBeLessThan(AWAY_MS)
    for (const where of ['/twilio/resume', '/twilio/fallback', '/twilio/resume?tries=4']) {
      const { status, body, ms } = await bench.post(where, params)
      expect({ where, status }).toEqual({ where, status: 200 })
      expect(body).toMatch(/<Pause length="2"\/><Redirect .*resume\?tries=\d<\/Redirect>/)
      expect(ms).toBeLessThan(AWAY_MS)
    }
    const last = await bench.post('/twilio/resume?tries=5', params)
    expect(last.body).toContain('<Say>We cannot take your call right now')
  } finally {
    await bench.line.mend()
  }
  const again = await bench.post('/twilio/voice', params)
  expect(streamParameters(again.body)).toHaveProperty('token')
})
