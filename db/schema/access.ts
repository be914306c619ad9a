import { sql } from 'drizzle-orm'
import { boolean, check, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { moment, platformPolicies } from './tenancy.ts'

/** People, known to us at first sight or by Clerk's webhook. No tenant: reached by the platform role only. */
export const users = pgTable.withRLS(
  'users',
  {
    id: uuid('id').primaryKey(),
    clerkUserId: text('clerk_user_id').notNull(),
    email: text('email').notNull(),
    emailVerified: boolean('email_verified').notNull().default(false),
    name: text('name').notNull().default(''),
    createdAt: moment('created_at').notNull().defaultNow(),
    seenAt: moment('seen_at').notNull().defaultNow(),
    deletedAt: moment('deleted_at'),
    /** Clerk's own time of what stands here, so that older news never overwrites newer. */
    clerkUpdatedAt: moment('clerk_updated_at'),
  },
  (t) => [uniqueIndex('users_once_per_clerk_user').on(t.clerkUserId), ...platformPolicies('users')],
)

export const platformAdmins = pgTable.withRLS(
  'platform_admins',
  {
    userId: uuid('user_id')
      .primaryKey()
      .references(() => users.id),
    role: text('role', { enum: ['super_admin', 'manager'] }).notNull(),
    grantedByUserId: uuid('granted_by_user_id').references(() => users.id),
    grantedAt: moment('granted_at').notNull().defaultNow(),
  },
  (t) => [
    check('platform_admins_role_known', sql`${t.role} in ('super_admin', 'manager')`),
    ...platformPolicies('platform_admins'),
  ],
)
