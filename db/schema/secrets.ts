import { foreignKey, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import { organizations } from './organizations.ts'
import { moment, organizationId, tenantPolicies } from './tenancy.ts'

/** Each organization's data key, wrapped by a key of the environment (THREATS X-secret). */
export const dataKeys = pgTable.withRLS(
  'data_keys',
  {
    organizationId: organizationId(),
    id: uuid('id').notNull(),
    /** The wrapped key in the secret format, naming the key-encryption key that wrapped it. */
    wrapped: text('wrapped').notNull(),
    createdAt: moment('created_at').notNull().defaultNow(),
    rewrappedAt: moment('rewrapped_at'),
  },
  (t) => [
    primaryKey({ columns: [t.organizationId, t.id] }),
    foreignKey({ columns: [t.organizationId], foreignColumns: [organizations.id] }),
    ...tenantPolicies('data_keys'),
  ],
)
