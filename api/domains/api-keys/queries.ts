import { and, desc, eq, isNull, lt, or, sql } from 'drizzle-orm'
import type { FeatureFlag } from '#api/contract/features.ts'
import type { Position } from '#api/core/cursor.ts'
import type { Db } from '#db/client.ts'
import { apiKeys } from '#db/schema/api-keys.ts'
import { organizations } from '#db/schema/organizations.ts'
import { featureFlags } from '#db/schema/system.ts'

export type ApiKeyRow = typeof apiKeys.$inferSelect

export async function insertKey(db: Db, key: typeof apiKeys.$inferInsert): Promise<ApiKeyRow> {
  const [row] = await db.insert(apiKeys).values(key).returning()
  if (!row) throw new Error('an insert returned no row')
  return row
}

export const listKeys = (
  db: Db,
  organizationId: string,
  page: { limit: number; before: Position | undefined },
): Promise<ApiKeyRow[]> =>
  db
    .select()
    .from(apiKeys)
    .where(
      and(
        eq(apiKeys.organizationId, organizationId),
        page.before &&
          or(
            lt(apiKeys.createdAt, page.before.at),
            and(eq(apiKeys.createdAt, page.before.at), lt(apiKeys.id, page.before.id)),
          ),
      ),
    )
    .orderBy(desc(apiKeys.createdAt), desc(apiKeys.id))
    .limit(page.limit)

export async function findKey(
  db: Db,
  organizationId: string,
  keyId: string,
): Promise<ApiKeyRow | undefined> {
  const [row] = await db
    .select()
    .from(apiKeys)
    .where(and(eq(apiKeys.organizationId, organizationId), eq(apiKeys.id, keyId)))
  return row
}

/** Undefined where the key is revoked already or is not there. */
export async function revoke(
  db: Db,
  organizationId: string,
  keyId: string,
  at: Date,
): Promise<ApiKeyRow | undefined> {
  const [row] = await db
    .update(apiKeys)
    .set({ revokedAt: at })
    .where(
      and(
        eq(apiKeys.organizationId, organizationId),
        eq(apiKeys.id, keyId),
        isNull(apiKeys.revokedAt),
      ),
    )
    .returning()
  return row
}

/** Everything a request must know about a program, in one statement; under the platform's role only. */
export async function findForRequest(db: Db, keyId: string) {
  const [row] = await db
    .select({
      keyId: apiKeys.id,
      organizationId: apiKeys.organizationId,
      secretHash: apiKeys.secretHash,
      permissions: apiKeys.permissions,
      organizationStatus: organizations.status,
      // By the database's clock, the same for every process.
      isUsable: sql<boolean>`${apiKeys.revokedAt} is null and coalesce(${apiKeys.expiresAt} > now(), true)`,
      isUseNoted: sql<boolean>`coalesce(${apiKeys.lastUsedAt} > now() - interval '1 minute', false)`,
      featuresOff: sql<FeatureFlag[]>`array(
        select ${featureFlags.flag} from ${featureFlags}
         where ${featureFlags.organizationId} = ${apiKeys.organizationId} and not ${featureFlags.enabled})`,
    })
    .from(apiKeys)
    .innerJoin(organizations, eq(organizations.id, apiKeys.organizationId))
    .where(eq(apiKeys.id, keyId))
  return row
}

/** At most once a minute, whatever many requests find at once. */
export async function noteUse(db: Db, organizationId: string, keyId: string): Promise<void> {
  await db
    .update(apiKeys)
    .set({ lastUsedAt: sql`date_trunc('minute', now())` })
    .where(
      and(
        eq(apiKeys.organizationId, organizationId),
        eq(apiKeys.id, keyId),
        sql`${apiKeys.lastUsedAt} is distinct from date_trunc('minute', now())`,
      ),
    )
}
