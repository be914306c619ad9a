import { sql } from 'drizzle-orm'
import {
  bigint,
  check,
  index,
  jsonb,
  pgTable,
  primaryKey,
  smallint,
  text,
  uuid,
} from 'drizzle-orm/pg-core'
import { moment, organizationId, platformPolicies, tenantPolicies } from './tenancy.ts'

/** The head of each organization's chain; its row lock puts entries in order. */
export const auditHeads = pgTable.withRLS(
  'audit_heads',
  {
    organizationId: organizationId().primaryKey(),
    sequence: bigint('sequence', { mode: 'number' }).notNull().default(0),
    hash: text('hash').notNull(),
  },
  () => tenantPolicies('audit_heads'),
)

export const auditEntries = pgTable.withRLS(
  'audit_entries',
  {
    organizationId: organizationId(),
    sequence: bigint('sequence', { mode: 'number' }).notNull(),
    id: uuid('id').notNull(),
    at: moment('at').notNull(),
    actorKind: text('actor_kind').notNull(),
    actorId: text('actor_id'),
    action: text('action').notNull(),
    subject: text('subject').notNull(),
    before: jsonb('before'),
    after: jsonb('after'),
    previousHash: text('previous_hash').notNull(),
    hash: text('hash').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.organizationId, t.sequence] }),
    index('audit_entries_by_subject').on(t.organizationId, t.subject, t.sequence),
    index('audit_entries_by_actor').on(t.organizationId, t.actorId, t.sequence),
    ...tenantPolicies('audit_entries'),
  ],
)

/** The platform's own chain: settings, prices, roles. One row, whose lock puts entries in order. */
export const platformAuditHead = pgTable.withRLS(
  'platform_audit_head',
  {
    id: smallint('id').primaryKey().default(1),
    sequence: bigint('sequence', { mode: 'number' }).notNull().default(0),
    hash: text('hash').notNull(),
  },
  (t) => [
    check('platform_audit_head_one_row', sql`${t.id} = 1`),
    ...platformPolicies('platform_audit_head'),
  ],
)

export const platformAuditEntries = pgTable.withRLS(
  'platform_audit_entries',
  {
    sequence: bigint('sequence', { mode: 'number' }).primaryKey(),
    id: uuid('id').notNull(),
    at: moment('at').notNull(),
    actorKind: text('actor_kind').notNull(),
    actorId: text('actor_id'),
    action: text('action').notNull(),
    subject: text('subject').notNull(),
    before: jsonb('before'),
    after: jsonb('after'),
    previousHash: text('previous_hash').notNull(),
    hash: text('hash').notNull(),
  },
  () => platformPolicies('platform_audit_entries'),
)
