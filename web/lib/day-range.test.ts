import { expect, test } from 'vitest'
import { parseAsDay, toDays } from './day-range.ts'

const now = new Date('2026-11-20T23:30:00Z')
const custom = (from: string | null, to: string | null) =>
  toDays({ range: 'custom', from, to }, { now, timeZone: 'UTC' })

test('a named range ends today in the zone and counts both ends', () => {
  const chosen = { range: '7d', from: null, to: null } as const
  expect(toDays(chosen, { now, timeZone: 'UTC' })).toEqual({ from: '2026-11-14', to: '2026-11-20' })
  expect(toDays(chosen, { now, timeZone: 'Asia/Tokyo' })?.to).toBe('2026-11-21')
})

test('a range of one’s own may be one day long, and a leap year at most', () => {
  expect(custom('2026-11-20', '2026-11-20')).toEqual({ from: '2026-11-20', to: '2026-11-20' })
  expect(custom('2024-01-01', '2024-12-31')).not.toBeNull()
  expect(custom('2024-01-01', '2025-01-01')).toBeNull()
})

test('half a range, or one that runs backwards, is none', () => {
  expect(custom('2026-11-20', null)).toBeNull()
  expect(custom(null, '2026-11-20')).toBeNull()
  expect(custom('2026-11-21', '2026-11-20')).toBeNull()
})

test('an address with a day that does not exist has no day', () => {
  expect(parseAsDay.parse('2026-02-30')).toBeNull()
  expect(parseAsDay.parse('yesterday')).toBeNull()
  expect(parseAsDay.parse('2026-02-28')).toBe('2026-02-28')
})
