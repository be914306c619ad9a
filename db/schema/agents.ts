import { sql } from 'drizzle-orm'
import { check, foreignKey, integer, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import { organizations } from './organizations.ts'
import { moment, organizationId, tenantPolicies } from './tenancy.ts'

export const agents = pgTable.withRLS(
  'agents',
  {
    organizationId: organizationId(),
    id: uuid('id').notNull(),
    name: text('name').notNull(),
    prompt: text('prompt').notNull(),
    firstMessage: text('first_message').notNull(),
    language: text('language').notNull().default('en'),
    voiceId: text('voice_id').notNull(),
    maxDurationSeconds: integer('max_duration_seconds').notNull().default(3600),
    elevenLabsAgentId: text('elevenlabs_agent_id'),
    syncState: text('sync_state', { enum: ['pending', 'in_sync', 'failed'] })
      .notNull()
      .default('pending'),
    createdAt: moment('created_at').notNull().defaultNow(),
    archivedAt: moment('archived_at'),
  },
  (t) => [
    primaryKey({ columns: [t.organizationId, t.id] }),
    foreignKey({ columns: [t.organizationId], foreignColumns: [organizations.id] }),
    // Four hours is the longest call (THREATS X-call).
    check('agents_duration_bounded', sql`${t.maxDurationSeconds} between 60 and 14400`),
    ...tenantPolicies('agents'),
  ],
)
