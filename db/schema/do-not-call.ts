import { sql } from 'drizzle-orm'
import {
  check,
  foreignKey,
  index,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import { organizations } from './organizations.ts'
import { moment, organizationId, tenantPolicies } from './tenancy.ts'

/** Numbers an organization calls no more, because somebody there said so. */
export const doNotCallNumbers = pgTable.withRLS(
  'do_not_call_numbers',
  {
    organizationId: organizationId(),
    id: uuid('id').notNull(),
    e164: text('e164').notNull(),
    note: text('note').notNull().default(''),
    /** Who put it there. */
    actorId: text('actor_id'),
    createdAt: moment('created_at').notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.organizationId, t.id] }),
    uniqueIndex('do_not_call_once_per_number').on(t.organizationId, t.e164),
    index('do_not_call_newest').on(t.organizationId, t.createdAt, t.id),
    foreignKey({ columns: [t.organizationId], foreignColumns: [organizations.id] }),
    check('do_not_call_e164', sql`${t.e164} ~ '^\\+[1-9][0-9]{6,14}$'`),
    ...tenantPolicies('do_not_call_numbers'),
  ],
)
