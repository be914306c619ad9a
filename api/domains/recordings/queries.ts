import { and, eq, isNull } from 'drizzle-orm'
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
