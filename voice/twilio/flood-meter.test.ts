import { expect, test } from 'vitest'
import { FLOOD_BURST, FLOOD_PER_SECOND, FloodMeter } from './flood-meter.ts'

/** How many of `perSecond` messages a second pass in so many seconds. */
function passed(meter: FloodMeter, perSecond: number, seconds: number, fromMs = 0): number {
  let count = 0
  for (let index = 0; index < perSecond * seconds; index++)
    if (meter.take(fromMs + (index * 1_000) / perSecond)) count++
  return count
}

test('a phone at its pace, with marks and keys, always passes', () => {
  expect(passed(new FloodMeter(0), FLOOD_PER_SECOND, 600)).toBe(FLOOD_PER_SECOND * 600)
})

test('a burst after a stall passes, and one message more does not', () => {
  const meter = new FloodMeter(0)
  for (let index = 0; index < FLOOD_BURST; index++) expect(meter.take(0)).toBe(true)
  expect(meter.take(0)).toBe(false)
  expect(meter.take(1_000)).toBe(true)
})

test('a flood is held to its rate and its burst', () => {
  const many = passed(new FloodMeter(0), 1_000, 60)
  expect(many).toBeLessThanOrEqual(FLOOD_PER_SECOND * 60 + FLOOD_BURST)
  expect(many).toBeGreaterThan(FLOOD_PER_SECOND * 59)
})

test('what was refunded was free', () => {
  const meter = new FloodMeter(0)
  for (let index = 0; index < 10_000; index++) {
    expect(meter.take(0)).toBe(true)
    meter.refund()
  }
})
