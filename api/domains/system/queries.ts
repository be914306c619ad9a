import { and, desc, inArray, lte } from 'drizzle-orm'
import type { Db } from '#db/client.ts'
import { systemSettings } from '#db/schema/system.ts'

/** For each key the newest value that is in force at `at`. */
export const effectiveSettings = (
  db: Db,
  keys: readonly string[],
  at: Date,
): Promise<{ key: string; value: unknown }[]> =>
  db
    .selectDistinctOn([systemSettings.key], {
      key: systemSettings.key,
      value: systemSettings.value,
    })
    .from(systemSettings)
    .where(and(inArray(systemSettings.key, [...keys]), lte(systemSettings.effectiveFrom, at)))
    .orderBy(
      systemSettings.key,
      desc(systemSettings.effectiveFrom),
      desc(systemSettings.createdAt),
      desc(systemSettings.id),
    )

export async function insertSetting(
  db: Db,
  setting: typeof systemSettings.$inferInsert,
): Promise<void> {
  await db.insert(systemSettings).values(setting)
}
