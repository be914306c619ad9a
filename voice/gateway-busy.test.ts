import { afterEach, expect, test } from 'vitest'
import { startTestCall } from '#contracts/calls'
import { aGateway, type GatewayBench, VOICE_ID } from './gateway-testing.ts'
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
