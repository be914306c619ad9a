/** Days, both included. */
export type DayRange = { from: string; to: string }

/**
 * The calendar months that lie whole in a range, from the first one's day to the day after the last. Where there is
 * none both are the day after the range, so that the days before and after them are always the rest of it.
 */
export function wholeMonths({ from, to }: DayRange): { firstDay: string; dayAfter: string } {
  const end = new Date(to)
  end.setUTCDate(end.getUTCDate() + 1)
  const afterRange = end.toISOString().slice(0, 10)
  const firstDay = from.endsWith('-01') ? from : firstOfMonth(from, 1)
  const dayAfter = firstOfMonth(afterRange, 0)
  return firstDay < dayAfter
    ? { firstDay, dayAfter }
    : { firstDay: afterRange, dayAfter: afterRange }
}

function firstOfMonth(day: string, monthsLater: number): string {
  const [year = 0, month = 1] = day.split('-').map(Number)
  return new Date(Date.UTC(year, month - 1 + monthsLater, 1)).toISOString().slice(0, 10)
}
