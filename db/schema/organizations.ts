import { sql } from 'drizzle-orm'
import { boolean, check, integer, pgPolicy, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { moment, platformRole } from './tenancy.ts'

export const organizations = pgTable.withRLS(
  'organizations',
  {
    id: uuid('id').primaryKey(),
    name: text('name').notNull(),
    timeZone: text('time_zone').notNull().default('UTC'),
    status: text('status', { enum: ['active', 'paused', 'archived'] })
      .notNull()
      .default('active'),
    statusChangedAt: moment('status_changed_at').notNull().defaultNow(),
    announcementEnabled: boolean('announcement_enabled').notNull().default(true),
    announcementText: text('announcement_text').notNull().default('This call may be recorded.'),
    recordingRetentionDays: integer('recording_retention_days').notNull().default(90),
    transcriptRetentionDays: integer('transcript_retention_days').notNull().default(365),
    maxConcurrentCalls: integer('max_concurrent_calls').notNull().default(100),
    createdAt: moment('created_at').notNull().defaultNow(),
  },
  (t) => [
    check('organizations_name_not_blank', sql`length(btrim(${t.name})) between 1 and 120`),
    check('organizations_status_known', sql`${t.status} in ('active', 'paused', 'archived')`),
    pgPolicy('organizations_own', {
      using: sql`id = (select nullif(current_setting('app.organization_id', true), '')::uuid)`,
    }),
    pgPolicy('organizations_platform_reads', { for: 'select', to: platformRole, using: sql`true` }),
  ],
)
