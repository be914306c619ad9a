import { sql } from 'drizzle-orm'
import type { Db } from './client.ts'

/** Until the transaction ends nobody else adds such things to the organization, so each counts the others. */
export async function lockAdditions(db: Db, what: string, organizationId: string): Promise<void> {
  await db.execute(
    sql`select pg_advisory_xact_lock(hashtextextended(${`${what}:${organizationId}`}, 0))`,
  )
}
