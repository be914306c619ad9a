import { sql } from 'drizzle-orm'
import { check, pgTable, primaryKey, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { users } from './access.ts'
import { organizations } from './organizations.ts'
import { moment, organizationId, tenantPolicies } from './tenancy.ts'

export const memberships = pgTable.withRLS(
  'memberships',
  {
    organizationId: organizationId().references(() => organizations.id),
    id: uuid('id').notNull(),
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id),
    /** Copies of the user's, so that a tenant can list its people without reading the users table. */
    name: text('name').notNull().default(''),
    email: text('email').notNull().default(''),
    role: text('role', { enum: ['admin', 'org_manager', 'sales_person'] }).notNull(),
    joinedAt: moment('joined_at').notNull().defaultNow(),
    /** To the hour, so that reading costs no write a request. */
    seenAt: moment('seen_at'),
  },
  (t) => [
    primaryKey({ columns: [t.organizationId, t.id] }),
    // A user belongs to at most one organization (SPEC 1).
    uniqueIndex('memberships_one_organization_per_user').on(t.userId),
    uniqueIndex('memberships_user_in_organization').on(t.organizationId, t.userId),
    check('memberships_role_known', sql`${t.role} in ('admin', 'org_manager', 'sales_person')`),
    ...tenantPolicies('memberships'),
  ],
)
