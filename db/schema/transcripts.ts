import { sql } from 'drizzle-orm'
import { check, index, integer, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import { moment, organizationId, tenantPolicies } from './tenancy.ts'

export const speakers = ['customer', 'agent', 'rep'] as const
export const hearings = ['heard', 'cut', 'never_played'] as const

/** One speaker's stretch of a call. Partitioned by month of `at` (migration). */
export const transcriptTurns = pgTable.withRLS(
  'transcript_turns',
  {
    organizationId: organizationId(),
    id: uuid('id').notNull(),
    callId: uuid('call_id').notNull(),
    /** When the call was created: one partition holds one call, and a repeated write finds its row. */
    at: moment('at').notNull(),
    seq: integer('seq').notNull(),
    speaker: text('speaker', { enum: speakers }).notNull(),
    text: text('text').notNull(),
    /** What the other side really heard of it. */
    heard: text('heard', { enum: hearings }).notNull(),
    heardText: text('heard_text'),
    startMs: integer('start_ms').notNull(),
    endMs: integer('end_ms').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.organizationId, t.callId, t.seq, t.at] }),
    index('transcript_turns_of_call').on(t.organizationId, t.callId, t.seq),
    check('transcript_turns_time_order', sql`${t.endMs} >= ${t.startMs} and ${t.startMs} >= 0`),
    ...tenantPolicies('transcript_turns'),
  ],
)
