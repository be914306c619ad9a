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
import { users } from './access.ts'
import { organizations } from './organizations.ts'
import { moment, organizationId, tenantPolicies } from './tenancy.ts'

/** How programs of an organization sign in: a secret of which only the hash is kept. */
export const apiKeys = pgTable.withRLS(
  'api_keys',
  {
    organizationId: organizationId(),
    id: uuid('id').notNull(),
    name: text('name').notNull(),
    /** SHA-256 of the secret; the secret itself is random, so no salt is needed. */
    secretHash: text('secret_hash').notNull(),
    /** The last four characters, for people to tell keys apart. */
    lastFour: text('last_four').notNull(),
    permissions: text('permissions').array().notNull(),
    createdByUserId: uuid('created_by_user_id').references(() => users.id),
    createdAt: moment('created_at').notNull().defaultNow(),
    expiresAt: moment('expires_at'),
    /** To the minute. */
    lastUsedAt: moment('last_used_at'),
    revokedAt: moment('revoked_at'),
  },
  (t) => [
    primaryKey({ columns: [t.organizationId, t.id] }),
    // The key names itself before anybody knows the organization.
    uniqueIndex('api_keys_one_per_id').on(t.id),
    index('api_keys_newest').on(t.organizationId, t.createdAt, t.id),
    foreignKey({ columns: [t.organizationId], foreignColumns: [organizations.id] }),
    check('api_keys_name_not_blank', sql`length(btrim(${t.name})) between 1 and 80`),
    check('api_keys_permit_something', sql`cardinality(${t.permissions}) > 0`),
    ...tenantPolicies('api_keys'),
  ],
)
