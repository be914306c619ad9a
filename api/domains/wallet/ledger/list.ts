import type { Answer, Received } from '#api/contract/endpoint.ts'
import type { Context } from '#api/core/context.ts'
import { read, tenantOf } from '#api/core/context.ts'
import { BYTE_ORDER_MARK, csvLine } from '#api/core/csv.ts'
import { pageOfRows, readCursor } from '#api/core/cursor.ts'
import type * as contract from '../contract.ts'
import * as queries from './queries.ts'

/** Ledger lines, newest first. */
export async function listEntries(
  ctx: Context,
  { cursor, limit, ...filter }: Received<typeof contract.listLedgerEntries>['query'],
): Promise<Answer<typeof contract.listLedgerEntries>> {
  const before = readCursor(cursor)
  const rows = await entries(ctx, { ...filter, limit: limit + 1, before })
  return pageOfRows(rows, limit, ({ at, id }) => ({ at, id }))
}

const ROWS_A_READ = 500 // held in memory at a time; an export reads a transaction each, so it blocks nobody

const columns = [
  'sequence',
  'at',
  'kind',
  'fromAccount',
  'toAccount',
  'amountCents',
  'currency',
  'balanceAfterCents',
  'heldAfterCents',
  'callId',
  'actorId',
  'explanation',
  'id',
] as const

/** The same lines as CSV. The ledger only grows at its other end, so pages read one after the other miss nothing. */
export async function* exportEntries(
  ctx: Context,
  filter: Received<typeof contract.exportLedgerEntries>['query'],
): AsyncGenerator<string> {
  yield BYTE_ORDER_MARK + csvLine(columns)
  for (let before: { id: string } | undefined; ; ) {
    const rows: Entry[] = await entries(ctx, { ...filter, limit: ROWS_A_READ, before })
    yield rows.map((row) => csvLine(columns.map((column) => row[column]))).join('')
    before = rows.at(-1)
    if (rows.length < ROWS_A_READ) return
  }
}

type Entry = Awaited<ReturnType<typeof queries.listEntries>>[number]

const entries = (ctx: Context, page: Parameters<typeof queries.listEntries>[2]): Promise<Entry[]> =>
  read(ctx, (db) => queries.listEntries(db, tenantOf(ctx), page))
