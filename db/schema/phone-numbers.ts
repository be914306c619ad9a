import { sql } from 'drizzle-orm'
import {
  check,
  foreignKey,
  integer,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import { agents } from './agents.ts'
import { organizations } from './organizations.ts'
import { moment, organizationId, tenantPolicies } from './tenancy.ts'

export const phoneNumbers = pgTable.withRLS(
  'phone_numbers',
  {
    organizationId: organizationId(),
    id: uuid('id').notNull(),
    e164: text('e164').notNull(),
    label: text('label').notNull().default(''),
    route: text('route', { enum: ['gateway', 'registered', 'native'] })
      .notNull()
      .default('gateway'),
    agentId: uuid('agent_id'),
    twilioNumberSid: text('twilio_number_sid'),
    /** The account that owns the number: its token signs the number's webhooks. */
    twilioAccountSid: text('twilio_account_sid').notNull(),
    maxConcurrentCalls: integer('max_concurrent_calls').notNull().default(50),
    createdAt: moment('created_at').notNull().defaultNow(),
    releasedAt: moment('released_at'),
  },
  (t) => [
    primaryKey({ columns: [t.organizationId, t.id] }),
    // One owner a number across the platform: an incoming call must name one organization.
    uniqueIndex('phone_numbers_one_owner').on(t.e164).where(sql`released_at is null`),
    foreignKey({ columns: [t.organizationId], foreignColumns: [organizations.id] }),
    foreignKey({
      columns: [t.organizationId, t.agentId],
      foreignColumns: [agents.organizationId, agents.id],
    }),
    check('phone_numbers_e164', sql`${t.e164} ~ '^\\+[1-9][0-9]{1,14}$'`),
    check('phone_numbers_route_known', sql`${t.route} in ('gateway', 'registered', 'native')`),
    ...tenantPolicies('phone_numbers'),
  ],
)
