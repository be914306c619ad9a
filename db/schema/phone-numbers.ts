import { sql } from 'drizzle-orm'
import {
  boolean,
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
import { carrierAccounts } from './carrier-accounts.ts'
import { organizations } from './organizations.ts'
import { literals, moment, organizationId, tenantPolicies } from './tenancy.ts'

export const numberStates = [
  'importing',
  'active',
  'changing',
  'failed',
  'releasing',
  'released',
] as const
export const fallbackKinds = ['none', 'message', 'voicemail', 'forward'] as const

export type NumberWebhooksRow = {
  voiceUrl: string
  voiceFallbackUrl: string
  statusCallback: string
  voiceApplicationSid: string
  trunkSid: string
}
export type NumberErrorRow = { vendor: string | null; code: string; message: string }
export type NumberDriftRow = {
  vendor: 'twilio' | 'elevenlabs'
  what: string
  expected: string
  found: string
}

export const phoneNumbers = pgTable.withRLS(
  'phone_numbers',
  {
    organizationId: organizationId(),
    id: uuid('id').notNull(),
    e164: text('e164').notNull(),
    label: text('label').notNull().default(''),
    route: text('route', { enum: ['gateway', 'registered', 'native'] })
      .notNull()
      .default('gateway'),
    agentId: uuid('agent_id'),
    /** Null: the platform's account holds the number. */
    carrierAccountId: uuid('carrier_account_id'),
    twilioNumberSid: text('twilio_number_sid'),
    /** The account that owns the number: its token signs the number's webhooks. */
    twilioAccountSid: text('twilio_account_sid').notNull(),
    /** `bought` by us, or `held` by the account before. */
    origin: text('origin', { enum: ['bought', 'held'] })
      .notNull()
      .default('held'),
    capabilities: jsonb('capabilities')
      .$type<{ voice: boolean; sms: boolean; mms: boolean }>()
      .notNull()
      .default({ voice: true, sms: false, mms: false }),
    state: text('state', { enum: numberStates }).notNull().default('active'),
    /** What is being done, or where it failed. */
    step: text('step'),
    /** Why it failed, in the vendor's words. */
    error: jsonb('error').$type<NumberErrorRow>(),
    /** What the number pointed at before it was ours: put back when it is given up. */
    previousWebhooks: jsonb('previous_webhooks').$type<NumberWebhooksRow>(),
    /** A purchase was sent at this moment; what came of it may be unknown (THREATS F17). */
    purchaseSentAt: moment('purchase_sent_at'),
    purchasesSent: integer('purchases_sent').notNull().default(0),
    /** On release: the number stays with the carrier account and gets its old addresses back. */
    staysAtCarrier: boolean('stays_at_carrier').notNull().default(false),
    elevenLabsPhoneNumberId: text('elevenlabs_phone_number_id'),
    /** Where Twilio turns to since we left the number: ours, or what ElevenLabs set. */
    voiceUrl: text('voice_url'),
    /** What an admin wants, counted; the vendors hold what was wanted at `applied_revision`. */
    revision: integer('revision').notNull().default(1),
    appliedRevision: integer('applied_revision').notNull().default(1),
    /** Who works on the number: a write under an older epoch changes nothing. */
    workEpoch: integer('work_epoch').notNull().default(0),
    workUntil: moment('work_until'),
    /** How often in a row a vendor failed, and until when it is left in peace. */
    tries: integer('tries').notNull().default(0),
    nextTryAt: moment('next_try_at'),
    fallbackKind: text('fallback_kind', { enum: fallbackKinds }).notNull().default('none'),
    fallbackText: text('fallback_text'),
    fallbackTo: text('fallback_to'),
    drift: jsonb('drift').$type<NumberDriftRow[]>().notNull().default([]),
    driftFoundAt: moment('drift_found_at'),
    checkedAt: moment('checked_at'),
    maxConcurrentCalls: integer('max_concurrent_calls').notNull().default(50),
    createdAt: moment('created_at').notNull().defaultNow(),
    /** The claim on the number ended: it was released, or it could never be had. */
    releasedAt: moment('released_at'),
  },
  (t) => [
    primaryKey({ columns: [t.organizationId, t.id] }),
    // One owner a number across the platform: an incoming call must name one organization.
    uniqueIndex('phone_numbers_one_owner').on(t.e164).where(sql`released_at is null`),
    index('phone_numbers_unfinished')
      .on(t.createdAt)
      .where(sql`state in ('importing', 'changing', 'releasing')`),
    index('phone_numbers_unchecked').on(t.checkedAt).where(sql`state = 'active'`),
    foreignKey({ columns: [t.organizationId], foreignColumns: [organizations.id] }),
    foreignKey({
      columns: [t.organizationId, t.agentId],
      foreignColumns: [agents.organizationId, agents.id],
    }),
    foreignKey({
      columns: [t.organizationId, t.carrierAccountId],
      foreignColumns: [carrierAccounts.organizationId, carrierAccounts.id],
    }),
    check('phone_numbers_e164', sql`${t.e164} ~ '^\\+[1-9][0-9]{1,14}$'`),
    check('phone_numbers_route_known', sql`${t.route} in ('gateway', 'registered', 'native')`),
    check('phone_numbers_origin_known', sql`${t.origin} in ('bought', 'held')`),
    check('phone_numbers_state_known', sql`${t.state} in (${literals(numberStates)})`),
    check('phone_numbers_failed_says_why', sql`${t.state} <> 'failed' or ${t.error} is not null`),
    check(
      'phone_numbers_released_once',
      sql`${t.state} <> 'released' or ${t.releasedAt} is not null`,
    ),
    check('phone_numbers_lines_bounded', sql`${t.maxConcurrentCalls} between 0 and 1000`),
    check('phone_numbers_fallback_known', sql`${t.fallbackKind} in (${literals(fallbackKinds)})`),
    check(
      'phone_numbers_fallback_complete',
      sql`(${t.fallbackKind} not in ('message', 'voicemail') or ${t.fallbackText} is not null)
        and (${t.fallbackKind} <> 'forward' or ${t.fallbackTo} ~ '^\\+[1-9][0-9]{1,14}$')`,
    ),
    ...tenantPolicies('phone_numbers'),
  ],
)
