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

/** Whom customers compare us with, and what to say then. */
export const competitors = pgTable.withRLS(
  'competitors',
  {
    organizationId: organizationId(),
    id: uuid('id').notNull(),
    name: text('name').notNull(),
    website: text('website'),
    strengths: text('strengths').array().notNull().default([]),
    weaknesses: text('weaknesses').array().notNull().default([]),
    talkingPoints: text('talking_points').array().notNull().default([]),
    createdAt: moment('created_at').notNull().defaultNow(),
    updatedAt: moment('updated_at').notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.organizationId, t.id] }),
    uniqueIndex('competitors_once_per_name').on(t.organizationId, sql`lower(name)`),
    index('competitors_newest').on(t.organizationId, t.createdAt, t.id),
    foreignKey({ columns: [t.organizationId], foreignColumns: [organizations.id] }),
    check('competitors_name_not_blank', sql`length(btrim(${t.name})) between 1 and 120`),
    ...tenantPolicies('competitors'),
  ],
)
