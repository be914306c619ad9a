import { afterAll, beforeAll, expect, test } from 'vitest'
import { endAbandonedCalls } from '#api/domains/calls/end.ts'
import { createLiveTicket } from '#contracts/calls'
import {
  ANSWER,
  aGateway,
  type GatewayBench,
  GREETING,
  type PlacedCall,
  QUESTION,
  RawSocket,
} from './gateway-testing.ts'
import { noticeTexts } from './notices.ts'

const OUTAGE_TEST_MS = 60_000
const FLUSHED_WITHIN_MS = 30_000 // THREATS F7
const HOURS = 'When are you open?'
const HOURS_ANSWER = 'We are open from eight to five.'
const script = [GREETING, QUESTION, ANSWER, HOURS, HOURS_ANSWER, QUESTION, ANSWER]

let bench: GatewayBench
beforeAll(async () => {
  bench = await aGateway()
})
afterAll(() => bench?.close())

const aTalk = (last: { hangUp: true } | { waitForEnd: true }) =>
  bench.dial([
    { hear: GREETING },
    { say: QUESTION },
    { hear: ANSWER },
    { say: HOURS },
    { hear: HOURS_ANSWER },
    { say: QUESTION },
    { hear: ANSWER },
    last,
  ])

/** Resolves when the caller has heard this much in full. */
const hasHeard = (call: PlacedCall, count: number, timeout = 30_000) =>
  expect
    .poll(() => call.phone.heard.turns.filter(({ kind }) => kind === 'final').length, { timeout })
    .toBeGreaterThanOrEqual(count)

const rowOf = async (call: PlacedCall) =>
  (await bench.rows('select * from calls where twilio_call_sid = $1', [call.leg.callSid]))[0]
const turnsOf = async (callId: unknown) =>
  (
    await bench.rows<{ text: string }>(
      'select text from transcript_turns where call_id = $1 order by seq',
      [callId],
    )
  ).map(({ text }) => text)

async function aViewer(callId: unknown): Promise<RawSocket> {
  const admin = await bench.api.aHolderOf('admin', bench.centre.organizationId)
  const params = { callId: String(callId) }
  const ticket = await bench.api.call(createLiveTicket, { params }, admin)
  return RawSocket.open(ticket.json().url, { origin: 'http://localhost:3000' })
}
const shownTurns = (viewer: RawSocket) => {
  const bySeq = new Map<number, string>()
  for (const message of viewer.received) {
    const turns = message.type === 'snapshot' ? message.turns : [message.turn]
    if (message.type !== 'snapshot' && message.type !== 'turn') continue
    for (const { seq, text } of turns as { seq: number; text: string }[]) bySeq.set(seq, text)
  }
  return [...bySeq].toSorted(([a], [b]) => a - b).map(([, text]) => text)
}

test(
  'a call goes on while the database is away; what was said waits on disk and is stored in order',
  async () => {
    const call = await aTalk({ waitForEnd: true })
    await hasHeard(call, 2)
    const row = await rowOf(call)
    const viewer = await aViewer(row?.id)
    await viewer.until(({ type }) => type === 'snapshot')
    await expect.poll(() => turnsOf(row?.id), { timeout: 5_000 }).toHaveLength(3)

    bench.line.cut()
    await hasHeard(call, 4)
    await expect.poll(() => bench.pending.depth, { timeout: 5_000 }).toBe(1)
    expect(await turnsOf(row?.id)).toEqual(script.slice(0, 3))
    expect(shownTurns(viewer)).toEqual(script.slice(0, 3))
    // Not final, but visible as what is not final.
    await viewer.until(({ type, text }) => type === 'tentative' && text === HOURS_ANSWER)

    // By now its lease has run out, and a sweep that waited for the database comes first.
    await bench.rows(
      `update call_leases set expires_at = now() - interval '1 minute' where call_id = $1 returning 1`,
      [row?.id],
    )
    await bench.line.mend()
    expect(await endAbandonedCalls(bench.api.ctx)).toBe(0)
    await expect.poll(() => turnsOf(row?.id), { timeout: FLUSHED_WITHIN_MS }).toEqual(script)
    expect(bench.pending.depth).toBe(0)
    expect(await rowOf(call)).toMatchObject({ state: 'live' })
    await expect.poll(() => shownTurns(viewer)).toEqual(script)

    call.leg.hangUp()
    await expect.poll(async () => (await rowOf(call))?.state, { timeout: 5_000 }).toBe('settled')
    expect(call.phone.damagedTurns).toBe(0)
    viewer.close()
  },
  OUTAGE_TEST_MS,
)

test(
  'a call that ends while the database is away is settled by its gateway to the second, not by the sweep',
  async () => {
    const before = await bench.money()
    const call = await aTalk({ hangUp: true })
    await hasHeard(call, 1)
    bench.line.cut()
    expect(await call.script).toBe('finished')
    await bench.rows(
      `update call_leases set expires_at = now() - interval '1 minute' where closed_at is null returning 1`,
    )
    const row = await rowOf(call)
    expect(row).toMatchObject({ state: 'live' })
    await bench.line.mend()
    expect(await endAbandonedCalls(bench.api.ctx)).toBe(0)
    await expect.poll(async () => (await rowOf(call))?.state, { timeout: 10_000 }).toBe('settled')
    const settled = await rowOf(call)
    expect(settled?.reason).toBe('caller_hung_up')
    expect(Math.abs(Number(settled?.billable_seconds) - call.leg.durationSeconds)).toBeLessThan(2)
    expect(await turnsOf(row?.id)).toEqual(script)
    expect(bench.pending.depth).toBe(0)
    const after = await bench.money()
    expect(after).toEqual({
      balance: before.balance - Number(settled?.cost_cents),
      held: before.held,
    })
  },
  OUTAGE_TEST_MS,
)

test(
  'a database that stands still disturbs no word, and all is stored when it moves again',
  async () => {
    const call = await aTalk({ hangUp: true })
    await hasHeard(call, 1)
    bench.line.freeze()
    await hasHeard(call, 3)
    await bench.line.mend()
    expect(await call.script).toBe('finished')
    await expect.poll(async () => (await rowOf(call))?.state, { timeout: 15_000 }).toBe('settled')
    expect(await turnsOf((await rowOf(call))?.id)).toEqual(script)
    expect(call.phone.heard.turns.map(({ kind, text }) => `${kind}: ${text}`)).toEqual(
      [GREETING, ANSWER, HOURS_ANSWER, ANSWER].map((text) => `final: ${text}`),
    )
  },
  OUTAGE_TEST_MS,
)

test(
  'an agent regained while the database is away is known to its call afterwards',
  async () => {
    const call = await bench.dial([
      { hear: GREETING },
      { hear: noticeTexts.resumed, timeoutMs: 15_000 },
      { say: QUESTION },
      { hear: ANSWER },
      { hangUp: true },
    ])
    await hasHeard(call, 1)
    bench.line.cut()
    const [lost] = bench.elevenLabs.live()
    lost?.drop(1011)
    await hasHeard(call, 3)
    await bench.line.mend()
    expect(await call.script).toBe('finished')
    await expect.poll(async () => (await rowOf(call))?.state, { timeout: 10_000 }).toBe('settled')
    const newest = bench.elevenLabs.conversations().at(-1)?.conversation_id
    expect(newest).not.toBe(lost?.conversationId)
    expect((await rowOf(call))?.elevenlabs_conversation_id).toBe(newest)
  },
  OUTAGE_TEST_MS,
)
