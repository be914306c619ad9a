import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { CallCentre } from '#api/domains/calls/testing.ts'
import { storeCarrierRecordingJob } from '#api/domains/recordings/jobs.ts'
import { aGateway, type GatewayBench, voiceParams } from './gateway-testing.ts'

const MESSAGE = 'Please call me back about the invoice.'
const PATIENCE = { timeout: 10_000 }
let bench: GatewayBench
beforeAll(async () => {
  bench = await aGateway()
})
afterEach(() => bench.faults.clear())
afterAll(() => bench.close())

async function aCentreWith(
  fallback: { kind: string; text?: string; to?: string },
  options: Parameters<GatewayBench['aCentre']>[0] = { balanceCents: 0 },
): Promise<CallCentre> {
  const centre = await bench.aCentre(options)
  await bench.api.database.query(
    'admin',
    'update phone_numbers set fallback_kind = $2, fallback_text = $3, fallback_to = $4 where id = $1',
    [centre.phoneNumberId, fallback.kind, fallback.text ?? null, fallback.to ?? null],
  )
  return centre
}
const callOf = async (twilioCallSid: string) => {
  const [row] = await bench.rows<{
    id: string
    state: string
    reason: string
    billing_status: string
    cost_cents: number
  }>('select id, state, reason, billing_status, cost_cents from calls where twilio_call_sid = $1', [
    twilioCallSid,
  ])
  return row
}
const jobsSent = (callId: string) =>
  bench.api.sent.filter(
    ({ name, data }) => name === 'call.carrier-recorded' && JSON.stringify(data).includes(callId),
  )

test('a caller without credit hears the organization’s own words', async () => {
  const centre = await aCentreWith({ kind: 'message', text: 'Our office is closed today.' })
  const call = await bench.dial([{ waitForEnd: true }], { to: centre.number })
  await call.script
  expect(call.phone.heard.turns.map(({ text }) => text).join(' ')).toContain(
    'Our office is closed today.',
  )
  expect(await callOf(call.leg.callSid)).toMatchObject({
    state: 'settled',
    reason: 'wallet.insufficient_balance',
    billing_status: 'blocked',
  })
})

test('a message that a caller leaves is stored, taken from the carrier, and costs nothing', async () => {
  const centre = await aCentreWith({ kind: 'voicemail', text: 'Please leave a message.' })
  const call = await bench.dial(
    [
      { hear: 'Please leave a message.' },
      { say: MESSAGE },
      { pause: 300 },
      { press: '#' },
      { waitForEnd: true },
    ],
    { to: centre.number },
  )
  await call.script
  await expect
    .poll(async () => (await callOf(call.leg.callSid))?.reason, PATIENCE)
    .toBe('voicemail')
  const left = await callOf(call.leg.callSid)
  expect(left).toMatchObject({ state: 'settled', billing_status: 'waived', cost_cents: 0 })
  const callId = left?.id ?? ''
  const [told, ...more] = jobsSent(callId)
  expect(more).toEqual([])
  const data = storeCarrierRecordingJob.data.parse(told?.data)
  await storeCarrierRecordingJob.run(bench.api.ctx, data)
  // Stopped before it could say that it was done, the job comes again.
  await storeCarrierRecordingJob.run(bench.api.ctx, data)
  const [recording] = await bench.rows<{ storage_key: string; duration_ms: number }>(
    'select storage_key, duration_ms from recordings where call_id = $1',
    [callId],
  )
  expect(recording?.duration_ms).toBeGreaterThan(1_000)
  const stored = await bench.api.ctx.vendors.storage.get(recording?.storage_key ?? '')
  expect(stored?.sizeBytes).toBeGreaterThan(16_000)
  const { twilio } = bench.api.ctx.vendors
  expect(await twilio.fetchRecording(data.twilioRecordingSid)).toBeNull()
  expect(await bench.money(centre)).toEqual({ balance: 0, held: 0 })
})

test('a recording told of twice is noted once; one of nobody’s call is not', async () => {
  const centre = await aCentreWith({ kind: 'voicemail', text: 'Please leave a message.' })
  const params = voiceParams(centre, `CA${'7'.repeat(32)}`)
  expect((await bench.post('/twilio/voice', params)).body).toContain('<Record')
  const told = {
    AccountSid: params.AccountSid,
    CallSid: params.CallSid,
    RecordingSid: `RE${'1'.repeat(32)}`,
    RecordingStatus: 'completed',
    RecordingDuration: '4',
  }
  expect((await bench.post('/twilio/recording', told)).status).toBe(204)
  expect((await bench.post('/twilio/recording', told)).status).toBe(204)
  expect(jobsSent((await callOf(params.CallSid))?.id ?? '').length).toBe(1)
  const stranger = { ...told, CallSid: `CA${'8'.repeat(32)}`, RecordingSid: `RE${'2'.repeat(32)}` }
  expect((await bench.post('/twilio/recording', stranger)).status).toBe(204)
  expect(await callOf(stranger.CallSid)).toBeUndefined()
  expect((await bench.post('/twilio/recording', told, 'forged')).status).toBe(403)
})

test('a forwarded call rings elsewhere for a bounded time, and who is not reached is told', async () => {
  const centre = await aCentreWith({ kind: 'forward', to: '+14155550123' })
  const params = voiceParams(centre, `CA${'6'.repeat(32)}`)
  const { body } = await bench.post('/twilio/voice', params)
  expect(body).toContain('>+14155550123</Number>')
  expect(body).toContain('timeLimit="3600"')
  const after = (DialCallStatus: string) =>
    bench.post('/twilio/forwarded', { ...params, DialCallStatus })
  expect((await after('no-answer')).body).toContain('We cannot take your call right now')
  expect((await after('completed')).body).not.toContain('<Say>')
})

test('a paused organization, and a caller who calls too often, get the plain refusal', async () => {
  const paused = await aCentreWith(
    { kind: 'voicemail', text: 'Please leave a message.' },
    { status: 'paused' },
  )
  const { body } = await bench.post('/twilio/voice', voiceParams(paused, `CA${'5'.repeat(32)}`))
  expect(body).not.toContain('<Record')
  expect(body).toContain('We cannot take your call right now')
})

test('while the database is away the last known fallback counts', async () => {
  const centre = await aCentreWith({ kind: 'message', text: 'Call our mobile.' })
  await bench.post('/twilio/voice', voiceParams(centre, `CA${'4'.repeat(32)}`))
  bench.line.cut()
  try {
    const answer = await bench.post('/twilio/voice', voiceParams(centre, `CA${'3'.repeat(32)}`))
    expect(answer.body).toContain('Call our mobile.')
  } finally {
    await bench.line.mend()
  }
})

test('a call that nobody has heard of is taken when the carrier falls back', async () => {
  const params = voiceParams(bench.centre, `CA${'2'.repeat(32)}`)
  const { body } = await bench.post('/twilio/fallback', { ...params, ErrorCode: '11200' })
  expect(body).toContain('<Stream')
  expect(await callOf(params.CallSid)).toMatchObject({ state: 'authorized' })
})
