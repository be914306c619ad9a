import { sql } from 'drizzle-orm'
import {
  bigint,
  check,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import { agents } from './agents.ts'
import { organizations } from './organizations.ts'
import { phoneNumbers } from './phone-numbers.ts'
import { literals, moment, organizationId, tenantPolicies } from './tenancy.ts'

export const callKinds = ['agent', 'live', 'mock', 'meeting', 'test'] as const
export const callStates = [
  'created',
  'authorized',
  'ringing',
  'live',
  'ending',
  'ended',
  'settled',
  'refused',
  'failed',
] as const
export const billingStatuses = ['pending', 'charged', 'blocked', 'waived'] as const

export const calls = pgTable.withRLS(
  'calls',
  {
    organizationId: organizationId(),
    id: uuid('id').notNull(),
    kind: text('kind', { enum: callKinds }).notNull(),
    route: text('route', { enum: ['gateway', 'registered', 'native'] })
      .notNull()
      .default('gateway'),
    direction: text('direction', { enum: ['inbound', 'outbound'] }).notNull(),
    state: text('state', { enum: callStates }).notNull().default('created'),
    /** Why the call is in this state: a reason code, never prose. */
    reason: text('reason').notNull().default('created'),
    fromNumber: text('from_number').notNull(),
    toNumber: text('to_number').notNull(),
    phoneNumberId: uuid('phone_number_id'),
    agentId: uuid('agent_id'),
    userId: uuid('user_id'),
    twilioAccountSid: text('twilio_account_sid'),
    twilioCallSid: text('twilio_call_sid'),
    elevenLabsConversationId: text('elevenlabs_conversation_id'),
    streamTokenHash: text('stream_token_hash'),
    streamTokenExpiresAt: moment('stream_token_expires_at'),
    streamTokenUsedAt: moment('stream_token_used_at'),
    pricePerHourCents: bigint('price_per_hour_cents', { mode: 'number' }),
    billingStatus: text('billing_status', { enum: billingStatuses }).notNull().default('pending'),
    billableSeconds: integer('billable_seconds'),
    costCents: bigint('cost_cents', { mode: 'number' }),
    /** What the carrier says it took; null while nobody knows. */
    vendorSeconds: integer('vendor_seconds'),
    /** What ElevenLabs says the conversation took. */
    elevenLabsSeconds: integer('elevenlabs_seconds'),
    vendorCostMicroUsd: bigint('vendor_cost_micro_usd', { mode: 'number' }),
    vendorSummary: text('vendor_summary'),
    reconciledAt: moment('reconciled_at'),
    resumes: integer('resumes').notNull().default(0),
    createdAt: moment('created_at').notNull().defaultNow(),
    authorizedAt: moment('authorized_at'),
    liveAt: moment('live_at'),
    endedAt: moment('ended_at'),
    settledAt: moment('settled_at'),
  },
  (t) => [
    primaryKey({ columns: [t.organizationId, t.id] }),
    uniqueIndex('calls_once_per_twilio_call').on(t.twilioCallSid),
    uniqueIndex('calls_once_per_conversation').on(t.elevenLabsConversationId),
    // Read backwards for the newest first; a descending index would sort nulls last, which no query asks for. With the
    // numbers in it, part of one is looked for without reading the calls themselves.
    index('calls_newest').on(t.organizationId, t.createdAt, t.id, t.fromNumber, t.toNumber),
    // What counts as refused or failed: few, among very many.
    index('calls_never_began')
      .on(t.organizationId, t.createdAt, t.id)
      .where(sql`live_at is null or state in ('refused', 'failed')`),
    index('calls_of_kind').on(t.organizationId, t.kind, t.createdAt, t.id),
    index('calls_of_user').on(t.organizationId, t.userId, t.createdAt, t.id),
    index('calls_of_number').on(t.organizationId, t.phoneNumberId, t.createdAt),
    index('calls_settled').on(t.organizationId, t.settledAt),
    index('calls_unsettled').on(t.createdAt).where(sql`settled_at is null`),
    index('calls_to_number_running')
      .on(t.organizationId, t.phoneNumberId)
      .where(sql`settled_at is null`),
    foreignKey({ columns: [t.organizationId], foreignColumns: [organizations.id] }),
    foreignKey({
      columns: [t.organizationId, t.agentId],
      foreignColumns: [agents.organizationId, agents.id],
    }),
    foreignKey({
      columns: [t.organizationId, t.phoneNumberId],
      foreignColumns: [phoneNumbers.organizationId, phoneNumbers.id],
    }),
    check('calls_kind_known', sql`${t.kind} in (${literals(callKinds)})`),
    // Its caller is a browser: there is nothing to limit, ask or hang up at the carrier.
    check('calls_test_without_carrier', sql`${t.kind} <> 'test' or ${t.twilioCallSid} is null`),
    check('calls_state_known', sql`${t.state} in (${literals(callStates)})`),
    check('calls_billing_status_known', sql`${t.billingStatus} in (${literals(billingStatuses)})`),
    ...tenantPolicies('calls'),
  ],
)

/** Who runs a call until when. A write under an older epoch changes nothing. */
export const callLeases = pgTable.withRLS(
  'call_leases',
  {
    organizationId: organizationId(),
    callId: uuid('call_id').notNull(),
    epoch: integer('epoch').notNull().default(1),
    owner: text('owner').notNull(),
    /** Where browsers reach the owner's live feed. */
    address: text('address').notNull(),
    heartbeatAt: moment('heartbeat_at').notNull(),
    expiresAt: moment('expires_at').notNull(),
    /** Media seconds the owner had counted at its last heartbeat. */
    mediaSeconds: integer('media_seconds').notNull().default(0),
    /** Somebody wants the call ended; its owner sees it at its next heartbeat. */
    endAskedAt: moment('end_asked_at'),
    closedAt: moment('closed_at'),
  },
  (t) => [
    primaryKey({ columns: [t.organizationId, t.callId] }),
    index('call_leases_expiring').on(t.expiresAt).where(sql`closed_at is null`),
    foreignKey({
      columns: [t.organizationId, t.callId],
      foreignColumns: [calls.organizationId, calls.id],
    }),
    check('call_leases_epoch_positive', sql`${t.epoch} >= 1`),
    ...tenantPolicies('call_leases'),
  ],
)

/** The call's timeline: every state change and what else is worth knowing later. Partitioned by month (migration). */
export const callEvents = pgTable.withRLS(
  'call_events',
  {
    organizationId: organizationId(),
    id: uuid('id').notNull(),
    callId: uuid('call_id').notNull(),
    at: moment('at').notNull(),
    kind: text('kind').notNull(),
    data: jsonb('data').$type<Record<string, unknown>>().notNull().default({}),
  },
  (t) => [
    primaryKey({ columns: [t.organizationId, t.id, t.at] }),
    index('call_events_of_call').on(t.organizationId, t.callId, t.at),
    ...tenantPolicies('call_events'),
  ],
)

export const consentBases = ['written', 'spoken', 'web_form', 'customer', 'employment'] as const
export const machineRules = ['hang_up', 'go_on'] as const
export const answerers = ['human', 'machine', 'fax', 'unknown'] as const

/** What a call we place has beside every other: why it may be placed, and how far the placing has come. */
export const outboundCalls = pgTable.withRLS(
  'outbound_calls',
  {
    organizationId: organizationId(),
    callId: uuid('call_id').notNull(),
    consentBasis: text('consent_basis', { enum: consentBases }).notNull(),
    consentObtainedAt: moment('consent_obtained_at').notNull(),
    consentNote: text('consent_note').notNull().default(''),
    /** What the agent is told about this call. */
    variables: jsonb('variables').$type<Record<string, string>>().notNull().default({}),
    /** What is done where no person answers. */
    onMachine: text('on_machine', { enum: machineRules }).notNull().default('hang_up'),
    /** How often the carrier was asked for the call. */
    attempts: integer('attempts').notNull().default(0),
    /** When it was asked last. */
    dialledAt: moment('dialled_at'),
    /** Who the carrier says answered; null while it has not said. */
    answeredBy: text('answered_by', { enum: answerers }),
  },
  (t) => [
    primaryKey({ columns: [t.organizationId, t.callId] }),
    foreignKey({
      columns: [t.organizationId, t.callId],
      foreignColumns: [calls.organizationId, calls.id],
    }),
    check('outbound_calls_basis_known', sql`${t.consentBasis} in (${literals(consentBases)})`),
    check('outbound_calls_machine_rule_known', sql`${t.onMachine} in (${literals(machineRules)})`),
    check('outbound_calls_answerer_known', sql`${t.answeredBy} in (${literals(answerers)})`),
    // A creation whose answer was lost is tried once more and never again (THREATS F17).
    check('outbound_calls_attempts_bounded', sql`${t.attempts} between 0 and 2`),
    check('outbound_calls_dialled_has_moment', sql`(${t.attempts} = 0) = (${t.dialledAt} is null)`),
    ...tenantPolicies('outbound_calls'),
  ],
)

/** An organization's own rules for calling out: only stricter than the platform's (THREATS T15, T52). */
export const outboundRules = pgTable.withRLS(
  'outbound_rules',
  {
    organizationId: organizationId(),
    /** Minutes since midnight where the other side is. */
    opensAtMinute: integer('opens_at_minute').notNull().default(480),
    closesAtMinute: integer('closes_at_minute').notNull().default(1260),
    /** ISO weekdays, 1 is Monday. */
    weekdays: integer('weekdays').array().notNull().default([1, 2, 3, 4, 5, 6, 7]),
    /** Null: as many as the platform allows. */
    dailyMinutes: integer('daily_minutes'),
    updatedAt: moment('updated_at').notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.organizationId] }),
    foreignKey({ columns: [t.organizationId], foreignColumns: [organizations.id] }),
    // 08:00 to 21:00 is the widest.
    check(
      'outbound_rules_only_stricter',
      sql`${t.opensAtMinute} >= 480 and ${t.closesAtMinute} <= 1260 and ${t.opensAtMinute} < ${t.closesAtMinute}`,
    ),
    check('outbound_rules_weekdays_known', sql`${t.weekdays} <@ array[1, 2, 3, 4, 5, 6, 7]`),
    check('outbound_rules_minutes_not_negative', sql`${t.dailyMinutes} >= 0`),
    ...tenantPolicies('outbound_rules'),
  ],
)

/**
 * The lines of the whole platform: a running call holds one from its admission to its settlement. Only the functions
 * of its migration write it, so that no organization sees how many calls others run.
 */
export const callSlots = pgTable(
  'call_slots',
  {
    slot: integer('slot').primaryKey(),
    callId: uuid('call_id'),
    takenAt: moment('taken_at'),
  },
  (t) => [
    uniqueIndex('call_slots_one_per_call').on(t.callId).where(sql`call_id is not null`),
    index('call_slots_free').on(t.slot).where(sql`call_id is null`),
    index('call_slots_taken').on(t.slot).where(sql`call_id is not null`),
    check('call_slots_taken_has_moment', sql`(${t.callId} is null) = (${t.takenAt} is null)`),
  ],
)
