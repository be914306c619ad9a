import { and, asc, eq, gt, isNull } from 'drizzle-orm'
import type { Db } from '#db/client.ts'
import { recordings } from '#db/schema/recordings.ts'

export type RecordingRow = typeof recordings.$inferSelect

export async function insertRecording(
  db: Db,
  recording: typeof recordings.$inferInsert,
): Promise<RecordingRow | undefined> {
  const [row] = await db.insert(recordings).values(recording).onConflictDoNothing().returning()
  return row
}

export async function findRecording(db: Db, organizationId: string, callId: string) {
  const [row] = await db
    .select()
    .from(recordings)
    .where(
      and(
        eq(recordings.organizationId, organizationId),
        eq(recordings.callId, callId),
        isNull(recordings.deletedAt),
      ),
    )
  return row
}

export type StoredRow = Awaited<ReturnType<typeof listStored>>[number]

/** Platform role: all that should stand in the object store, a page at a time. */
export async function listStored(db: Db, page: { after: string | null; limit: number }) {
  return await db
    .select({
      organizationId: recordings.organizationId,
      callId: recordings.callId,
      id: recordings.id,
      storageKey: recordings.storageKey,
      sizeBytes: recordings.sizeBytes,
      sha256: recordings.sha256,
    })
    .from(recordings)
    .where(
      and(isNull(recordings.deletedAt), page.after ? gt(recordings.id, page.after) : undefined),
    )
    .orderBy(asc(recordings.id))
    .limit(page.limit)
}
