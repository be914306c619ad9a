import { invalid, noSuch } from './refusals.ts'

const PAGE_SIZE = 10
const MAX_PAGE_SIZE = 100

export type Paging = {
  limit?: number | undefined
  starting_after?: string | undefined
  ending_before?: string | undefined
}

/** Newest first, as every list of Stripe; `rows` in the order in which they were made. */
export function listOf<Row extends { id: string }>(url: string, rows: Row[], paging: Paging) {
  const { limit = PAGE_SIZE, starting_after: after, ending_before: before } = paging
  if (limit < 1 || limit > MAX_PAGE_SIZE)
    throw invalid(
      `Invalid integer: ${limit}. Must be between 1 and ${MAX_PAGE_SIZE}.`,
      'limit',
      'parameter_invalid_integer',
    )
  if (after !== undefined && before !== undefined)
    throw invalid('You cannot parameterize with both `starting_after` and `ending_before`.')
  const newestFirst = rows.toReversed()
  if (before !== undefined) {
    const until = newestFirst.slice(0, placeOf(newestFirst, before, 'ending_before'))
    return page(url, until.slice(-limit), until.length > limit)
  }
  const from = after === undefined ? 0 : placeOf(newestFirst, after, 'starting_after') + 1
  return page(url, newestFirst.slice(from, from + limit), newestFirst.length > from + limit)
}

const page = <Row>(url: string, data: Row[], hasMore: boolean) => ({
  object: 'list' as const,
  data,
  has_more: hasMore,
  url,
})

function placeOf(rows: { id: string }[], id: string, param: string): number {
  const place = rows.findIndex((row) => row.id === id)
  if (place < 0) throw noSuch('object', id, param, 400)
  return place
}

type Range = {
  gt?: number | undefined
  gte?: number | undefined
  lt?: number | undefined
  lte?: number | undefined
}

export const isCreatedWithin = (created: number, range: Range | undefined): boolean =>
  !range ||
  ((range.gt === undefined || created > range.gt) &&
    (range.gte === undefined || created >= range.gte) &&
    (range.lt === undefined || created < range.lt) &&
    (range.lte === undefined || created <= range.lte))
