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

/** Appends turns that a dead gateway had kept on disk, after those that were stored. */
export async function appendTurns(db: Db, turns: readonly NewTurn[]): Promise<void> {
  const [first] = turns
  if (!first) return
  const [row] = await db
    .select({ last: sql<number>`coalesce(max(${transcriptTurns.seq}), -1)::int` })
    .from(transcriptTurns)
    .where(
      and(
        eq(transcriptTurns.organizationId, first.organizationId),
        eq(transcriptTurns.callId, first.callId),
      ),
    )
  const last = row?.last ?? -1
  await db
    .insert(transcriptTurns)
    .values(turns.map((turn, index) => ({ ...turn, seq: last + 1 + index })))
}

/** Which of these turns are stored already, by what was said when. */
export async function findStoredTurns(
  db: Db,
  organizationId: string,
  callId: string,
): Promise<Set<string>> {
  const rows = await db
    .select({
      speaker: transcriptTurns.speaker,
      startMs: transcriptTurns.startMs,
      text: transcriptTurns.text,
    })
    .from(transcriptTurns)
    .where(
      and(eq(transcriptTurns.organizationId, organizationId), eq(transcriptTurns.callId, callId)),
    )
  return new Set(rows.map((row) => `${row.speaker}:${row.startMs}:${row.text}`))
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
