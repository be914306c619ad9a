import { z } from 'zod'
import { endpoint } from '#api/contract/endpoint.ts'
import { instant } from '#api/contract/instant.ts'
import { pageOf, pageQuery } from '#api/contract/page.ts'

export const wallet = z.object({
  currency: z.string(),
  balanceCents: z.int(),
  heldCents: z.int(),
  availableCents: z.int(),
  /** Share of the balance at the last credit that is used up, 0 to 100. */
  usedPercent: z.int(),
  pricePerHourCents: z.int(),
  /** What refunds and disputes took beyond the balance; no call starts before it is repaid. */
  deficitCents: z.int(),
  /** What an hour of the calls that run now costs together; of one call where none runs. */
  burnCentsPerHour: z.int(),
  /** How long the available money lasts at that; null where it costs nothing. */
  minutesLeft: z.int().nullable(),
  updatedAt: instant,
})

export const getWallet = endpoint({
  method: 'GET',
  path: '/v1/wallet',
  permission: 'wallet.read',
  summary: 'Balance, money held by running calls, and the price per hour',
  response: wallet,
})

export const walletStatus = z.object({
  status: z.enum(['available', 'low', 'exhausted']),
})

export const getWalletStatus = endpoint({
  method: 'GET',
  path: '/v1/wallet/status',
  permission: 'wallet.status',
  summary: 'Whether the wallet can fund a call, without its amount',
  response: walletStatus,
})

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

export const ledgerEntry = z.object({
  id: z.uuid(),
  sequence: z.int(),
  at: instant,
  kind: z.enum(ledgerKinds),
  fromAccount: z.string(),
  toAccount: z.string(),
  amountCents: z.int(),
  balanceAfterCents: z.int(),
  heldAfterCents: z.int(),
  callId: z.uuid().nullable(),
  explanation: z.record(z.string(), z.unknown()),
})

const entryFilters = {
  kind: z.enum(ledgerKinds).optional(),
  callId: z.uuid().optional(),
  /** From this moment on. */
  from: instant.optional(),
  /** Before this moment. */
  to: instant.optional(),
}

export const listLedgerEntries = endpoint({
  method: 'GET',
  path: '/v1/wallet/entries',
  permission: 'wallet.read',
  summary: 'Ledger lines with the balance after each, newest first',
  query: pageQuery.extend(entryFilters),
  response: pageOf(ledgerEntry),
  resources: { callId: 'call' },
})

export const exportLedgerEntries = endpoint({
  method: 'GET',
  path: '/v1/wallet/entries.csv',
  permission: 'wallet.read',
  summary: 'The same lines as CSV',
  query: z.strictObject(entryFilters),
  response: z.void(),
  bytes: { contentTypes: ['text/csv'] },
  resources: { callId: 'call' },
})

const month = z.string().regex(/^20\d{2}-(0[1-9]|1[0-2])$/, 'Is written like 2026-11.')
const ofMonth = z.strictObject({ month })
export const pricedKinds = ['agent', 'live', 'mock', 'meeting', 'test'] as const

/** One kind of money that came in or went out, all its lines of the month together. */
const movement = z.object({
  kind: z.enum(['top_up', 'adjustment', 'grant', 'refund', 'dispute', 'deficit']),
  lines: z.int(),
  amountCents: z.int(),
})

export const statement = z.object({
  month,
  organizationName: z.string(),
  timeZone: z.string(),
  currency: z.string(),
  /** The first moment of the month in the organization's time zone, and of the next. */
  from: instant,
  to: instant,
  /** False while the month runs: more lines may come. */
  isComplete: z.boolean(),
  openingCents: z.int(),
  credits: z.array(movement),
  /** What went out other than for calls; `deficit` repays what refunds and disputes took beyond the balance. */
  debits: z.array(movement),
  charges: z.array(
    z.object({
      kind: z.enum([...pricedKinds, 'unknown']),
      calls: z.int(),
      billedSeconds: z.int(),
      amountCents: z.int(),
    }),
  ),
  totalCreditsCents: z.int(),
  totalDebitsCents: z.int(),
  totalChargesCents: z.int(),
  /** Opening and credits less debits and charges. */
  closingCents: z.int(),
  /** Part of the closing balance that running calls held. */
  closingHeldCents: z.int(),
})

export const listStatements = endpoint({
  method: 'GET',
  path: '/v1/wallet/statements',
  permission: 'wallet.read',
  summary: 'The months that have a statement, newest first',
  response: z.object({ items: z.array(z.object({ month, isComplete: z.boolean() })) }),
})

