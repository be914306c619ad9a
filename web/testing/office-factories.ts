import type { z } from 'zod'
import type { listPlatformAdmins } from '#contracts/access'
import type { failedJob, jobQueue, webhookDelivery } from '#contracts/operations'
import type { getOrganizationDetail, organizationSummary } from '#contracts/organizations'
import type { setting } from '#contracts/system'
import type { platformMetrics } from '#contracts/usage'
import type { price, wallet } from '#contracts/wallet'
import { aMe, anId } from './factories.ts'

export const superAdmin = () => aMe({ membership: null, platformRole: 'super_admin' })
export const platformManager = () => aMe({ membership: null, platformRole: 'manager' })

type MetricsWire = z.input<typeof platformMetrics>

const someSums = {
  calls: 12,
  billableSeconds: 5_400,
  chargedCents: 3_750,
  vendorCostMicroUsd: 12_340_000,
  callsWithoutVendorCost: 0,
}

export const someMetrics = (over: Partial<MetricsWire> = {}): MetricsWire => ({
  organizations: { active: 41, paused: 2, archived: 1 },
  organizationsWithCalls: 9,
  callsRunning: 3,
  callsRunningLimit: 1_000,
  ...someSums,
  marginCents: 2_516,
  days: [{ day: new Date().toISOString().slice(0, 10), ...someSums }],
  top: [{ organizationId: anId(1), name: 'Northwind Dental', ...someSums }],
  computedAt: '2026-11-20T15:00:00.000Z',
  ...over,
})

type SummaryWire = z.input<typeof organizationSummary>

export const anOrganization = (over: Partial<SummaryWire> = {}): SummaryWire => ({
  id: anId(1),
  name: 'Northwind Dental',
  timeZone: 'America/New_York',
  status: 'active',
  createdAt: '2026-10-01T10:00:00.000Z',
  statusReason: null,
  members: 4,
  currency: 'usd',
  balanceCents: 48_250,
  heldCents: 168,
  callsRunning: 2,
  calls30d: 120,
  billableSeconds30d: 7_200,
  chargedCents30d: 5_000,
  ...over,
})

type DetailWire = z.input<(typeof getOrganizationDetail)['response']>

export const aDetail = (over: Partial<DetailWire> = {}): DetailWire => ({
  ...anOrganization(),
  maxConcurrentCalls: 20,
  deficitCents: 0,
  ownPricePerHourCents: null,
  pricePerHourCents: 2_500,
  admins: [{ userId: anId(900), name: 'Ana Morales', email: 'ana@northwind.test' }],
  ...over,
})

export const aWallet = (over: Partial<z.input<typeof wallet>> = {}): z.input<typeof wallet> => ({
  currency: 'usd',
  balanceCents: 10_000,
  heldCents: 1_000,
  availableCents: 9_000,
  usedPercent: 12,
  pricePerHourCents: 2_500,
  deficitCents: 0,
  burnCentsPerHour: 2_500,
  minutesLeft: 216,
  updatedAt: '2026-11-20T15:00:00.000Z',
  ...over,
})

type PriceWire = z.input<typeof price>

export const aPrice = (over: Partial<PriceWire> = {}): PriceWire => ({
  id: anId(300),
  pricePerHourCents: 2_500,
  mockPricePercent: 0,
  effectiveFrom: '2026-01-01T00:00:00.000Z',
  reason: 'The first price',
  actorId: null,
  createdAt: '2026-01-01T00:00:00.000Z',
  ...over,
})

type SettingWire = z.input<typeof setting>

export const aSetting = (over: Partial<SettingWire> = {}): SettingWire => ({
  key: 'slice_seconds',
  unit: 'seconds',
  description: 'How much talk one hold pays for.',
  minimum: 10,
  maximum: 600,
  default: 60,
  value: 60,
  versions: [],
  ...over,
})

type AdminWire = z.input<(typeof listPlatformAdmins)['response']>['items'][number]

export const aPlatformAdmin = (over: Partial<AdminWire> = {}): AdminWire => ({
  userId: anId(910),
  name: 'Otto Ops',
  email: 'otto@voxcalls.test',
  role: 'manager',
  origin: 'grant',
  grantedByUserId: anId(900),
  grantedAt: '2026-11-01T10:00:00.000Z',
  ...over,
})

export const aQueue = (over: Partial<z.input<typeof jobQueue>> = {}): z.input<typeof jobQueue> => ({
  name: 'mail.send',
  waiting: 4,
  active: 1,
  failed: 0,
  oldestWaitingSeconds: 95,
  ...over,
})

type FailedWire = z.input<typeof failedJob>

export const aFailedJob = (over: Partial<FailedWire> = {}): FailedWire => ({
  id: anId(400),
  queue: 'agents.push-agent',
  data: { agentId: anId(70) },
  error: 'elevenlabs update-agent answered 503',
  tries: 6,
  createdAt: '2026-11-20T14:00:00.000Z',
  failedAt: '2026-11-20T15:00:00.000Z',
  ...over,
})

type DeliveryWire = z.input<typeof webhookDelivery>

export const aDelivery = (over: Partial<DeliveryWire> = {}): DeliveryWire => ({
  vendor: 'stripe',
  deliveryId: 'evt_1',
  kind: 'checkout.session.completed',
  subject: { paymentIntentId: 'pi_1' },
  receivedAt: '2026-11-20T15:00:00.000Z',
  handledAt: null,
  attempts: 3,
  outcome: null,
  ...over,
})
