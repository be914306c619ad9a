import { and, desc, eq, sql } from 'drizzle-orm'
import type { Position } from '#api/core/cursor.ts'
import type { Db } from '#db/client.ts'
import { lockAdditions } from '#db/locks.ts'
import { doNotCallNumbers } from '#db/schema/do-not-call.ts'

export type Row = typeof doNotCallNumbers.$inferSelect

/** Additions of one organization come one after another, so that each counts the others. */
export async function countForAddition(db: Db, organizationId: string): Promise<number> {
  await lockAdditions(db, 'do-not-call', organizationId)
  return db.$count(doNotCallNumbers, eq(doNotCallNumbers.organizationId, organizationId))
}

/** Those that were not there yet. */
export async function insertNumbers(
  db: Db,
  rows: readonly (typeof doNotCallNumbers.$inferInsert)[],
): Promise<{ id: string }[]> {
  if (rows.length === 0) return []
  return await db
    .insert(doNotCallNumbers)
    .values([...rows])
    .onConflictDoNothing()
    .returning({ id: doNotCallNumbers.id })
}

export async function isListed(db: Db, organizationId: string, e164: string): Promise<boolean> {
  return (await findByNumber(db, organizationId, e164)) !== undefined
}

export async function findByNumber(
  db: Db,
  organizationId: string,
  e164: string,
): Promise<Row | undefined> {
  const [row] = await db
    .select()
    .from(doNotCallNumbers)
    .where(
      and(eq(doNotCallNumbers.organizationId, organizationId), eq(doNotCallNumbers.e164, e164)),
    )
  return row
}

export async function deleteNumber(db: Db, organizationId: string, id: string): Promise<boolean> {
  const rows = await db
    .delete(doNotCallNumbers)
    .where(and(eq(doNotCallNumbers.organizationId, organizationId), eq(doNotCallNumbers.id, id)))
    .returning({ id: doNotCallNumbers.id })
  return rows.length > 0
}

export function listNumbers(
  db: Db,
  organizationId: string,
  page: { before: Position | undefined; limit: number; search: string | undefined },
): Promise<Row[]> {
  const { before, limit, search } = page
  const { createdAt, id } = doNotCallNumbers
  return db
    .select()
    .from(doNotCallNumbers)
    .where(
      and(
        eq(doNotCallNumbers.organizationId, organizationId),
        search ? sql`position(${search} in ${doNotCallNumbers.e164}) > 0` : undefined,
        before && sql`(${createdAt}, ${id}) < (${before.at}, ${before.id}::uuid)`,
      ),
    )
    .orderBy(desc(createdAt), desc(id))
    .limit(limit)
}
