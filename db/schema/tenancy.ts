import { sql } from 'drizzle-orm'
import { pgPolicy, pgRole, timestamp, uuid } from 'drizzle-orm/pg-core'

// Made by the bootstrap step (db/roles.ts), so drizzle-kit must not try to.
export const appRole = pgRole('voxcalls_app').existing()
export const platformRole = pgRole('voxcalls_platform').existing()

// `nullif` because a session that once set it locally keeps '' afterwards; `select` makes it one InitPlan.
const tenant = sql`(select nullif(current_setting('app.organization_id', true), '')::uuid)`

/** The two policies of every tenant table: its own rows, and the platform role's reading. */
export const tenantPolicies = (name: string) => [
  pgPolicy(`${name}_own_organization`, { using: sql`organization_id = ${tenant}` }),
  pgPolicy(`${name}_platform_reads`, { for: 'select', to: platformRole, using: sql`true` }),
]

/** For tables without a tenant: only the platform role reads and writes them. */
export const platformPolicies = (name: string) => [
  pgPolicy(`${name}_platform`, { for: 'all', to: platformRole, using: sql`true` }),
]

export const organizationId = () => uuid('organization_id').notNull()
/** Milliseconds, as a JavaScript Date holds: a cursor made of one finds its row again. */
export const moment = (name: string) =>
  timestamp(name, { withTimezone: true, mode: 'date', precision: 3 })

/** A set of values as SQL, for the check that a column holds one of them. */
export const literals = (values: readonly string[]) =>
  sql.raw(values.map((value) => `'${value}'`).join(', '))
