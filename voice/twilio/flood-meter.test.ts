import fc from 'fast-check'
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

test.each([1, 5, 3_600])('after %i quiet seconds a burst is what it always is', (seconds) => {
  const meter = new FloodMeter(0)
  // Some of it was used before, which the quiet gives back and no more.
  for (let index = 0; index < 10; index++) expect(meter.take(0)).toBe(true)
  const nowMs = seconds * 1_000
  let count = 0
  while (count < 1_000 && meter.take(nowMs)) count++
  expect(count).toBe(FLOOD_BURST)
})

test('in no stretch of time do more pass than the burst and the rate', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: 0, max: 3_000 }), fc.integer({ min: 1, max: 300 })), {
        minLength: 1,
        maxLength: 40,
      }),
      (bursts) => {
        const meter = new FloodMeter(0)
        let nowMs = 0
        let tokens = FLOOD_BURST
        for (const [quietMs, messages] of bursts) {
          nowMs += quietMs
          tokens = Math.min(FLOOD_BURST, tokens + (quietMs * FLOOD_PER_SECOND) / 1_000)
          let passes = 0
          for (let index = 0; index < messages; index++) if (meter.take(nowMs)) passes++
          expect(passes).toBeLessThanOrEqual(tokens + 1)
          expect(passes).toBeGreaterThanOrEqual(Math.min(messages, Math.floor(tokens)))
          tokens -= passes
        }
      },
    ),
  )
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
