import { sql } from 'drizzle-orm'
import { boolean, jsonb, pgPolicy, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import { appRole, moment, organizationId, platformPolicies, tenantPolicies } from './tenancy.ts'

/** Effective-dated: the newest row of a key that is not in the future counts. */
export const systemSettings = pgTable.withRLS(
  'system_settings',
  {
    id: uuid('id').primaryKey(),
    key: text('key').notNull(),
    value: jsonb('value').notNull(),
    effectiveFrom: moment('effective_from').notNull(),
    reason: text('reason').notNull(),
    actorId: text('actor_id'),
    createdAt: moment('created_at').notNull().defaultNow(),
  },
  () => [
    // Settings hold no tenant's data, and every process prices and limits by them.
    pgPolicy('system_settings_app_reads', { for: 'select', to: appRole, using: sql`true` }),
    ...platformPolicies('system_settings'),
  ],
)

export const featureFlags = pgTable.withRLS(
  'feature_flags',
  {
    organizationId: organizationId(),
    flag: text('flag').notNull(),
    enabled: boolean('enabled').notNull(),
    reason: text('reason').notNull().default(''),
    actorId: text('actor_id'),
    changedAt: moment('changed_at').notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.organizationId, t.flag] }), ...tenantPolicies('feature_flags')],
)
