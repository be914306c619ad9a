import { and, desc, eq, ilike, ne, sql } from 'drizzle-orm'
import type { Position } from '#api/core/cursor.ts'
import type { Db } from '#db/client.ts'
import { competitors } from '#db/schema/competitors.ts'

export type CompetitorRow = typeof competitors.$inferSelect

/** Additions of one organization come one after another, so that each counts the others. */
export async function countForAddition(db: Db, organizationId: string): Promise<number> {
  await db.execute(
    sql`select pg_advisory_xact_lock(hashtextextended(${`competitors:${organizationId}`}, 0))`,
  )
  return db.$count(competitors, eq(competitors.organizationId, organizationId))
}

/** Undefined where the name is taken. */
export async function insertCompetitor(
  db: Db,
  competitor: typeof competitors.$inferInsert,
): Promise<CompetitorRow | undefined> {
  const [row] = await db.insert(competitors).values(competitor).onConflictDoNothing().returning()
  return row
}

export async function findCompetitor(
  db: Db,
  organizationId: string,
  id: string,
): Promise<CompetitorRow | undefined> {
  const [row] = await db.select().from(competitors).where(one(organizationId, id))
  return row
}

export async function lockCompetitor(
  db: Db,
  organizationId: string,
  id: string,
): Promise<CompetitorRow | undefined> {
  const [row] = await db.select().from(competitors).where(one(organizationId, id)).for('update')
  return row
}

/** Whether another one has the name, whatever its case. */
export async function isNameTaken(
  db: Db,
  organizationId: string,
  name: string,
  besides: string,
): Promise<boolean> {
  const [row] = await db
    .select({ id: competitors.id })
    .from(competitors)
    .where(
      and(
        eq(competitors.organizationId, organizationId),
        sql`lower(${competitors.name}) = lower(${name})`,
        ne(competitors.id, besides),
      ),
    )
  return row !== undefined
}

export async function updateCompetitor(
  db: Db,
  organizationId: string,
  id: string,
  change: Partial<CompetitorRow>,
): Promise<CompetitorRow> {
  const [row] = await db.update(competitors).set(change).where(one(organizationId, id)).returning()
  if (!row) throw new Error('a locked competitor was not found again')
  return row
}

export async function deleteCompetitor(
  db: Db,
  organizationId: string,
  id: string,
): Promise<boolean> {
  const rows = await db
    .delete(competitors)
    .where(one(organizationId, id))
    .returning({ id: competitors.id })
  return rows.length > 0
}

export function listCompetitors(
  db: Db,
  organizationId: string,
  page: { before: Position | undefined; limit: number; search: string | undefined },
): Promise<CompetitorRow[]> {
  const { before, limit, search } = page
  return db
    .select()
    .from(competitors)
    .where(
      and(
        eq(competitors.organizationId, organizationId),
        search ? ilike(competitors.name, `%${escapeLike(search)}%`) : undefined,
        before && sql`(${competitors.createdAt}, ${competitors.id}) < (${before.at}, ${before.id})`,
      ),
    )
    .orderBy(desc(competitors.createdAt), desc(competitors.id))
    .limit(limit)
}

const one = (organizationId: string, id: string) =>
  and(eq(competitors.organizationId, organizationId), eq(competitors.id, id))
const escapeLike = (text: string): string => text.replaceAll(/[\\%_]/g, '\\$&')