export const getStatement = endpoint({
  method: 'GET',
  path: '/v1/wallet/statements/:month',
  permission: 'wallet.read',
  summary: 'One month: opening balance, credits, charges by kind of call, closing balance',
  params: ofMonth,
  response: statement,
})

export const exportStatement = endpoint({
  method: 'GET',
  path: '/v1/wallet/statements/:month.csv',
  permission: 'wallet.read',
  summary: 'The same statement as CSV',
  params: ofMonth,
  response: z.void(),
  bytes: { contentTypes: ['text/csv'] },
})

export const printStatement = endpoint({
  method: 'GET',
  path: '/v1/wallet/statements/:month.pdf',
  permission: 'wallet.read',
  summary: 'The same statement as PDF',
  params: ofMonth,
  limit: 'exports',
  response: z.void(),
  bytes: { contentTypes: ['application/pdf'] },
})

export const costPreview = z.object({
  kind: z.enum(pricedKinds),
  currency: z.string(),
  /** Amounts and seconds are null for those who may not read the wallet. */
  pricePerHourCents: z.int().nullable(),
  /** Rounded up to whole cents; a call is charged by the second. */
  pricePerMinuteCents: z.int().nullable(),
  /** How long one more call of this kind could last now; null also where it costs nothing. */
  affordableSeconds: z.int().nullable(),
  canStart: z.boolean(),
  /** Why not. */
  reason: z
    .enum(['organization_not_active', 'feature_off', 'deficit', 'insufficient_balance'])
    .nullable(),
})

export const previewCost = endpoint({
  method: 'GET',
  path: '/v1/wallet/preview',
  permission: 'wallet.status',
  summary: 'What a call of a kind costs, how long it could last, and whether it can start',
  query: z.strictObject({ kind: z.enum(pricedKinds) }),
  response: costPreview,
})

export const adjustWallet = endpoint({
  method: 'POST',
  path: '/v1/platform/organizations/:organizationId/wallet/adjustments',
  permission: 'wallet.adjust',
  idempotent: true,
  summary: 'Credit or debit a wallet by hand',
  params: z.strictObject({ organizationId: z.uuid() }),
  body: z.strictObject({
    /** A client's own id for this adjustment: sent twice, it is posted once. */
    requestId: z.uuid(),
    amountCents: z.int().min(-100_000_000).max(100_000_000),
    note: z.string().trim().min(3).max(200),
  }),
  response: wallet,
  resources: { organizationId: 'organization' },
})

export const grantFunds = endpoint({
  method: 'POST',
  path: '/v1/platform/organizations/:organizationId/wallet/grants',
  permission: 'billing.override',
  idempotent: true,
  summary: 'Gives an organization money, so that its calls go on',
  params: z.strictObject({ organizationId: z.uuid() }),
  body: z.strictObject({
    /** A client's own id for this grant: sent twice, it is posted once. */
    requestId: z.uuid(),
    /** What calls can use: what repays a deficit is granted beyond it. */
    amountCents: z.int().min(1).max(100_000_000),
    reason: z.string().trim().min(3).max(200),
  }),
  response: wallet,
  resources: { organizationId: 'organization' },
})

export const price = z.object({
  id: z.uuid(),
  /** Null ends an organization's own price. */
  pricePerHourCents: z.int().nullable(),
  mockPricePercent: z.int().nullable(),
  effectiveFrom: instant,
  reason: z.string(),
  actorId: z.string().nullable(),
  createdAt: instant,
})
const priceChange = {
  mockPricePercent: z.int().min(0).max(100),
  /** Now where absent; never in the past. */
  effectiveFrom: instant.optional(),
  reason: z.string().trim().min(3).max(200),
}
const pricePerHourCents = z.int().min(0).max(10_000_000)

export const listPrices = endpoint({
  method: 'GET',
  path: '/v1/platform/prices',
  permission: 'system.read',
  summary: 'What an hour costs everybody, newest first, prices to come included',
  response: z.object({ currency: z.string(), current: price, items: z.array(price) }),
})

export const changePrice = endpoint({
  method: 'POST',
  path: '/v1/platform/prices',
  permission: 'system.write',
  summary: 'Gives an hour another price from a moment on; running calls keep theirs',
  body: z.strictObject({ pricePerHourCents, ...priceChange }),
  response: price,
})

export const listOrganizationPrices = endpoint({
  method: 'GET',
  path: '/v1/platform/organizations/:organizationId/prices',
  permission: 'system.read',
  summary: 'Prices of one organization alone, newest first',
  params: z.strictObject({ organizationId: z.uuid() }),
  response: z.object({ items: z.array(price) }),
  resources: { organizationId: 'organization' },
})

