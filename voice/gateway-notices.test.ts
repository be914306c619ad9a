import { afterAll, beforeAll, expect, test } from 'vitest'
import { aGateway, type GatewayBench, GREETING, VOICE_ID } from './gateway-testing.ts'
import { noticeTexts } from './notices.ts'

const TEST_MS = 60_000

let bench: GatewayBench
beforeAll(async () => {
  bench = await aGateway({ isColdVoice: true })
})
afterAll(() => bench?.close())

test(
  "on a voice's very first call the caller is told too that the agent is gone",
  async () => {
    const { phone, script } = await bench.dial([
      { hear: GREETING, timeoutMs: 20_000 },
      { waitForEnd: true, timeoutMs: 40_000 },
    ])
    await expect
      .poll(() => phone.heard.turns.some(({ kind }) => kind === 'final'), { timeout: 20_000 })
      .toBe(true)
    await expect
      .poll(() => bench.notices.find(VOICE_ID, noticeTexts.maxDuration), { timeout: 20_000 })
      .toBeDefined()
    bench.faults.add({
      vendor: 'elevenlabs',
      on: 'socket',
      times: 999,
      action: { type: 'status', status: 503 },
    })
    for (const conversation of bench.elevenLabs.live()) conversation.drop(1011)
    expect(await script).toBe('finished')
    expect(phone.heard.turns.map(({ text }) => text)).toEqual([GREETING, noticeTexts.farewell])
  },
  TEST_MS,
)
