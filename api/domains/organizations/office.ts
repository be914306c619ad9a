import type { z } from 'zod'
import type { Received } from '#api/contract/endpoint.ts'
import type { Context } from '#api/core/context.ts'
import { asPlatform, inTransaction } from '#api/core/context.ts'
import { pageOfRows, readCursor } from '#api/core/cursor.ts'
import { notFound } from '#api/core/errors.ts'
import type * as contract from './contract.ts'
import * as queries from './queries.ts'

type Summary = z.output<typeof contract.organizationSummary>

/** One organization as the platform's office sees it. */
export async function officeSummary(ctx: Context, organizationId: string): Promise<Summary> {
  const summary = await inTransaction(ctx, (tx) =>
    queries.findOfficeSummary(tx.db, organizationId, tx.now()),
  )
  if (!summary) throw notFound('organization')
  return summary
}

export function listOrganizations(
  ctx: Context,
  query: Received<typeof contract.listOrganizations>['query'],
) {
  const before = readCursor(query.cursor)
  return asPlatform(ctx, async (tx) => {
    const page = { limit: query.limit + 1, before, status: query.status }
    const rows = await queries.listOrganizations(tx.db, page)
    const { items, nextCursor } = pageOfRows(rows, query.limit, ({ createdAt, id }) => ({
      at: createdAt,
      id,
    }))
    const summaries: Summary[] = []
    for (const { id } of items) summaries.push(await officeSummary(tx, id))
    return { items: summaries, nextCursor }
  })
}
