import { invalidRequest } from './errors.ts'

/** Where a newest-first list goes on: the last row's moment and id. */
export type Position = { at: Date; id: string }

const CURSOR = /^(\d{1,15}):([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/

/** Where the page after this position starts. */
export const writeCursor = ({ at, id }: Position): string =>
  Buffer.from(`${at.getTime()}:${id}`).toString('base64url')

/** Undefined stands for the first page; a cursor that no list gave out is refused. */
export function readCursor(cursor: string | undefined): Position | undefined {
  if (cursor === undefined) return undefined
  const [, at, id] = CURSOR.exec(Buffer.from(cursor, 'base64url').toString()) ?? []
  if (at && id) return { at: new Date(Number(at)), id }
  throw invalidRequest('The cursor is not one this list gave out.', [
    { path: 'query.cursor', message: 'Leave it out to start from the first page.' },
  ])
}

/** One page of rows that were asked for with one more than the limit. */
export function pageOfRows<Row>(
  rows: readonly Row[],
  limit: number,
  positionOf: (row: Row) => Position,
): { items: Row[]; nextCursor: string | null } {
  const items = rows.slice(0, limit)
  const last = items.at(-1)
  return { items, nextCursor: rows.length > limit && last ? writeCursor(positionOf(last)) : null }
}
