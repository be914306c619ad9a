import { sql } from 'drizzle-orm'
import { bigint, index, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import { moment, platformPolicies } from './tenancy.ts'

/** One row a webhook arrival of any vendor: what makes a second delivery change nothing. */
export const webhookDeliveries = pgTable.withRLS(
  'webhook_deliveries',
  {
    vendor: text('vendor', { enum: ['twilio', 'elevenlabs', 'clerk', 'stripe'] }).notNull(),
    deliveryId: text('delivery_id').notNull(),
    kind: text('kind').notNull(),
    /** Ids only. */
    subject: jsonb('subject').$type<Record<string, string>>().notNull().default({}),
    receivedAt: moment('received_at').notNull().defaultNow(),
    handledAt: moment('handled_at'),
    attempts: bigint('attempts', { mode: 'number' }).notNull().default(1),
    outcome: text('outcome'),
  },
  (t) => [
    primaryKey({ columns: [t.vendor, t.deliveryId] }),
    index('webhook_deliveries_newest').on(t.receivedAt, t.deliveryId),
    index('webhook_deliveries_newest_by_vendor').on(t.vendor, t.receivedAt),
    index('webhook_deliveries_open').on(t.vendor, t.receivedAt).where(sql`handled_at is null`),
    ...platformPolicies('webhook_deliveries'),
  ],
)

/** Arrivals that were refused: who claimed to send, and why we did not believe it. Bodies are never kept. */
export const webhookRejections = pgTable.withRLS(
  'webhook_rejections',
  {
    id: uuid('id').primaryKey(),
    vendor: text('vendor', { enum: ['twilio', 'elevenlabs', 'clerk', 'stripe'] }).notNull(),
    reason: text('reason').notNull(),
    bodyBytes: bigint('body_bytes', { mode: 'number' }).notNull(),
    at: moment('at').notNull().defaultNow(),
  },
  (t) => [
    index('webhook_rejections_newest').on(t.at, t.id),
    ...platformPolicies('webhook_rejections'),
  ],
)
