import { integer, jsonb, pgTable, primaryKey, text } from 'drizzle-orm/pg-core'
import { moment, organizationId, tenantPolicies } from './tenancy.ts'

/** First answers by client key (THREATS T9), written in the transaction of their effect. */
export const idempotencyKeys = pgTable.withRLS(
  'idempotency_keys',
  {
    organizationId: organizationId(),
    /** The user or API key that asked. */
    actorId: text('actor_id').notNull(),
    /** Method and path of the endpoint. */
    operation: text('operation').notNull(),
    key: text('key').notNull(),
    requestHash: text('request_hash').notNull(),
    status: integer('status').notNull(),
    answer: jsonb('answer'),
    createdAt: moment('created_at').notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.organizationId, t.actorId, t.operation, t.key] }),
    ...tenantPolicies('idempotency_keys'),
  ],
)
