import { afterAll, beforeAll, expect, test } from 'vitest'
import { aGateway, type GatewayBench, GREETING } from './gateway-testing.ts'

const TEST_MS = 60_000
const FUNDED_SECONDS = 60
const TRIES = 3 // of the vendor's client for one move

let bench: GatewayBench
beforeAll(async () => {
  // A wall clock that is wrong must neither shorten a call nor end its token: it counts for neither.
  bench = await aGateway({ sliceSeconds: FUNDED_SECONDS, clockAheadMs: -2 * FUNDED_SECONDS * 1000 })
})
afterAll(() => bench?.close())

const notesOf = (callSid: string) =>
  bench.rows<{ kind: string; data: { fundedSeconds: number } }>(
    `select e.kind, e.data from call_events e join calls c on c.id = e.call_id
      where c.twilio_call_sid = $1 and e.kind like 'carrier.%' order by e.at`,
    [callSid],
  )

/** In seconds from the answer, in the order the carrier took them. */
const takenLimits = () =>
  bench.journal
    .entries({ vendor: 'twilio', kind: 'request', path: '/Calls/CA' })
    .filter(({ status }) => status === 200)
    .flatMap(({ body }) => {
      const { TimeLimit } = body as { TimeLimit?: string }
      return TimeLimit === undefined ? [] : [Number(TimeLimit)]
    })

test(
  'a limit that the carrier refuses is asked for again until it is taken, and each is noted once',
  async () => {
    const refusing = bench.faults.add({
      vendor: 'twilio',
      on: 'request',
      method: 'POST',
      path: '/Calls/CA',
      times: 1_000,
      action: { type: 'status', status: 503 },
    })
    const call = await bench.dial([{ hear: GREETING }, { pause: TEST_MS }])
    // Given up by the client, and asked for once more all the same.
    await expect.poll(() => refusing.fired, { timeout: 30_000 }).toBeGreaterThan(TRIES)
    bench.faults.remove(refusing.id)
    await expect
      .poll(async () => (await notesOf(call.leg.callSid)).map(({ kind }) => kind), {
        timeout: 30_000,
      })
      .toEqual(['carrier.limit_not_moved', 'carrier.limit_moved'])
    const [, moved] = await notesOf(call.leg.callSid)
    expect(moved?.data).toEqual({ fundedSeconds: FUNDED_SECONDS })
    expect(takenLimits().at(-1)).toBeGreaterThanOrEqual(FUNDED_SECONDS)
    call.leg.hangUp()
  },
  TEST_MS,
)
