import { expect, test } from 'vitest'
import { wholeMonths } from './whole-months.ts'

test.each([
  ['a range of whole months', '2024-01-01', '2024-02-29', '2024-01-01', '2024-03-01'],
  ['a range that cuts two months', '2024-01-31', '2024-03-30', '2024-02-01', '2024-03-01'],
  ['a range over new year', '2023-12-02', '2024-12-31', '2024-01-01', '2025-01-01'],
  ['the last day of a month', '2024-04-30', '2024-04-30', '2024-05-01', '2024-05-01'],
  ['a range in one month', '2024-04-02', '2024-04-29', '2024-04-30', '2024-04-30'],
  ['a month', '2023-02-01', '2023-02-28', '2023-02-01', '2023-03-01'],
])('the whole months of %s', (_, from, to, firstDay, dayAfter) => {
  expect(wholeMonths({ from, to })).toEqual({ firstDay, dayAfter })
})

test('every day of a range lies in its whole months, before or after them, and no other day does', () => {
  const dayOf = (n: number) => new Date(Date.UTC(2023, 11, 20 + n)).toISOString().slice(0, 10)
  const days = Array.from({ length: 200 }, (_, n) => dayOf(n))
  for (let start = 0; start < 80; start++)
    for (let length = 1; length < 90; length += 7) {
      const range = { from: dayOf(start), to: dayOf(start + length - 1) }
      const { firstDay, dayAfter } = wholeMonths(range)
      const found = [
        ...days.filter((day) => day >= range.from && day < firstDay),
        ...days.filter((day) => day >= firstDay && day < dayAfter),
        ...days.filter((day) => day >= dayAfter && day <= range.to),
      ]
      expect(found).toEqual(days.slice(start, start + length))
    }
})
