import { parseAsString, parseAsStringLiteral } from 'nuqs'
import type { Call } from '#api/contract/endpoint.ts'
import { callDirections, callKinds, type listCalls } from '#contracts/calls'
import { anyDay, type DayFilter, dayFilterParsers, daysToMoments } from '../../lib/day-filter.ts'

export const statusFilters = ['running', 'ended', 'settled', 'refused', 'failed'] as const

/** The list's state, all of it in the address. */
export const filterParsers = {
  status: parseAsStringLiteral(statusFilters),
  kind: parseAsStringLiteral(callKinds),
  direction: parseAsStringLiteral(callDirections),
  ...dayFilterParsers,
  number: parseAsString,
  q: parseAsString,
}

export type Filters = DayFilter & {
  status: (typeof statusFilters)[number] | null
  kind: (typeof callKinds)[number] | null
  direction: (typeof callDirections)[number] | null
  number: string | null
  q: string | null
}

export const noFilters: Filters = {
  status: null,
  kind: null,
  direction: null,
  ...anyDay,
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

export const isFiltered = (filters: Filters): boolean =>
  Object.values(filters).some((value) => value !== null && value !== '')
