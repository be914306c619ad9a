import { expect, test } from 'vitest'
import { RenewalPace } from './renewal-pace.ts'

const TURN_MS = 25
const DUE_SECONDS = 30

/** Calls that are due at the same moment, each asked in every turn until it may; how many may in each turn. */
function asking(calls: number, turns: number): number[] {
  const pace = new RenewalPace()
  let waiting = calls
  return Array.from({ length: turns }, (_, turn) => {
    const nowMs = turn * TURN_MS
    const leftSeconds = DUE_SECONDS - nowMs / 1_000
    const asked = Array.from({ length: waiting }, () =>
      pace.mayAsk(leftSeconds, DUE_SECONDS, nowMs),
    ).filter(Boolean).length
    waiting -= asked
    return asked
  })
}

test('calls that are due together ask one after the other', () => {
  expect(asking(5, 7)).toEqual([1, 1, 1, 1, 1, 0, 0])
})

test('one that is due alone asks at once', () => {
  const pace = new RenewalPace()
  expect(pace.mayAsk(DUE_SECONDS, DUE_SECONDS, 0)).toBe(true)
  expect(pace.mayAsk(DUE_SECONDS, DUE_SECONDS, TURN_MS)).toBe(true)
})

test('when half of its time is gone a call waits for no other', () => {
  const turnsOfHalf = (DUE_SECONDS / 2) * (1_000 / TURN_MS)
  const calls = turnsOfHalf + 100
  const asked = asking(calls, turnsOfHalf + 1)
  expect(new Set(asked.slice(0, -1))).toEqual(new Set([1]))
  expect(asked.at(-1)).toBe(100)
})

test('a call that waits for nobody takes nobody the turn', () => {
  const pace = new RenewalPace()
  expect(pace.mayAsk(1, DUE_SECONDS, 0)).toBe(true)
  expect(pace.mayAsk(DUE_SECONDS, DUE_SECONDS, 0)).toBe(true)
})
