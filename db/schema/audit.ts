import { bigint, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import { moment, organizationId, tenantPolicies } from './tenancy.ts'

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
    ...tenantPolicies('audit_entries'),
  ],
)
