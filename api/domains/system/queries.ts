import { and, asc, desc, eq, inArray, lte, ne, sql } from 'drizzle-orm'
import type { Db } from '#db/client.ts'
import { organizations } from '#db/schema/organizations.ts'
import { featureFlags, systemSettings } from '#db/schema/system.ts'

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

/** Changes of one setting come one after another, so that each tells what it found. */
export async function lockSetting(db: Db, key: string): Promise<void> {
  await db.execute(sql`select pg_advisory_xact_lock(hashtext('system.setting'), hashtext(${key}))`)
}

export async function insertSetting(
  db: Db,
  setting: typeof systemSettings.$inferInsert,
): Promise<void> {
  await db.insert(systemSettings).values(setting)
}

export type SettingVersion = Awaited<ReturnType<typeof listVersions>>[number]

/** Of each key the newest `limit` values, those to come included, newest first. */
export function listVersions(db: Db, keys: readonly string[], limit: number) {
  const newestFirst = [
    desc(systemSettings.effectiveFrom),
    desc(systemSettings.createdAt),
    desc(systemSettings.id),
  ]
  const placed = db
    .select({
      key: systemSettings.key,
      value: systemSettings.value,
      effectiveFrom: systemSettings.effectiveFrom,
      reason: systemSettings.reason,
      actorId: systemSettings.actorId,
      createdAt: systemSettings.createdAt,
      place:
        sql<number>`row_number() over (partition by ${systemSettings.key} order by ${sql.join(newestFirst, sql`, `)})`.as(
          'place',
        ),
    })
    .from(systemSettings)
    .where(inArray(systemSettings.key, [...keys]))
    .as('placed')
  return db
    .select({
      key: placed.key,
      value: placed.value,
      effectiveFrom: placed.effectiveFrom,
      reason: placed.reason,
      actorId: placed.actorId,
      createdAt: placed.createdAt,
    })
    .from(placed)
    .where(lte(placed.place, limit))
    .orderBy(asc(placed.key), asc(placed.place))
}

export type FlagRow = typeof featureFlags.$inferSelect

export const listFlags = (db: Db, organizationId: string): Promise<FlagRow[]> =>
  db.select().from(featureFlags).where(eq(featureFlags.organizationId, organizationId))

export async function isSwitchedOff(
  db: Db,
  organizationId: string,
  flag: string,
): Promise<boolean> {
  const [row] = await db
    .select({ enabled: featureFlags.enabled })
    .from(featureFlags)
    .where(and(eq(featureFlags.organizationId, organizationId), eq(featureFlags.flag, flag)))
  return row?.enabled === false
}

/** Undefined where the flag stood so already. */
export async function switchFlag(db: Db, flag: FlagRow): Promise<FlagRow | undefined> {
  const { organizationId: _organization, flag: _flag, ...set } = flag
  const [row] = await db
    .insert(featureFlags)
    .values(flag)
    .onConflictDoUpdate({
      target: [featureFlags.organizationId, featureFlags.flag],
      set,
      setWhere: ne(featureFlags.enabled, flag.enabled),
    })
    .returning()
  return row
}

export async function isOrganization(db: Db, organizationId: string): Promise<boolean> {
  const [row] = await db
    .select({ id: organizations.id })
    .from(organizations)
    .where(eq(organizations.id, organizationId))
  return row !== undefined
}
