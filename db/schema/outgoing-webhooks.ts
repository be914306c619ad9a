import { sql } from 'drizzle-orm'
import {
  check,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  unique,
  uuid,
} from 'drizzle-orm/pg-core'
import { organizations } from './organizations.ts'
import { moment, organizationId, tenantPolicies } from './tenancy.ts'

/** Where an organization wants to be told of its events. */
export const webhookEndpoints = pgTable.withRLS(
  'webhook_endpoints',
  {
    organizationId: organizationId(),
    id: uuid('id').notNull(),
    url: text('url').notNull(),
    events: text('events').array().notNull(),
    /** The signing secret in the secret format. */
    secret: text('secret').notNull(),
    secretLastFour: text('secret_last_four').notNull(),
    state: text('state', { enum: ['active', 'disabled'] })
      .notNull()
      .default('active'),
    /** Why it is disabled: by hand, or after days of failures. */
    disabledReason: text('disabled_reason'),
    /** Failures since the last success. */
    failures: integer('failures').notNull().default(0),
    failingSince: moment('failing_since'),
    createdAt: moment('created_at').notNull().defaultNow(),
    deletedAt: moment('deleted_at'),
  },
  (t) => [
    primaryKey({ columns: [t.organizationId, t.id] }),
    foreignKey({ columns: [t.organizationId], foreignColumns: [organizations.id] }),
    check('webhook_endpoints_state_known', sql`${t.state} in ('active', 'disabled')`),
    ...tenantPolicies('webhook_endpoints'),
  ],
)

/** One event for one endpoint: its delivery log and its retries. */
export const webhookMessages = pgTable.withRLS(
  'webhook_messages',
  {
    organizationId: organizationId(),
    id: uuid('id').notNull(),
    endpointId: uuid('endpoint_id').notNull(),
    /** What happened, once: the same for every endpoint that hears of it, and for its replays. */
    eventId: text('event_id').notNull(),
    event: text('event').notNull(),
    payload: jsonb('payload').$type<Record<string, unknown>>().notNull(),
    state: text('state', { enum: ['waiting', 'delivered', 'failed'] })
      .notNull()
      .default('waiting'),
    attempts: integer('attempts').notNull().default(0),
    /** HTTP status of the newest attempt, where there was an answer. */
    lastStatus: integer('last_status'),
    /** Why the newest attempt failed: a code of ours. */
    lastError: text('last_error'),
    createdAt: moment('created_at').notNull().defaultNow(),
    attemptedAt: moment('attempted_at'),
    nextAttemptAt: moment('next_attempt_at'),
    deliveredAt: moment('delivered_at'),
  },
  (t) => [
    primaryKey({ columns: [t.organizationId, t.id] }),
    unique('webhook_messages_once_per_event').on(t.organizationId, t.endpointId, t.eventId),
    index('webhook_messages_of_endpoint').on(t.organizationId, t.endpointId, t.createdAt, t.id),
    index('webhook_messages_due').on(t.nextAttemptAt).where(sql`state = 'waiting'`),
    foreignKey({
      columns: [t.organizationId, t.endpointId],
      foreignColumns: [webhookEndpoints.organizationId, webhookEndpoints.id],
    }),
    check('webhook_messages_state_known', sql`${t.state} in ('waiting', 'delivered', 'failed')`),
    ...tenantPolicies('webhook_messages'),
  ],
)
