import type { Received } from '#api/contract/endpoint.ts'
import type { Context } from '#api/core/context.ts'
import { read, tenantOf } from '#api/core/context.ts'
import { pageOfRows, readCursor } from '#api/core/cursor.ts'
import type * as contract from './contract.ts'
import * as queries from './queries.ts'
import { type Agent, showAll } from './show.ts'

export async function listAgents(
  ctx: Context,
  { cursor, limit }: Received<typeof contract.listAgents>['query'],
): Promise<{ items: Agent[]; nextCursor: string | null }> {
  const before = readCursor(cursor)
  return read(ctx, async (db) => {
    const rows = await queries.listAgents(db, tenantOf(ctx), { before, limit: limit + 1 })
    const page = pageOfRows(rows, limit, ({ agent }) => ({ at: agent.createdAt, id: agent.id }))
    return { ...page, items: await showAll(ctx, db, page.items) }
  })
}
