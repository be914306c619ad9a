import { randomUUIDv7 } from 'node:crypto'
import type { z } from 'zod'
import type { Received } from '#api/contract/endpoint.ts'
import type { Context } from '#api/core/context.ts'
import { inTransaction, read, tenantOf } from '#api/core/context.ts'
import { pageOfRows, readCursor } from '#api/core/cursor.ts'
import { notFound } from '#api/core/errors.ts'
import { recordAudit } from '#api/domains/audit/service.ts'
import type * as contract from './contract.ts'
import * as errors from './errors.ts'
import * as queries from './queries.ts'

export type Competitor = z.output<typeof contract.competitor>

const MAX_COMPETITORS = 200 // a person reads the list, and a prompt names them all

export async function listCompetitors(
  ctx: Context,
  { cursor, limit, search }: Received<typeof contract.listCompetitors>['query'],
): Promise<{ items: Competitor[]; nextCursor: string | null }> {
  const before = readCursor(cursor)
  const rows = await read(ctx, (db) =>
    queries.listCompetitors(db, tenantOf(ctx), { before, limit: limit + 1, search }),
  )
  return pageOfRows(rows, limit, ({ createdAt, id }) => ({ at: createdAt, id }))
}

export async function getCompetitor(ctx: Context, id: string): Promise<Competitor> {
  const found = await read(ctx, (db) => queries.findCompetitor(db, tenantOf(ctx), id))
  if (!found) throw notFound('competitor')
  return found
}

export function createCompetitor(
  ctx: Context,
  asked: Received<typeof contract.createCompetitor>['body'],
): Promise<Competitor> {
  return inTransaction(ctx, async (tx) => {
    const organizationId = tenantOf(tx)
    if ((await queries.countForAddition(tx.db, organizationId)) >= MAX_COMPETITORS)
      throw errors.tooMany(MAX_COMPETITORS)
    const now = tx.now()
    const competitor = { ...asked, organizationId, id: randomUUIDv7() }
    const made = await queries.insertCompetitor(tx.db, {
      ...competitor,
      createdAt: now,
      updatedAt: now,
    })
    if (!made) throw errors.nameTaken()
    await recordAudit(tx, { action: 'competitors.create', subject: made.id })
    return made
  })
}

export function updateCompetitor(
  ctx: Context,
  id: string,
  asked: Received<typeof contract.updateCompetitor>['body'],
): Promise<Competitor> {
  return inTransaction(ctx, async (tx) => {
    const organizationId = tenantOf(tx)
    const before = await queries.lockCompetitor(tx.db, organizationId, id)
    if (!before) throw notFound('competitor')
    const given = Object.entries(asked).filter(([, value]) => value !== undefined)
    if (given.length === 0) return before
    if (asked.name && (await queries.isNameTaken(tx.db, organizationId, asked.name, id)))
      throw errors.nameTaken()
    const change = { ...Object.fromEntries(given), updatedAt: tx.now() }
    const changed = await queries.updateCompetitor(tx.db, organizationId, id, change)
    await recordAudit(tx, {
      action: 'competitors.update',
      subject: id,
      after: { changed: given.map(([name]) => name) },
    })
    return changed
  })
}

export function deleteCompetitor(ctx: Context, id: string): Promise<void> {
  return inTransaction(ctx, async (tx) => {
    if (!(await queries.deleteCompetitor(tx.db, tenantOf(tx), id))) throw notFound('competitor')
    await recordAudit(tx, { action: 'competitors.delete', subject: id })
  })
}
