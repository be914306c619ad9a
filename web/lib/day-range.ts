import { createParser, parseAsStringLiteral } from 'nuqs'
import { addDays, dayIn } from './format/time.ts'

/** A calendar day as YYYY-MM-DD; anything else counts as absent. */
export const parseAsDay = createParser({
  parse: (text) => (isDay(text) ? text : null),
  serialize: (day: string) => day,
})

export const dayRanges = ['7d', '30d', '90d', 'custom'] as const
export type ChosenRange = {
  range: (typeof dayRanges)[number]
  from: string | null
  to: string | null
}

/** A range of days, all of it in the address. */
export const dayRangeParsers = {
  range: parseAsStringLiteral(dayRanges).withDefault('30d'),
  from: parseAsDay,
  to: parseAsDay,
}

const MAX_DAYS = 366 // The API sums at most a year at once.
const lengths = { '7d': 7, '30d': 30, '90d': 90 } as const

/** First and last day, both included, today in the zone being the last of a named range; null where the days make no range. */
export function toDays(
  chosen: ChosenRange,
  { now, timeZone }: { now: Date; timeZone: string },
): { from: string; to: string } | null {
  if (chosen.range !== 'custom') {
    const to = dayIn(now, timeZone)
    return { from: addDays(to, 1 - lengths[chosen.range]), to }
  }
  const { from, to } = chosen
  if (!from || !to || from > to || addDays(from, MAX_DAYS) <= to) return null
  return { from, to }
}

function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false
  const at = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text)
}
