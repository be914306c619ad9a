import type { z } from 'zod'
import type { usageReport } from '#contracts/usage'
import type { autoRecharge, costPreview, statement, topUp } from '#contracts/wallet'
import { anId } from './factories.ts'

export const aTopUp = (over: Partial<z.input<typeof topUp>> = {}): z.input<typeof topUp> => ({
  id: anId(600),
  origin: 'checkout',
  state: 'pending',
  amountCents: 5_000,
  currency: 'usd',
  receivedCents: null,
  checkoutUrl: 'http://pay.test/c/pay/cs_1',
  receiptUrl: null,
  failureCode: null,
  createdAt: '2026-11-20T15:00:00.000Z',
  expiresAt: '2026-11-20T17:00:00.000Z',
  decidedAt: null,
  ...over,
})

type RechargeWire = z.input<typeof autoRecharge>

export const aCard = { brand: 'visa', lastFour: '4242', expires: '12/2034' }

export const aRecharge = (over: Partial<RechargeWire> = {}): RechargeWire => ({
  enabled: false,
  thresholdCents: 1_000,
  amountCents: 5_000,
  monthlyCapCents: 50_000,
  chargedThisMonthCents: 0,
  card: null,
  pausedReason: null,
  nextTryAt: null,
  ...over,
})

type UsageWire = z.input<typeof usageReport>

export const aUsage = (over: Partial<UsageWire> = {}): UsageWire => ({
  days: [],
  total: { calls: 0, billableSeconds: 0, chargedCents: 0 },
  computedAt: '2026-11-20T15:00:00.000Z',
  ...over,
})

type StatementWire = z.input<typeof statement>

export const aStatement = (over: Partial<StatementWire> = {}): StatementWire => ({
  month: '2026-10',
  organizationName: 'Northwind Dental',
  timeZone: 'America/New_York',
  currency: 'usd',
  from: '2026-10-01T04:00:00.000Z',
  to: '2026-11-01T04:00:00.000Z',
  isComplete: true,
  openingCents: 10_000,
  credits: [{ kind: 'top_up', lines: 2, amountCents: 7_500 }],
  debits: [{ kind: 'refund', lines: 1, amountCents: 500 }],
  charges: [{ kind: 'agent', calls: 12, billedSeconds: 5_400, amountCents: 3_750 }],
  totalCreditsCents: 7_500,
  totalDebitsCents: 500,
  totalChargesCents: 3_750,
  closingCents: 13_250,
  closingHeldCents: 0,
  ...over,
})

type PreviewWire = z.input<typeof costPreview>

export const aPreview = (over: Partial<PreviewWire> = {}): PreviewWire => ({
  kind: 'agent',
  currency: 'usd',
  pricePerHourCents: 2_500,
  pricePerMinuteCents: 42,
  affordableSeconds: 3_600,
  canStart: true,
  reason: null,
  ...over,
})
