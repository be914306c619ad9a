import { sql } from 'drizzle-orm'
import {
  bigint,
  boolean,
  check,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  smallint,
  text,
  unique,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import { organizations } from './organizations.ts'
import { literals, moment, organizationId, tenantPolicies } from './tenancy.ts'

const cents = (name: string) => bigint(name, { mode: 'number' })

/** One row an organization; written only by the SQL functions of the wallet migration. */
export const wallets = pgTable.withRLS(
  'wallets',
  {
    organizationId: organizationId()
      .primaryKey()
      .references(() => organizations.id),
    currency: text('currency').notNull().default('usd'),
    balanceCents: cents('balance_cents').notNull().default(0),
    heldCents: cents('held_cents').notNull().default(0),
    /** The balance right after the last credit: the 100 % mark of the usage thresholds. */
    basisCents: cents('basis_cents').notNull().default(0),
    /** The highest share of the basis announced as used since the last credit; 100 says that a call found too little. */
    warnedPercent: smallint('warned_percent').notNull().default(0),
    /** What refunds and disputes took beyond the balance: repaid by the next credit, and no call starts before. */
    deficitCents: cents('deficit_cents').notNull().default(0),
    entrySequence: bigint('entry_sequence', { mode: 'number' }).notNull().default(0),
    updatedAt: moment('updated_at').notNull().defaultNow(),
  },
  (t) => [
    check('wallets_balance_not_negative', sql`${t.balanceCents} >= 0`),
    check('wallets_held_within_balance', sql`${t.heldCents} between 0 and ${t.balanceCents}`),
    check('wallets_deficit_not_negative', sql`${t.deficitCents} >= 0`),
    check('wallets_warned_percent_known', sql`${t.warnedPercent} in (0, 80, 95, 100)`),
    ...tenantPolicies('wallets'),
  ],
)

// `available` and `held` are the two halves of the balance; the others are where money comes from or goes.
export const ledgerAccounts = [
  'available',
  'held',
  'revenue',
  'payments',
  'adjustments',
  'grants',
  'deficit',
] as const
export const ledgerKinds = [
  'top_up',
  'adjustment',
  'grant',
  'hold',
  'capture',
  'release',
  'refund',
  'dispute',
] as const

/** Append-only. One row is one balanced entry: its amount leaves `fromAccount` and enters `toAccount`. */
export const ledgerEntries = pgTable.withRLS(
  'ledger_entries',
  {
    organizationId: organizationId(),
    sequence: bigint('sequence', { mode: 'number' }).notNull(),
    id: uuid('id').notNull(),
    at: moment('at').notNull(),
    kind: text('kind', { enum: ledgerKinds }).notNull(),
    fromAccount: text('from_account', { enum: ledgerAccounts }).notNull(),
    toAccount: text('to_account', { enum: ledgerAccounts }).notNull(),
    amountCents: cents('amount_cents').notNull(),
    currency: text('currency').notNull(),
    balanceAfterCents: cents('balance_after_cents').notNull(),
    heldAfterCents: cents('held_after_cents').notNull(),
    /** Unique per organization, so a repeated posting finds its first one: `call:<id>:hold:<n>`, `call:<id>:capture`, `pi:<id>`. */
    businessKey: text('business_key').notNull(),
    callId: uuid('call_id'),
    actorId: text('actor_id'),
    /** What the line is made of: seconds, slices, price, rounding. */
    explanation: jsonb('explanation').$type<Record<string, unknown>>().notNull().default({}),
  },
  (t) => [
    primaryKey({ columns: [t.organizationId, t.sequence] }),
    unique('ledger_entries_id').on(t.organizationId, t.id),
    unique('ledger_entries_once_per_business_key').on(t.organizationId, t.businessKey),
    index('ledger_entries_of_call').on(t.organizationId, t.callId),
    check('ledger_entries_amount_positive', sql`${t.amountCents} >= 0`),
    check('ledger_entries_two_sides', sql`${t.fromAccount} <> ${t.toAccount}`),
    check('ledger_entries_kind_known', sql`${t.kind} in (${literals(ledgerKinds)})`),
    check(
      'ledger_entries_accounts_known',
      sql`${t.fromAccount} in (${literals(ledgerAccounts)}) and ${t.toAccount} in (${literals(ledgerAccounts)})`,
    ),
    foreignKey({ columns: [t.organizationId], foreignColumns: [wallets.organizationId] }),
    ...tenantPolicies('ledger_entries'),
  ],
)

/** Money set aside for one running call. */
export const holds = pgTable.withRLS(
  'holds',
  {
    organizationId: organizationId(),
    callId: uuid('call_id').notNull(),
    state: text('state', { enum: ['open', 'settled'] })
      .notNull()
      .default('open'),
    /** Frozen at admission. */
    pricePerHourCents: cents('price_per_hour_cents').notNull(),
    priceId: uuid('price_id'),
    amountCents: cents('amount_cents').notNull(),
    capturedCents: cents('captured_cents').notNull().default(0),
    fundedSeconds: integer('funded_seconds').notNull(),
    /** What the settlement charged: never more than was funded. */
    billedSeconds: integer('billed_seconds'),
    slices: integer('slices').notNull().default(1),
    createdAt: moment('created_at').notNull().defaultNow(),
    settledAt: moment('settled_at'),
  },
  (t) => [
    primaryKey({ columns: [t.organizationId, t.callId] }),
    index('holds_open').on(t.createdAt).where(sql`state = 'open'`),
    check('holds_captured_within_held', sql`${t.capturedCents} between 0 and ${t.amountCents}`),
    check('holds_price_not_negative', sql`${t.pricePerHourCents} >= 0`),
    check('holds_funded_not_negative', sql`${t.fundedSeconds} >= 0`),
    check('holds_settled_has_moment', sql`(${t.state} = 'settled') = (${t.settledAt} is not null)`),
    check(
      'holds_billed_within_funded',
      sql`(${t.state} = 'settled') = (${t.billedSeconds} is not null) and ${t.billedSeconds} <= ${t.fundedSeconds}`,
    ),
    check('holds_state_known', sql`${t.state} in ('open', 'settled')`),
    foreignKey({ columns: [t.organizationId], foreignColumns: [wallets.organizationId] }),
    ...tenantPolicies('holds'),
  ],
)

/** Effective-dated: the newest row not in the future prices a call of every organization without a price of its own. */
export const prices = pgTable(
  'prices',
  {
    id: uuid('id').primaryKey(),
    pricePerHourCents: cents('price_per_hour_cents').notNull(),
    mockPricePercent: integer('mock_price_percent').notNull().default(0),
    currency: text('currency').notNull().default('usd'),
    effectiveFrom: moment('effective_from').notNull(),
    reason: text('reason').notNull(),
    actorId: text('actor_id'),
    createdAt: moment('created_at').notNull().defaultNow(),
  },
  (t) => [
    check('prices_not_negative', sql`${t.pricePerHourCents} >= 0`),
    check('prices_mock_percent', sql`${t.mockPricePercent} between 0 and 100`),
    index('prices_effective').on(t.effectiveFrom),
  ],
)

/** An organization's own price, effective-dated like everybody's; a null price ends it. */
export const organizationPrices = pgTable.withRLS(
  'organization_prices',
  {
    organizationId: organizationId().references(() => organizations.id),
    id: uuid('id').notNull(),
    pricePerHourCents: cents('price_per_hour_cents'),
    mockPricePercent: integer('mock_price_percent'),
    effectiveFrom: moment('effective_from').notNull(),
    reason: text('reason').notNull(),
    actorId: text('actor_id'),
    createdAt: moment('created_at').notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.organizationId, t.id] }),
    index('organization_prices_effective').on(t.organizationId, t.effectiveFrom),
    check('organization_prices_not_negative', sql`${t.pricePerHourCents} >= 0`),
    check('organization_prices_mock_percent', sql`${t.mockPricePercent} between 0 and 100`),
    ...tenantPolicies('organization_prices'),
  ],
)

