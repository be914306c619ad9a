import { afterAll, beforeAll, expect, test } from 'vitest'
import { ANSWER, aGateway, type GatewayBench, GREETING, QUESTION } from './gateway-testing.ts'

const TEST_MS = 60_000

let bench: GatewayBench
beforeAll(async () => {
  bench = await aGateway()
})
afterAll(() => bench?.close())

test(
  'a handover waits for no database that stands still; what is left on disk is stored when it moves again',
  async () => {
    const call = await bench.dial([
      { hear: GREETING },
      { say: QUESTION },
      { hear: ANSWER },
      { pause: TEST_MS },
    ])
    const heard = () => call.phone.heard.turns.filter(({ kind }) => kind === 'final').length
    await expect.poll(heard, { timeout: 15_000 }).toBe(1)
    bench.line.freeze()
    await expect.poll(heard, { timeout: 15_000 }).toBe(2)
    await bench.gateway.drain(0)
    expect(bench.pending.depth).toBe(1)

    // What was under way is lost too.
    bench.line.cut()
    await bench.line.mend()
    const stored = () =>
      bench.rows<{ text: string }>(
        `select t.text from transcript_turns t join calls c on c.id = t.call_id
          where c.twilio_call_sid = $1 order by t.seq`,
        [call.leg.callSid],
      )
    await expect
      .poll(async () => (await stored()).map(({ text }) => text), { timeout: 20_000 })
      .toEqual([GREETING, QUESTION, ANSWER])
    await expect.poll(() => bench.pending.depth, { timeout: 10_000 }).toBe(0)
  },
  TEST_MS,
)
