import { sql } from 'drizzle-orm'
import {
  bigint,
  boolean,
  check,
  foreignKey,
  integer,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import { calls } from './calls.ts'
import { moment, organizationId, tenantPolicies } from './tenancy.ts'

export const recordings = pgTable.withRLS(
  'recordings',
  {
    organizationId: organizationId(),
    id: uuid('id').notNull(),
    callId: uuid('call_id').notNull(),
    storageKey: text('storage_key').notNull(),
    tapeKey: text('tape_key').notNull(),
    peaksKey: text('peaks_key').notNull(),
    sha256: text('sha256').notNull(),
    sizeBytes: bigint('size_bytes', { mode: 'number' }).notNull(),
    durationMs: integer('duration_ms').notNull(),
    /** Pieces of the call that were not kept: the sound has holes there. */
    lostRecords: integer('lost_records').notNull().default(0),
    /** The gateway ended before the call did: the last moments may be missing. */
    isTorn: boolean('is_torn').notNull().default(false),
    storedAt: moment('stored_at').notNull().defaultNow(),
    deletedAt: moment('deleted_at'),
  },
  (t) => [
    primaryKey({ columns: [t.organizationId, t.id] }),
    uniqueIndex('recordings_once_per_call').on(t.organizationId, t.callId),
    foreignKey({
      columns: [t.organizationId, t.callId],
      foreignColumns: [calls.organizationId, calls.id],
    }),
    check('recordings_lost_records_not_negative', sql`${t.lostRecords} >= 0`),
    check('recordings_sha256', sql`${t.sha256} ~ '^[0-9a-f]{64}$'`),
    ...tenantPolicies('recordings'),
  ],
)
