import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { aGateway, type GatewayBench, GREETING } from './gateway-testing.ts'

let bench: GatewayBench
beforeAll(async () => {
  bench = await aGateway()
})
afterAll(() => bench?.close())

/** Nothing can be written about running calls until it is let go. */
async function holdLeases(): Promise<{ letGo(): Promise<void> }> {
  const { organizationId } = bench.centre
  const client = new pg.Client({ connectionString: bench.api.database.urls.owner })
  await client.connect()
  await client.query(`begin; set local app.organization_id = '${organizationId}'`)
  await client.query('select 1 from call_leases for update')
  return {
    async letGo() {
      await client.query('commit')
      await client.end()
    },
  }
}

test('the carrier hears that a stream is over only when its call stands as ended', async () => {
  const { leg, phone, script } = await bench.dial([
    { hear: GREETING, timeoutMs: 10_000 },
    { say: 'Thank you, goodbye.' },
    { waitForEnd: true, timeoutMs: 20_000 },
  ])
  const spoken = (turns: readonly { kind: string; text: string }[], words: RegExp) =>
    turns.some((turn) => turn.kind === 'final' && words.test(turn.text))
  await expect.poll(() => spoken(phone.said.turns, /goodbye/), { timeout: 15_000 }).toBe(true)
  const leases = await holdLeases()
  await expect.poll(() => spoken(phone.heard.turns, /Goodbye/), { timeout: 15_000 }).toBe(true)
  // Were the stream closed by now, the carrier would ask what comes next and be connected again.
  await new Promise((resolve) => setTimeout(resolve, 800))
  const closedEarly = leg.log.some((event) => event.kind === 'stream-close')
  await leases.letGo()
  expect(await script).toBe('finished')
  expect(closedEarly).toBe(false)
  const [row] = await bench.rows('select * from calls where twilio_call_sid = $1', [leg.callSid])
  expect(row).toMatchObject({ state: 'settled', reason: 'agent_hung_up', resumes: 0 })
})
