import { and, eq, lt, sql } from 'drizzle-orm'
import type { Db } from '#db/client.ts'
import { idempotencyKeys } from '#db/schema/idempotency.ts'

type Row = typeof idempotencyKeys.$inferSelect
type Scope = Pick<Row, 'organizationId' | 'actorId' | 'operation' | 'key'>

/** Held until the transaction ends; false where another transaction holds it. */
export async function tryLock(db: Db, scope: Scope): Promise<boolean> {
  const name = JSON.stringify([
    'idempotency',
    scope.organizationId,
    scope.actorId,
    scope.operation,
    scope.key,
  ])
  const { rows } = await db.execute<{ held: boolean }>(
    sql`select pg_try_advisory_xact_lock(hashtextextended(${name}, 0)) as held`,
  )
  return rows[0]?.held === true
}

/** After the lock, in a statement of its own: it must see what the holder before committed. */
export async function findAnswer(
  db: Db,
  scope: Scope,
): Promise<Pick<Row, 'requestHash' | 'status' | 'answer'> | undefined> {
  const [row] = await db
    .select({
      requestHash: idempotencyKeys.requestHash,
      status: idempotencyKeys.status,
      answer: idempotencyKeys.answer,
    })
    .from(idempotencyKeys)
    .where(
      and(
        eq(idempotencyKeys.organizationId, scope.organizationId),
        eq(idempotencyKeys.actorId, scope.actorId),
        eq(idempotencyKeys.operation, scope.operation),
        eq(idempotencyKeys.key, scope.key),
      ),
    )
  return row
}

export async function insertAnswer(db: Db, row: Row): Promise<void> {
  await db.insert(idempotencyKeys).values(row)
}

/** Across tenants: under the platform's role only. */
export async function listOrganizationsBefore(
  db: Db,
  before: Date,
  limit: number,
): Promise<string[]> {
  const rows = await db
    .selectDistinct({ organizationId: idempotencyKeys.organizationId })
    .from(idempotencyKeys)
    .where(lt(idempotencyKeys.createdAt, before))
    .limit(limit)
  return rows.map(({ organizationId }) => organizationId)
}

export async function deleteBefore(db: Db, organizationId: string, before: Date): Promise<number> {
  const { rowCount } = await db
    .delete(idempotencyKeys)
    .where(
      and(
        eq(idempotencyKeys.organizationId, organizationId),
        lt(idempotencyKeys.createdAt, before),
      ),
    )
  return rowCount ?? 0
}
