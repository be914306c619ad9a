import { afterAll, beforeAll, expect, test } from 'vitest'
import { ANSWER, aGateway, type GatewayBench, GREETING, QUESTION } from './gateway-testing.ts'
import { noticeTexts } from './notices.ts'

const SLICE_SECONDS = 12
const GRACE_SECONDS = 30 // THREATS F8
const NOTICE_SECONDS = 5 // the notice is spoken after the grace, and carriers bill begun seconds
const TEST_MS = 90_000

let bench: GatewayBench
beforeAll(async () => {
  bench = await aGateway({ sliceSeconds: SLICE_SECONDS, renewWhenLeftSeconds: 6 })
})
afterAll(() => bench?.close())

const rowOf = async (callSid: string) =>
  (await bench.rows('select * from calls where twilio_call_sid = $1', [callSid]))[0]

test(
  'a database away for longer than the slice and the grace ends the call with a notice, never above what was held',
  async () => {
    const money = await bench.money()
    const call = await bench.dial([
      { hear: GREETING },
      { say: QUESTION },
      { hear: ANSWER },
      { waitForEnd: true, timeoutMs: 60_000 },
    ])
    await expect.poll(async () => (await rowOf(call.leg.callSid))?.state).toBe('live')
    bench.line.cut()
    expect(await call.script).toBe('finished')
    const heard = call.phone.heard.turns
    expect(heard.map(({ kind }) => kind)).not.toContain('damaged')
    expect(heard.at(-1)).toMatchObject({ kind: 'final', text: noticeTexts.fundsExhausted })
    expect(call.leg.durationSeconds).toBeGreaterThan(SLICE_SECONDS)
    expect(call.leg.durationSeconds).toBeLessThanOrEqual(
      SLICE_SECONDS + GRACE_SECONDS + NOTICE_SECONDS,
    )
    expect(await bench.money()).toEqual({ ...money, held: money.held + SLICE_SECONDS })

    await bench.line.mend()
    await expect
      .poll(async () => (await rowOf(call.leg.callSid))?.state, { timeout: 15_000 })
      .toBe('settled')
    expect(await rowOf(call.leg.callSid)).toMatchObject({
      reason: 'funds_exhausted',
      billable_seconds: SLICE_SECONDS,
      cost_cents: SLICE_SECONDS,
    })
    expect(await bench.money()).toEqual({
      balance: money.balance - SLICE_SECONDS,
      held: money.held,
    })
  },
  TEST_MS,
)
