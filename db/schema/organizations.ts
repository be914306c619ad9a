import { sql } from 'drizzle-orm'
import { boolean, check, index, integer, pgPolicy, pgTable, text, uuid } from 'drizzle-orm/pg-core'
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
    /** ISO 3166 codes that outbound calls may go to; empty means the platform's default. */
    allowedCountries: text('allowed_countries').array().notNull().default([]),
    /** A rep sees the analysis of a call before the manager does. */
    repSeesAnalysisFirst: boolean('rep_sees_analysis_first').notNull().default(false),
    /** Who is told of low balances and failures, beside the admins. */
    notificationEmails: text('notification_emails').array().notNull().default([]),
    /** Why the organization is paused or archived, in an operator's words. */
    statusReason: text('status_reason'),
    createdAt: moment('created_at').notNull().defaultNow(),
  },
  (t) => [
    check('organizations_name_not_blank', sql`length(btrim(${t.name})) between 1 and 120`),
    check(
      'organizations_retention_bounded',
      sql`${t.recordingRetentionDays} between 1 and 3650 and ${t.transcriptRetentionDays} between 1 and 3650`,
    ),
    check('organizations_concurrency_bounded', sql`${t.maxConcurrentCalls} between 1 and 10000`),
    index('organizations_newest').on(t.createdAt, t.id),
    check('organizations_status_known', sql`${t.status} in ('active', 'paused', 'archived')`),
    pgPolicy('organizations_own', {
      using: sql`id = (select nullif(current_setting('app.organization_id', true), '')::uuid)`,
    }),
    pgPolicy('organizations_platform_reads', { for: 'select', to: platformRole, using: sql`true` }),
  ],
)
