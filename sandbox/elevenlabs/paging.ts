import { z } from 'zod'
import { unprocessable } from './problems.ts'

export const pageQuery = {
  page_size: z.coerce.number().int().min(1).max(100).default(30),
  cursor: z.string().max(500).optional(),
}

/** A query parameter that may be given once or many times. */
export const repeated = z
  .union([z.string(), z.array(z.string())])
  .transform((value) => (Array.isArray(value) ? value : [value]))

export const flag = z.enum(['true', 'false']).transform((value) => value === 'true')

/** One page of a sorted list. The cursor names the last item given, so new items do not shift pages. */
export function pageOf<T>(
  items: T[],
  idOf: (item: T) => string,
  query: { page_size: number; cursor?: string | undefined },
): { items: T[]; next_cursor: string | null; has_more: boolean } {
  const from = query.cursor ? indexAfter(items, idOf, query.cursor) : 0
  const page = items.slice(from, from + query.page_size)
  const last = page.at(-1)
  const hasMore = from + page.length < items.length
  const next = hasMore && last !== undefined ? encode(idOf(last)) : null
  return { items: page, next_cursor: next, has_more: hasMore }
}

function indexAfter<T>(items: T[], idOf: (item: T) => string, cursor: string): number {
  const id = Buffer.from(cursor, 'base64url').toString()
  const at = items.findIndex((item) => idOf(item) === id)
  if (at < 0)
    throw unprocessable({ loc: ['query', 'cursor'], msg: 'Invalid cursor', type: 'value_error' })
  return at + 1
}

function encode(id: string): string {
  return Buffer.from(id).toString('base64url')
}
