import { and, desc, eq, notLike, sql } from 'drizzle-orm'
import type { Db } from '#db/client.ts'
import { dataKeys } from '#db/schema/secrets.ts'

export type DataKeyRow = typeof dataKeys.$inferSelect

export async function findNewest(db: Db, organizationId: string): Promise<DataKeyRow | undefined> {
  const [row] = await db
    .select()
    .from(dataKeys)
    .where(eq(dataKeys.organizationId, organizationId))
    .orderBy(desc(dataKeys.createdAt), desc(dataKeys.id))
    .limit(1)
  return row
}

export async function findById(
  db: Db,
  organizationId: string,
  id: string,
): Promise<DataKeyRow | undefined> {
  const [row] = await db
    .select()
    .from(dataKeys)
    .where(and(eq(dataKeys.organizationId, organizationId), eq(dataKeys.id, id)))
  return row
}

export async function insert(
  db: Db,
  key: { organizationId: string; id: string; wrapped: string; createdAt: Date },
): Promise<void> {
  await db.insert(dataKeys).values(key)
}

/** Keys wrapped by another key-encryption key than the one in use, over all tenants: under the platform's role. */
export const listWrappedOtherwise = (
  db: Db,
  currentKeyId: string,
  limit: number,
): Promise<{ organizationId: string; id: string }[]> =>
  db
    .select({ organizationId: dataKeys.organizationId, id: dataKeys.id })
    .from(dataKeys)
    .where(notLike(dataKeys.wrapped, `v1.${currentKeyId.replaceAll('_', '\\_')}.%`))
    .orderBy(dataKeys.organizationId, dataKeys.id)
    .limit(limit)

/** Replaces the wrapping if nobody else did meanwhile. */
export async function rewrap(
  db: Db,
  change: { organizationId: string; id: string; from: string; to: string },
): Promise<boolean> {
  const rows = await db
    .update(dataKeys)
    .set({ wrapped: change.to, rewrappedAt: sql`now()` })
    .where(
      and(
        eq(dataKeys.organizationId, change.organizationId),
        eq(dataKeys.id, change.id),
        eq(dataKeys.wrapped, change.from),
      ),
    )
    .returning({ id: dataKeys.id })
  return rows.length > 0
}
