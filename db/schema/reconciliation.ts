import { sql } from 'drizzle-orm'
import {
  bigint,
  check,
  foreignKey,
  index,
  integer,
  pgTable,
  primaryKey,
  text,
  unique,
  uuid,
} from 'drizzle-orm/pg-core'
import { calls } from './calls.ts'
import { literals, moment, organizationId, tenantPolicies } from './tenancy.ts'

export const findingKinds = [
  'charged_beyond_carrier',
  'carrier_longer',
  'carrier_unknown',
  'conversation_longer',
  'conversation_shorter',
  'conversation_unknown',
  'cost_unknown',
  'below_cost',
  'seconds_unpaid',
] as const
export const findingStates = ['open', 'vanished', 'accepted', 'corrected'] as const

/** What the clocks of the carrier, of ElevenLabs and of the gateway disagree on, one row a call and disagreement. */
export const reconciliationFindings = pgTable.withRLS(
  'reconciliation_findings',
  {
    organizationId: organizationId(),
    callId: uuid('call_id').notNull(),
    kind: text('kind', { enum: findingKinds }).notNull(),
    id: uuid('id').notNull(),
    /** What most likely led to it: a code, never prose. */
    cause: text('cause').notNull(),
    state: text('state', { enum: findingStates }).notNull().default('open'),
    // As they were when last looked at; null is unknown, never nothing.
    carrierSeconds: integer('carrier_seconds'),
    elevenLabsSeconds: integer('elevenlabs_seconds'),
    gatewaySeconds: integer('gateway_seconds'),
    billedSeconds: integer('billed_seconds'),
    chargedCents: bigint('charged_cents', { mode: 'number' }),
    vendorCostMicroUsd: bigint('vendor_cost_micro_usd', { mode: 'number' }),
    foundAt: moment('found_at').notNull(),
    checkedAt: moment('checked_at').notNull(),
    closedAt: moment('closed_at'),
    closedBy: text('closed_by'),
    note: text('note'),
    /** What a correction gave back to the wallet, or took from it. */
    correctedCents: bigint('corrected_cents', { mode: 'number' }),
  },
  (t) => [
    primaryKey({ columns: [t.organizationId, t.callId, t.kind] }),
    unique('reconciliation_findings_id').on(t.organizationId, t.id),
    index('reconciliation_findings_newest').on(t.foundAt, t.id),
    check('reconciliation_findings_kind_known', sql`${t.kind} in (${literals(findingKinds)})`),
    check('reconciliation_findings_state_known', sql`${t.state} in (${literals(findingStates)})`),
    check(
      'reconciliation_findings_closed_has_moment',
      sql`(${t.state} = 'open') = (${t.closedAt} is null)`,
    ),
    check(
      'reconciliation_findings_corrected_has_amount',
      sql`(${t.state} = 'corrected') = (${t.correctedCents} is not null)`,
    ),
    foreignKey({
      columns: [t.organizationId, t.callId],
      foreignColumns: [calls.organizationId, calls.id],
    }),
    ...tenantPolicies('reconciliation_findings'),
  ],
)
