import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { aGateway, type GatewayBench, GREETING } from './gateway-testing.ts'
import { RenewalPace } from './renewal-pace.ts'

const TEST_MS = 60_000

let bench: GatewayBench
beforeAll(async () => {
  bench = await aGateway({ sliceSeconds: 12, renewWhenLeftSeconds: 10 })
})
afterAll(() => bench?.close())

test(
  'a call asks for its next slice when it is its turn',
  async () => {
    const mayAsk = vi.spyOn(RenewalPace.prototype, 'mayAsk').mockReturnValue(false)
    const call = await bench.dial([{ hear: GREETING }, { waitForEnd: true, timeoutMs: 30_000 }])
    const extended = async () =>
      await bench.rows(
        `select e.kind from call_events e join calls c on c.id = e.call_id
          where c.twilio_call_sid = $1 and e.kind = 'slice.extended'`,
        [call.leg.callSid],
      )
    await expect.poll(() => mayAsk.mock.calls.length, { timeout: 20_000 }).toBeGreaterThan(3)
    expect(await extended()).toEqual([])
    mayAsk.mockRestore()
    await expect.poll(async () => (await extended()).length, { timeout: 10_000 }).toBe(1)
    call.leg.hangUp()
    await call.script
  },
  TEST_MS,
)
