import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { aGateway, type GatewayBench, voiceParams } from './gateway-testing.ts'

let bench: GatewayBench
beforeAll(async () => {
  bench = await aGateway()
})
afterEach(() => bench.faults.clear())
afterAll(() => bench?.close())

const callOf = async (twilioCallSid: string) =>
  (await bench.rows('select * from calls where twilio_call_sid = $1', [twilioCallSid]))[0]
const requests = () => bench.journal.entries({ vendor: 'elevenlabs', kind: 'request' }).length

test('while ElevenLabs is known not to answer, a caller is told so at once and nothing is held or sent', async () => {
  bench.faults.add({
    vendor: 'elevenlabs',
    on: 'request',
    times: 999,
    action: { type: 'status', status: 503 },
  })
  const before = await bench.money()
  const { vendors } = bench.api.ctx

  // Calls that find it out: each fails by itself, is paid by nobody, and leaves nothing held.
  for (let i = 0; i < 2 && !vendors.isAway('elevenlabs'); i += 1) {
    const call = await bench.dial([{ waitForEnd: true }])
    await call.script
    await expect
      .poll(async () => (await callOf(call.leg.callSid))?.state, { timeout: 10_000 })
      .toBe('settled')
    expect(await callOf(call.leg.callSid)).toMatchObject({
      reason: 'agent_start_failed',
      cost_cents: 0,
    })
  }
  expect(vendors.isAway('elevenlabs')).toBe(true)
  expect(await bench.money()).toEqual(before)

  // Calls after that are refused before they begin.
  const sent = requests()
  const call = await bench.dial([{ waitForEnd: true }])
  await call.script
  const heard = call.phone.heard.turns.map(({ text }) => text).join(' ')
  expect(heard).toContain('We cannot take your call right now.')
  expect(await callOf(call.leg.callSid)).toMatchObject({
    state: 'settled',
    reason: 'calls.agent_not_reached',
    billing_status: 'blocked',
    cost_cents: 0,
  })
  expect(await bench.money()).toEqual(before)
  expect(requests()).toBe(sent)

  // The organization's own words, where it has some.
  await bench.api.database.query(
    'admin',
    `update phone_numbers set fallback_kind = 'message', fallback_text = $2 where id = $1`,
    [bench.centre.phoneNumberId, 'We are back soon.'],
  )
  const params = voiceParams(bench.centre, `CA${'e'.repeat(32)}`)
  expect((await bench.post('/twilio/voice', params)).body).toContain('We are back soon.')
})
