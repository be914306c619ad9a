import { parseAsStringLiteral } from 'nuqs'
import { parseAsDay } from './day-range.ts'
import { addDays, dayIn, startOfDay } from './format/time.ts'

export const dayFilters = ['today', '7d', '30d', '90d', 'custom'] as const

/** The days a list is narrowed to, as the address holds them; all days where `range` is null. */
export type DayFilter = {
  range: (typeof dayFilters)[number] | null
  from: string | null
  to: string | null
}

export const anyDay: DayFilter = { range: null, from: null, to: null }

export const dayFilterParsers = {
  range: parseAsStringLiteral(dayFilters),
  from: parseAsDay,
  to: parseAsDay,
}

const lengths: Partial<Record<(typeof dayFilters)[number], number>> = {
  today: 1,
  '7d': 7,
  '30d': 30,
  '90d': 90,
}

/** The days as the API takes them: moments of the organization's zone. */
export function daysToMoments(
  chosen: DayFilter,
  { now, timeZone }: { now: Date; timeZone: string },
): { from?: string; to?: string } {
  if (!chosen.range) return {}
  const days = lengths[chosen.range]
  if (days) {
    const first = addDays(dayIn(now, timeZone), 1 - days)
    return { from: startOfDay(first, timeZone).toISOString() }
  }
  return {
    ...(chosen.from && { from: startOfDay(chosen.from, timeZone).toISOString() }),
    // The last day counts whole.
    ...(chosen.to && { to: startOfDay(addDays(chosen.to, 1), timeZone).toISOString() }),
  }
}
