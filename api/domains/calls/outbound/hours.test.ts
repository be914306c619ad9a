import fc from 'fast-check'
import { expect, test } from 'vitest'
import { factsOfNumber } from '#api/core/number-plan.ts'
import { isOpen, localTime, nextOpening, startOfDay, widestHours } from './hours.ts'

const at = (text: string) => new Date(text)

test.each([
  ['Europe/Berlin', '2026-07-01T05:59:00Z', false],
  ['Europe/Berlin', '2026-07-01T06:00:00Z', true],
  ['Europe/Berlin', '2026-07-01T18:59:59Z', true],
  ['Europe/Berlin', '2026-07-01T19:00:00Z', false],
  ['Europe/Berlin', '2026-01-01T06:30:00Z', false], // an hour later in winter
  ['Asia/Kolkata', '2026-07-01T02:29:00Z', false],
  ['Asia/Kolkata', '2026-07-01T02:30:00Z', true],
])('in %s at %s: %s', (zone, moment, expected) => {
  expect(isOpen([zone], widestHours, at(moment))).toBe(expected)
})

test('a number that may be in several zones is rung when it is day in all of them', () => {
  const zones = factsOfNumber('+12085550123')?.zones ?? []
  expect(zones).toEqual(['America/Denver', 'America/Los_Angeles'])
  // 08:30 in Boise, 07:30 on the Pacific.
  expect(isOpen(zones, widestHours, at('2026-07-01T14:30:00Z'))).toBe(false)
  expect(isOpen(zones, widestHours, at('2026-07-01T15:30:00Z'))).toBe(true)
  // 20:30 on the Pacific, 21:30 in Boise.
  expect(isOpen(zones, widestHours, at('2026-07-02T03:30:00Z'))).toBe(false)
})

test('a number of no known zone is never rung', () => {
  expect(isOpen([], widestHours, at('2026-07-01T12:00:00Z'))).toBe(false)
  expect(nextOpening([], widestHours, at('2026-07-01T12:00:00Z'))).toBeNull()
})

test('an organization’s weekdays and hours are those of the other side', () => {
  const hours = { opensAtMinute: 9 * 60, closesAtMinute: 17 * 60, weekdays: [1, 2, 3, 4, 5] }
  // Saturday in Auckland while it is Friday in Europe.
  expect(isOpen(['Pacific/Auckland'], hours, at('2026-07-03T22:00:00Z'))).toBe(false)
  expect(nextOpening(['Pacific/Auckland'], hours, at('2026-07-03T22:00:00Z'))).toEqual(
    at('2026-07-05T21:00:00Z'),
  )
})

test('where it is never day in all zones at once within the hours, there is no opening', () => {
  const short = { ...widestHours, opensAtMinute: 12 * 60, closesAtMinute: 14 * 60 }
  const zones = factsOfNumber('+74951234567')?.zones ?? []
  expect(nextOpening(zones, short, at('2026-07-01T00:00:00Z'))).toBeNull()
  expect(nextOpening(zones, widestHours, at('2026-07-01T00:00:00Z'))).not.toBeNull()
})

test('the next opening is open, and nothing before it is', () => {
  const zones = ['+493012345678', '+12125550123', '+77271234567', '+5511912345678'].map(
    (number) => factsOfNumber(number)?.zones ?? [],
  )
  fc.assert(
    fc.property(
      fc.constantFrom(...zones),
      fc.date({
        min: at('2026-01-01T00:00:00Z'),
        max: at('2027-01-01T00:00:00Z'),
        noInvalidDate: true,
      }),
      (of, from) => {
        const opening = nextOpening(of, widestHours, from)
        if (!opening) throw new Error('never')
        expect(isOpen(of, widestHours, opening)).toBe(true)
        const before = new Date(opening.getTime() - 15 * 60_000)
        if (before >= from) expect(isOpen(of, widestHours, before)).toBe(false)
      },
    ),
    { numRuns: 60 },
  )
})

test.each([
  ['Europe/Berlin', '2026-07-01T12:34:56Z', '2026-06-30T22:00:00Z'],
  ['UTC', '2026-07-01T00:00:00Z', '2026-07-01T00:00:00Z'],
  ['America/New_York', '2026-07-01T03:59:00Z', '2026-06-30T04:00:00Z'],
  ['Europe/Berlin', '2026-03-29T12:00:00Z', '2026-03-28T23:00:00Z'], // the clock went forward that night
  ['Europe/Berlin', '2026-10-25T12:00:00Z', '2026-10-24T22:00:00Z'], // and back
])('the day in %s at %s began at %s', (zone, moment, began) => {
  expect(startOfDay(zone, at(moment))).toEqual(at(began))
})

test('a local time has its weekday, Monday the first', () => {
  expect(localTime('Asia/Tokyo', at('2026-07-05T15:30:00Z'))).toEqual({ weekday: 1, minute: 30 })
})
