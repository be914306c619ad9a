import type { Received } from '#api/contract/endpoint.ts'
import type { Context } from '#api/core/context.ts'
import { asPlatform, read, tenantOf } from '#api/core/context.ts'
import { BYTE_ORDER_MARK, csvLine } from '#api/core/csv.ts'
import { invalidRequest } from '#api/core/errors.ts'
import type * as contract from './contract.ts'
import * as queries from './queries.ts'

type Page = { limit: number; before: number | undefined }
type Reader = (page: Page) => Promise<queries.ShownEntry[]>

/** The organization's own entries, newest first. */
export const listEntries = (
  ctx: Context,
  query: Received<typeof contract.listAuditEntries>['query'],
) => pageOf(ownEntries(ctx, query), query)

/** The platform's own entries or, where one is named, an organization's. */
export const listPlatformEntries = (
  ctx: Context,
  query: Received<typeof contract.listPlatformAuditEntries>['query'],
) => pageOf(officeEntries(ctx, query), query)

/** The organization's own entries as CSV, newest first. */
export const exportEntries = (
  ctx: Context,
  query: Received<typeof contract.exportAuditEntries>['query'],
): AsyncGenerator<string> => csvOf(ownEntries(ctx, query))

export const exportPlatformEntries = (
  ctx: Context,
  query: Received<typeof contract.exportPlatformAuditEntries>['query'],
): AsyncGenerator<string> => csvOf(officeEntries(ctx, query))

const ownEntries =
  (ctx: Context, filter: queries.EntryFilter): Reader =>
  (page) =>
    read(ctx, (db) => queries.listEntries(db, tenantOf(ctx), { ...filter, ...page }))

const officeEntries =
  (ctx: Context, filter: queries.EntryFilter & { organizationId?: string | undefined }): Reader =>
  (page) =>
    asPlatform(ctx, (tx) =>
      filter.organizationId
        ? queries.listEntriesForOffice(tx.db, filter.organizationId, { ...filter, ...page })
        : queries.listPlatformEntries(tx.db, { ...filter, ...page }),
    )

async function pageOf(entries: Reader, query: { cursor?: string | undefined; limit: number }) {
  const { cursor, limit } = query
  const before = cursor === undefined ? undefined : readSequence(cursor)
  const rows = await entries({ limit: limit + 1, before })
  const items = rows.slice(0, limit)
  return { items, nextCursor: rows.length > limit ? String(items.at(-1)?.sequence) : null }
}

const ROWS_A_READ = 500 // held in memory at a time; an export reads a transaction each, so it blocks nobody

const columns = [
  'sequence',
  'at',
  'actorKind',
  'actorId',
  'actorName',
  'action',
  'subject',
  'before',
  'after',
  'previousHash',
  'hash',
  'id',
] as const

/** A chain only grows at its other end, so pages read one after the other miss and repeat nothing. */
async function* csvOf(entries: Reader): AsyncGenerator<string> {
  yield BYTE_ORDER_MARK + csvLine(columns)
  for (let before: number | undefined; ; ) {
    const from: number | undefined = before
    const rows = await entries({ limit: ROWS_A_READ, before: from })
    yield rows.map((row) => csvLine(columns.map((column) => row[column]))).join('')
    before = rows.at(-1)?.sequence
    if (rows.length < ROWS_A_READ) return
  }
}

function readSequence(cursor: string): number {
  if (/^[1-9]\d{0,14}$/.test(cursor)) return Number(cursor)
  throw invalidRequest('The cursor is not one this list gave out.', [
    { path: 'query.cursor', message: 'Leave it out to start from the first page.' },
  ])
}