export const topUpStates = ['pending', 'paid', 'expired', 'canceled', 'failed'] as const

/** Money a customer was asked to pay in; the ledger, not this row, says what was received. */
export const topUps = pgTable.withRLS(
  'top_ups',
  {
    organizationId: organizationId(),
    /** Stripe's idempotency key for whatever this row asks of it. */
    id: uuid('id').notNull(),
    origin: text('origin', { enum: ['checkout', 'auto_recharge'] }).notNull(),
    state: text('state', { enum: topUpStates }).notNull().default('pending'),
    amountCents: cents('amount_cents').notNull(),
    currency: text('currency').notNull(),
    /** What Stripe said it received, once it did. */
    receivedCents: cents('received_cents'),
    /** Whether the card is kept for later charges without its owner. */
    saveCard: boolean('save_card').notNull().default(false),
    stripeSessionId: text('stripe_session_id'),
    /** Where a person pays, while the session is open. */
    checkoutUrl: text('checkout_url'),
    /** The card that an automatic charge asks, kept so that a repeated request asks the same. */
    stripePaymentMethodId: text('stripe_payment_method_id'),
    stripePaymentIntentId: text('stripe_payment_intent_id'),
    receiptUrl: text('receipt_url'),
    failureCode: text('failure_code'),
    createdByUserId: uuid('created_by_user_id'),
    createdAt: moment('created_at').notNull().defaultNow(),
    expiresAt: moment('expires_at'),
    decidedAt: moment('decided_at'),
  },
  (t) => [
    primaryKey({ columns: [t.organizationId, t.id] }),
    // Ids of a vendor, unique there over all its customers.
    uniqueIndex('top_ups_once_per_session').on(t.stripeSessionId),
    uniqueIndex('top_ups_once_per_payment_intent').on(t.stripePaymentIntentId),
    index('top_ups_newest').on(t.organizationId, t.createdAt, t.id),
    index('top_ups_pending').on(t.createdAt).where(sql`state = 'pending'`),
    uniqueIndex('top_ups_one_automatic_at_a_time')
      .on(t.organizationId)
      .where(sql`state = 'pending' and origin = 'auto_recharge'`),
    check(
      'top_ups_paid_means_received',
      sql`(${t.state} = 'paid') = (${t.receivedCents} is not null) and (${t.state} <> 'paid' or ${t.stripePaymentIntentId} is not null)`,
    ),
    check('top_ups_decided_has_moment', sql`(${t.state} = 'pending') = (${t.decidedAt} is null)`),
    check('top_ups_amount_positive', sql`${t.amountCents} > 0`),
    check('top_ups_state_known', sql`${t.state} in (${literals(topUpStates)})`),
    foreignKey({ columns: [t.organizationId], foreignColumns: [wallets.organizationId] }),
    ...tenantPolicies('top_ups'),
  ],
)

