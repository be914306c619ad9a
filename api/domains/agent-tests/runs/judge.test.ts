import { describe, expect, test } from 'vitest'
import { chargeAtMost, standingResults } from './charge.ts'
import {
  agentSays,
  agentStops,
  type Evidence,
  gapAtMost,
  toolCalled,
  transcriptHas,
} from './judge.ts'
import type { Charge, EvidentTurn } from './queries.ts'

const turn = (over: Partial<EvidentTurn>): EvidentTurn => ({
  speaker: 'agent',
  text: 'We are open from nine to five.',
  heard: 'heard',
  heardText: null,
  startMs: 5_000,
  endMs: 7_000,
  ...over,
})
const evidence = (over: Partial<Evidence>): Evidence => ({
  call: undefined,
  turns: [],
  events: [],
  ...over,
})
const said = (...turns: Partial<EvidentTurn>[]) => evidence({ turns: turns.map(turn) })
const noted = (kind: string, data: Record<string, unknown>) =>
  evidence({ events: [{ kind, data }] })

describe('words of the agent', () => {
  const judge = agentSays(['nine to five', 'open'], { sinceMs: 4_000, untilMs: 10_000 })

  test('may be spread over its turns, and are dated by the one that made them whole', () => {
    const heard = said({ text: 'Let me see.' }, { startMs: 8_000 })
    expect(judge(heard, false)).toMatchObject({ code: null, atMs: 8_000 })
  })
  test('are waited for as long as more may come', () => {
    expect(judge(said({ text: 'Let me see.' }), false)).toBeUndefined()
    expect(judge(said({ text: 'Let me see.' }), true)).toMatchObject({
      code: 'not_said',
      seen: 'Let me see.',
    })
  })
  test('count from the caller’s last step on, and only what was heard of them', () => {
    const unheard: Partial<EvidentTurn>[] = [
      { startMs: 3_999 },
      { heard: 'never_played' },
      { speaker: 'customer' },
      { heard: 'cut', heardText: 'We are open' },
    ]
    for (const one of unheard) expect(judge(said(one), false)).toBeUndefined()
    expect(judge(said({ heard: 'never_played' }), true)).toMatchObject({ code: 'agent_silent' })
  })
  test('that come too late are told as late', () => {
    expect(judge(said({ startMs: 10_001 }), false)).toBeUndefined()
    expect(judge(said({ startMs: 10_001 }), true)).toMatchObject({ code: 'said_late' })
  })
})

test('a tool counts where it was called in time, by its request or its result', () => {
  const judge = toolCalled('end_call', { sinceMs: 1_000, untilMs: 2_000 })
  for (const kind of ['tool-call', 'tool-result'])
    expect(judge(noted(kind, { tool: 'end_call', atMs: 2_000 }), false)).toMatchObject({
      code: null,
      atMs: 2_000,
    })
  for (const data of [
    { tool: 'end_call', atMs: 999 },
    { tool: 'end_call', atMs: 2_001 },
    { tool: 'other', atMs: 1_500 },
  ])
    expect(judge(noted('tool-call', data), false)).toBeUndefined()
  expect(judge(noted('tool-call', { tool: 'other', atMs: 1_500 }), true)).toMatchObject({
    code: 'not_called',
    seen: 'other',
  })
})

test('a gap is the one that the gateway measured after the caller’s last line', () => {
  const judge = gapAtMost(800, 1_000)
  const answered = (latencyMs: number, atMs: number) => noted('agent-answered', { latencyMs, atMs })
  expect(judge(answered(800, 1_900), false)).toMatchObject({ code: null, measured: 800 })
  expect(judge(answered(801, 1_900), false)).toMatchObject({ code: 'answered_late', measured: 801 })
  expect(judge(answered(100, 999), false)).toBeUndefined()
  expect(judge(answered(100, 999), true)).toMatchObject({ code: 'not_measured' })
})

describe('an interrupted agent', () => {
  const judge = agentStops(1_000, 6_000)
  const cut = { heard: 'cut', heardText: 'We are' } as const

  test('has stopped where its turn was cut in time', () => {
    expect(judge(said({ ...cut, endMs: 7_000 }), false)).toMatchObject({
      code: null,
      measured: 1_000,
      seen: 'We are',
    })
    expect(judge(said({ ...cut, endMs: 7_001 }), false)).toMatchObject({ code: 'stopped_late' })
  })
  test('has not where it spoke to its end', () => {
    expect(judge(said({}), false)).toMatchObject({ code: 'not_stopped' })
  })
  test('is waited for until the turn it was in is told', () => {
    expect(judge(said({ startMs: 0, endMs: 5_999 }), false)).toBeUndefined()
    expect(judge(said({ startMs: 6_500 }), true)).toMatchObject({ code: 'not_stopped' })
  })
})

test('a transcript is followed in its order, whatever stands between', () => {
  const turns = [
    turn({ text: 'Hello.', startMs: 0 }),
    turn({ speaker: 'customer', text: 'When are you open?', startMs: 2_000 }),
    turn({ startMs: 4_000 }),
  ]
  const order = [{ agent: 'hello' }, { agent: 'nine to five' }]
  expect(transcriptHas(order, turns)).toMatchObject({ code: null })
  expect(transcriptHas(order.toReversed(), turns)).toMatchObject({
    code: 'not_said',
    seen: 'agent: Hello.\ncaller: When are you open?\nagent: We are open from nine to five.',
  })
  expect(transcriptHas([{ caller: 'hello' }], turns)).toMatchObject({ code: 'not_said' })
})

describe('money', () => {
  const charge: Charge = {
    state: 'settled',
    costCents: 2,
    billableSeconds: 7,
    pricePerHourCents: 900,
    isHoldSettled: true,
    heldCents: 10,
    capturedCents: 2,
    releasedCents: 8,
  }
  const codes = (over: Partial<Charge>) =>
    standingResults({ ...charge, ...over }).map(({ code }) => code)

  test('of a call that is right in all respects is passed', () => {
    expect(codes({})).toEqual([null, null, null])
    expect(chargeAtMost(2, charge)).toMatchObject({ code: null, measured: 2 })
    expect(chargeAtMost(1, charge)).toMatchObject({ code: 'cost_more', measured: 2 })
  })
  test.each<[Partial<Charge>, (string | null)[]]>([
    [{ costCents: 1, capturedCents: 1, releasedCents: 9 }, [null, 'charge_wrong', null]],
    [{ capturedCents: 3, releasedCents: 7 }, [null, null, 'ledger_wrong']],
    [{ releasedCents: 7 }, [null, null, 'ledger_wrong']],
    [{ isHoldSettled: false }, [null, null, 'ledger_wrong']],
    [{ state: 'live', costCents: null }, ['not_settled']],
  ])('that is not right is told: %o', (over, wanted) => {
    expect(codes(over)).toEqual(wanted)
  })
})
