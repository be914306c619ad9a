import { sql } from 'drizzle-orm'
import {
  bigint,
  check,
  date,
  foreignKey,
  index,
  integer,
  pgTable,
  primaryKey,
  text,
} from 'drizzle-orm/pg-core'
import { callKinds } from './calls.ts'
import { organizations } from './organizations.ts'
import { literals, moment, organizationId, platformPolicies, tenantPolicies } from './tenancy.ts'

/** Settled calls summed per day of the organization's time zone and kind; remade from the calls at any time. */
export const usageDays = pgTable.withRLS(
  'usage_days',
  {
    organizationId: organizationId(),
    day: date('day', { mode: 'string' }).notNull(),
    kind: text('kind', { enum: callKinds }).notNull(),
    calls: integer('calls').notNull(),
    billableSeconds: bigint('billable_seconds', { mode: 'number' }).notNull(),
    chargedCents: bigint('charged_cents', { mode: 'number' }).notNull(),
    /** Sum over the calls whose vendor cost is known; `callsWithoutVendorCost` says how many are not in it. */
    vendorCostMicroUsd: bigint('vendor_cost_micro_usd', { mode: 'number' }).notNull(),
    callsWithoutVendorCost: integer('calls_without_vendor_cost').notNull(),
    /** The part of `chargedCents` that the known vendor cost stands against: a margin compares like with like. */
    chargedCentsOfKnownCost: bigint('charged_cents_of_known_cost', { mode: 'number' }).notNull(),
    computedAt: moment('computed_at').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.organizationId, t.day, t.kind] }),
    // The platform's metrics sum a range of days over everybody.
    index('usage_days_by_day').on(t.day),
    foreignKey({ columns: [t.organizationId], foreignColumns: [organizations.id] }),
    check('usage_days_kind_known', sql`${t.kind} in (${literals(callKinds)})`),
    ...tenantPolicies('usage_days'),
  ],
)

/**
 * What an organization used in a calendar month, so that whoever used the most in a year is found without reading its
 * days. A trigger of `usage_days` keeps it.
 */
export const usageMonths = pgTable.withRLS(
  'usage_months',
  {
    organizationId: organizationId(),
    /** Its first day. */
    month: date('month', { mode: 'string' }).notNull(),
    billableSeconds: bigint('billable_seconds', { mode: 'number' }).notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.organizationId, t.month] }),
    foreignKey({ columns: [t.organizationId], foreignColumns: [organizations.id] }),
    ...tenantPolicies('usage_months'),
  ],
)

/** Each day over all organizations, folded by a job; right unless `usage_stale_days` names the day. */
export const usagePlatformDays = pgTable.withRLS(
  'usage_platform_days',
  {
    day: date('day', { mode: 'string' }).primaryKey(),
    calls: bigint('calls', { mode: 'number' }).notNull(),
    billableSeconds: bigint('billable_seconds', { mode: 'number' }).notNull(),
    chargedCents: bigint('charged_cents', { mode: 'number' }).notNull(),
    vendorCostMicroUsd: bigint('vendor_cost_micro_usd', { mode: 'number' }).notNull(),
    callsWithoutVendorCost: bigint('calls_without_vendor_cost', { mode: 'number' }).notNull(),
    chargedCentsOfKnownCost: bigint('charged_cents_of_known_cost', { mode: 'number' }).notNull(),
    /** The oldest of the day's sums. */
    computedAt: moment('computed_at').notNull(),
  },
  () => platformPolicies('usage_platform_days'),
)

/**
 * Days that changed since they were folded, a row a change and never an update: organizations that settle at once
 * wait for nobody. Every organization writes here (a trigger of `usage_days` does), the platform reads and folds.
 */
export const usageStaleDays = pgTable('usage_stale_days', {
  id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
  day: date('day', { mode: 'string' }).notNull(),
})