/** How an organization pays: its Stripe customer, the saved card, and whether it is charged by itself. */
export const paymentSettings = pgTable.withRLS(
  'payment_settings',
  {
    organizationId: organizationId().primaryKey(),
    stripeCustomerId: text('stripe_customer_id'),
    stripePaymentMethodId: text('stripe_payment_method_id'),
    cardBrand: text('card_brand'),
    cardLastFour: text('card_last_four'),
    cardExpires: text('card_expires'),
    autoEnabled: boolean('auto_enabled').notNull().default(false),
    autoThresholdCents: cents('auto_threshold_cents').notNull().default(1_000),
    autoAmountCents: cents('auto_amount_cents').notNull().default(5_000),
    autoMonthlyCapCents: cents('auto_monthly_cap_cents').notNull().default(50_000),
    /** Failed charges since the last success: each makes the next try later, and the last one switches it off. */
    autoFailures: integer('auto_failures').notNull().default(0),
    autoNextTryAt: moment('auto_next_try_at'),
    autoPausedReason: text('auto_paused_reason'),
    updatedAt: moment('updated_at').notNull().defaultNow(),
  },
  (t) => [
    uniqueIndex('payment_settings_one_per_customer').on(t.stripeCustomerId),
    check(
      'payment_settings_amounts_positive',
      sql`${t.autoThresholdCents} >= 0 and ${t.autoAmountCents} > 0 and ${t.autoMonthlyCapCents} >= 0`,
    ),
    foreignKey({ columns: [t.organizationId], foreignColumns: [wallets.organizationId] }),
    ...tenantPolicies('payment_settings'),
  ],
)
