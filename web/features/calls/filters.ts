import { createParser, parseAsString, parseAsStringLiteral } from 'nuqs'
import type { Call } from '#api/contract/endpoint.ts'
import { callDirections, callKinds, type listCalls } from '#contracts/calls'
import { addDays, dayIn, startOfDay } from '../../lib/format/time.ts'

export const statusFilters = ['running', 'ended', 'settled', 'refused', 'failed'] as const
export const ranges = ['today', '7d', '30d', '90d', 'custom'] as const
export type Range = (typeof ranges)[number]

/** A calendar day as YYYY-MM-DD; anything else counts as absent. */
const parseAsDay = createParser({
  parse: (text) => (isDay(text) ? text : null),
  serialize: (day: string) => day,
})

/** The list's state, all of it in the address. */
export const filterParsers = {
  status: parseAsStringLiteral(statusFilters),
  kind: parseAsStringLiteral(callKinds),
  direction: parseAsStringLiteral(callDirections),
  range: parseAsStringLiteral(ranges),
  from: parseAsDay,
  to: parseAsDay,
  number: parseAsString,
  q: parseAsString,
}

export type Filters = {
  status: (typeof statusFilters)[number] | null
  kind: (typeof callKinds)[number] | null
  direction: (typeof callDirections)[number] | null
  range: Range | null
  from: string | null
  to: string | null
  number: string | null
  q: string | null
}

export const noFilters: Filters = {
  status: null,
  kind: null,
  direction: null,
  range: null,
  from: null,
  to: null,
  number: null,
  q: null,
}

const MIN_TYPED = 2 // The API refuses to search for a single letter or digit.

/** The filters as the API takes them: days become moments of the organization's zone. */
export function toCallQuery(
  filters: Filters,
  zone: { now: Date; timeZone: string },
): Call<typeof listCalls>['query'] {
  const { status, kind, direction, number, q } = filters
  const typedNumber = number?.replaceAll(/[^\d+]/g, '') ?? ''
  const words = q?.trim() ?? ''
  return {
    ...(status && { state: status }),
    ...(kind && { kind }),
    ...(direction && { direction }),
    ...daysToMoments(filters, zone),
    ...(typedNumber.length >= MIN_TYPED && { number: typedNumber }),
    ...(words.length >= MIN_TYPED && { text: words }),
  }
}

const rangeDays: Partial<Record<Range, number>> = { today: 1, '7d': 7, '30d': 30, '90d': 90 }

function daysToMoments(
  filters: Filters,
  { now, timeZone }: { now: Date; timeZone: string },
): { from?: string; to?: string } {
  if (!filters.range) return {}
  const days = rangeDays[filters.range]
  if (days) {
    const first = addDays(dayIn(now, timeZone), 1 - days)
    return { from: startOfDay(first, timeZone).toISOString() }
  }
  return {
    ...(filters.from && { from: startOfDay(filters.from, timeZone).toISOString() }),
    // The last day counts whole.
    ...(filters.to && { to: startOfDay(addDays(filters.to, 1), timeZone).toISOString() }),
  }
}

export const isFiltered = (filters: Filters): boolean =>
  Object.values(filters).some((value) => value !== null && value !== '')

function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false
  const at = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text)
}
