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
import { literals, moment, organizationId, tenantPolicies } from './tenancy.ts'

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
