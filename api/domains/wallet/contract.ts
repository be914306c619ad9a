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

export const ledgerEntry = z.object({
  id: z.uuid(),
  sequence: z.int(),
  at: instant,
  kind: z.enum([
    'top_up',
    'adjustment',
    'grant',
    'hold',
    'capture',
    'release',
    'refund',
    'dispute',
  ]),
  fromAccount: z.string(),
  toAccount: z.string(),
  amountCents: z.int(),
  balanceAfterCents: z.int(),
  heldAfterCents: z.int(),
  callId: z.uuid().nullable(),
  explanation: z.record(z.string(), z.unknown()),
})

export const listLedgerEntries = endpoint({
  method: 'GET',
  path: '/v1/wallet/entries',
  permission: 'wallet.read',
  summary: 'Ledger lines, newest first',
  query: pageQuery.extend({ callId: z.uuid().optional() }),
  response: pageOf(ledgerEntry),
  resources: { callId: 'call' },
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
