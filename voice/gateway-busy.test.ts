import { afterEach, expect, test } from 'vitest'
import { aCallSid } from '#api/domains/calls/testing.ts'
import { startTestCall } from '#contracts/calls'
import { aGateway, type GatewayBench, VOICE_ID, voiceParams } from './gateway-testing.ts'
import { refusalTexts } from './notices.ts'
import { BrowserCaller } from './test-call-testing.ts'

let bench: GatewayBench
afterEach(() => bench.close())

test('a caller who reaches a gateway that is late is told so, and no call begins', async () => {
  // No event loop is never late at all.
  bench = await aGateway({ shedDelayMs: 0 })
  await expect.poll(() => bench.gateway.hasRoom).toBe(false)
  const call = await bench.dial([
    { hear: refusalTexts['calls.platform_at_capacity'] ?? '' },
    { waitForEnd: true },
  ])
  expect(await call.script).toBe('finished')
  expect(call.leg.streams.size).toBe(0)
  expect(await bench.rows('select id from calls')).toEqual([])
}, 30_000)

test('calls that were let in count before their media comes, and the last tenth of the room is for them', async () => {
  bench = await aGateway({ maxCalls: 10 })
  const centre = await bench.aCentre({ balanceCents: 100_000, lines: 20 })
  const answers: string[] = []
  for (let call = 0; call < 10; call++)
    answers.push((await bench.post('/twilio/voice', voiceParams(centre, aCallSid()))).body)
  expect(answers.map((body) => body.includes('<Stream'))).toEqual([
    ...Array.from({ length: 9 }, () => true),
    false,
  ])
  expect(answers[9]).toContain(refusalTexts['calls.platform_at_capacity'])
  expect(bench.gateway).toMatchObject({
    callCount: 0,
    expectedCount: 9,
    hasRoom: false,
    hasRoomForAdmitted: true,
  })
}, 30_000)

test('a gateway without room says so, and the token stays good for another one', async () => {
  bench = await aGateway({ maxCalls: 0 })
  const { agentId, organizationId } = bench.centre
  const draft = { prompt: 'You are the front desk.', firstMessage: 'Hello.', voiceId: VOICE_ID }
  await bench.rows('update agents set draft = $2 where id = $1', [agentId, draft])
  const admin = await bench.api.aHolderOf('admin', organizationId)
  const response = await bench.api.call(
    startTestCall,
    { params: { agentId }, body: { by: 'text' } },
    admin,
  )
  expect(response.statusCode, response.body).toBe(201)
  const caller = await BrowserCaller.call(response.json(), 'http://localhost:3000')
  expect(await caller.code).toBe(1013)
  expect(
    await bench.rows('select state, stream_token_used_at from calls where organization_id = $1', [
      organizationId,
    ]),
  ).toEqual([{ state: 'authorized', stream_token_used_at: null }])
})
