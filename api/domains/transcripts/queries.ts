import { and, asc, eq, sql } from 'drizzle-orm'
import type { Db } from '#db/client.ts'
import { transcriptTurns } from '#db/schema/transcripts.ts'

export type NewTurn = typeof transcriptTurns.$inferInsert

/** Writes turns by their number; a later write of a number is a correction of what was said or heard. */
export async function upsertTurns(db: Db, turns: readonly NewTurn[]): Promise<void> {
  if (turns.length === 0) return
  const { organizationId, callId, seq, at } = transcriptTurns
  await db
    .insert(transcriptTurns)
    .values([...turns])
    .onConflictDoUpdate({
      target: [organizationId, callId, seq, at],
      set: {
        text: sql`excluded.text`,
        heard: sql`excluded.heard`,
        heardText: sql`excluded.heard_text`,
        startMs: sql`excluded.start_ms`,
        endMs: sql`excluded.end_ms`,
      },
    })
}

export async function listTurns(db: Db, organizationId: string, callId: string, limit: number) {
  return await db
    .select()
    .from(transcriptTurns)
    .where(
      and(eq(transcriptTurns.organizationId, organizationId), eq(transcriptTurns.callId, callId)),
    )
    .orderBy(asc(transcriptTurns.seq))
    .limit(limit)
}
