import { afterAll, beforeAll, expect, test } from 'vitest'
import { aGateway, type GatewayBench, GREETING } from './gateway-testing.ts'
import { noticeTexts } from './notices.ts'

const TEST_MS = 90_000

let bench: GatewayBench
beforeAll(async () => {
  bench = await aGateway({ sliceSeconds: 12, renewWhenLeftSeconds: 6 })
})
afterAll(() => bench?.close())

const rowOf = async (callSid: string) =>
  (await bench.rows('select * from calls where twilio_call_sid = $1', [callSid]))[0]

const credit = (organizationId: string, cents: number) =>
  bench.api.database.query(
    'app',
    `select wallet_post($1, 'top_up', $2, $3, null, '{}')`,
    [organizationId, cents, crypto.randomUUID()],
    organizationId,
  )
const notesOf = (callSid: string) =>
  bench.rows<{ kind: string; data: Record<string, unknown> }>(
    `select e.kind, e.data from call_events e join calls c on c.id = e.call_id
      where c.twilio_call_sid = $1 and e.kind = any ($2) order by e.at`,
    [callSid, ['funds.warning', 'slice.extended', 'carrier.limit_not_moved']],
  )

test(
  'a caller is told before the money ends, and hung up on at most two seconds past the funded second',
  async () => {
    const centre = await bench.aCentre({ balanceCents: 34 })
    const call = await bench.dial([{ hear: GREETING }, { waitForEnd: true, timeoutMs: 60_000 }], {
      to: centre.number,
    })
    expect(await call.script).toBe('finished')
    const said = call.phone.heard.turns.map(({ text }) => text)
    expect(said).toContain(noticeTexts.fundsLow)
    expect(said.at(-1)).toBe(noticeTexts.fundsExhausted)
    expect(said.indexOf(noticeTexts.fundsLow)).toBeLessThan(said.length - 1)
    await expect
      .poll(async () => (await rowOf(call.leg.callSid))?.state, { timeout: 15_000 })
      .toBe('settled')
    const notes = await notesOf(call.leg.callSid)
    expect(notes.filter(({ kind }) => kind === 'funds.warning')).toHaveLength(1)
    // 12 seconds, 12 more, and the part of a slice that was left.
    const funded = Math.max(...notes.map(({ data }) => Number(data.fundedSeconds ?? 0)))
    expect(funded).toBe(34)
    expect(call.leg.durationSeconds).toBeLessThanOrEqual(34 + 2)
    const row = await rowOf(call.leg.callSid)
    expect(row).toMatchObject({ reason: 'funds_exhausted' })
    expect(await bench.money(centre)).toEqual({
      balance: 34 - Number(row?.cost_cents),
      held: 0,
    })
  },
  TEST_MS,
)

test(
  'money that is paid in after the warning carries the call on, and the carrier’s own limit with it',
  async () => {
    const centre = await bench.aCentre({ balanceCents: 34 })
    const call = await bench.dial(
      [
        { hear: GREETING },
        { hear: noticeTexts.fundsLow, timeoutMs: 40_000 },
        { pause: 26_000 }, // past all that was there
        { hangUp: true },
      ],
      { to: centre.number },
    )
    await expect
      .poll(async () => (await notesOf(call.leg.callSid)).map(({ kind }) => kind), {
        timeout: 30_000,
      })
      .toContain('funds.warning')
    await credit(centre.organizationId, 500)
    expect(await call.script).toBe('finished')
    await expect
      .poll(async () => (await rowOf(call.leg.callSid))?.state, { timeout: 15_000 })
      .toBe('settled')
    const row = await rowOf(call.leg.callSid)
    expect(row).toMatchObject({ reason: 'caller_hung_up' })
    expect(Number(row?.billable_seconds)).toBeGreaterThan(34)
    expect(await bench.money(centre)).toEqual({
      balance: 534 - Number(row?.cost_cents),
      held: 0,
    })
  },
  TEST_MS,
)
