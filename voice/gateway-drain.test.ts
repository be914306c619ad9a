import { afterAll, beforeAll, expect, test } from 'vitest'
import { ANSWER, aGateway, type GatewayBench, GREETING, QUESTION } from './gateway-testing.ts'

const TEST_MS = 60_000

let bench: GatewayBench
beforeAll(async () => {
  bench = await aGateway()
})
afterAll(() => bench?.close())

test(
  'a handover waits for no database that stands still, and leaves on disk what it could not write',
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
  },
  TEST_MS,
)