export const changeOrganizationPrice = endpoint({
  method: 'POST',
  path: '/v1/platform/organizations/:organizationId/prices',
  permission: 'system.write',
  summary: 'Gives one organization a price of its own, or with null everybody’s again',
  params: z.strictObject({ organizationId: z.uuid() }),
  body: z.strictObject({
    ...priceChange,
    pricePerHourCents: pricePerHourCents.nullable(),
  }),
  response: price,
  resources: { organizationId: 'organization' },
})

export const getOrganizationWallet = endpoint({
  method: 'GET',
  path: '/v1/platform/organizations/:organizationId/wallet',
  permission: 'wallet.adjust',
  summary: 'Balance of one organization, before an adjustment',
  params: z.strictObject({ organizationId: z.uuid() }),
  response: wallet,
  resources: { organizationId: 'organization' },
})

export const MIN_TOP_UP_CENTS = 500 // below this the card fees eat too much of it
export const MAX_TOP_UP_CENTS = 1_000_000 // a mistyped zero should not cost more

const topUpCents = z.int().min(MIN_TOP_UP_CENTS).max(MAX_TOP_UP_CENTS)

export const topUp = z.object({
  id: z.uuid(),
  origin: z.enum(['checkout', 'auto_recharge']),
  state: z.enum(['pending', 'paid', 'expired', 'canceled', 'failed']),
  amountCents: z.int(),
  currency: z.string(),
  /** What was received and credited; null until then. */
  receivedCents: z.int().nullable(),
  /** Where a person pays, while that is possible. */
  checkoutUrl: z.string().nullable(),
  receiptUrl: z.string().nullable(),
  /** Why the card was refused last. */
  failureCode: z.string().nullable(),
  createdAt: instant,
  expiresAt: instant.nullable(),
  decidedAt: instant.nullable(),
})

export const createTopUp = endpoint({
  method: 'POST',
  path: '/v1/wallet/top-ups',
  permission: 'wallet.top-up',
  idempotent: true,
  summary: 'Begins to pay money in: answers the page on which it is paid',
  status: 201,
  body: z.strictObject({
    amountCents: topUpCents,
    /** Keeps the card, so that it can be charged by itself later. */
    saveCard: z.boolean().default(false),
  }),
  response: topUp,
})

export const listTopUps = endpoint({
  method: 'GET',
  path: '/v1/wallet/top-ups',
  permission: 'wallet.read',
  summary: 'Money paid in or asked for, newest first',
  query: pageQuery,
  response: pageOf(topUp),
})

export const getTopUp = endpoint({
  method: 'GET',
  path: '/v1/wallet/top-ups/:topUpId',
  permission: 'wallet.read',
  summary: 'One top-up: whether it is paid by now',
  params: z.strictObject({ topUpId: z.uuid() }),
  response: topUp,
  resources: { topUpId: 'top-up' },
})

export const autoRecharge = z.object({
  enabled: z.boolean(),
  /** Charged when less than this is available. */
  thresholdCents: z.int(),
  amountCents: z.int(),
  /** Most that is charged by itself within a calendar month (UTC). */
  monthlyCapCents: z.int(),
  chargedThisMonthCents: z.int(),
  card: z.object({ brand: z.string(), lastFour: z.string(), expires: z.string() }).nullable(),
  /** Why it stopped by itself; switching it on again starts it anew. */
  pausedReason: z.enum(['declined', 'authentication_required', 'dispute']).nullable(),
  /** After a refused card or a used-up month: not before this moment. */
  nextTryAt: instant.nullable(),
})

export const getAutoRecharge = endpoint({
  method: 'GET',
  path: '/v1/wallet/auto-recharge',
  permission: 'wallet.read',
  summary: 'Whether the saved card is charged when the money runs low',
  response: autoRecharge,
})

export const changeAutoRecharge = endpoint({
  method: 'PATCH',
  path: '/v1/wallet/auto-recharge',
  permission: 'wallet.top-up',
  summary: 'Switches automatic top-ups on or off and sets their bounds',
  body: z.strictObject({
    enabled: z.boolean().optional(),
    thresholdCents: z.int().min(0).max(MAX_TOP_UP_CENTS).optional(),
    amountCents: topUpCents.optional(),
    monthlyCapCents: z.int().min(0).max(10_000_000).optional(),
  }),
  response: autoRecharge,
})
