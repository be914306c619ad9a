import { bigint, jsonb, pgTable, primaryKey, text } from 'drizzle-orm/pg-core'
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
    ...platformPolicies('webhook_deliveries'),
  ],
)
