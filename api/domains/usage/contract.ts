import { z } from 'zod'
import { endpoint } from '#api/contract/endpoint.ts'
import { instant } from '#api/contract/instant.ts'

const day = z.iso.date()
export const callKinds = ['agent', 'live', 'mock', 'meeting', 'test'] as const

/** Days, both included; at most a year. */
export const dayRange = z.strictObject({ from: day, to: day })

const used = { calls: z.int(), billableSeconds: z.int() }

/** Null for those who may not read the wallet. */
const charged = { chargedCents: z.int().nullable() }

export const usageReport = z.object({
  days: z.array(z.object({ day, kind: z.enum(callKinds), ...used, ...charged })),
  total: z.object({ ...used, ...charged }),
  /** The oldest moment one of the sums was made; null where there are none. */
  computedAt: instant.nullable(),
})

export const getUsage = endpoint({
  method: 'GET',
  path: '/v1/usage',
  permission: 'reports.read',
  summary: 'Calls, minutes and cost by day and kind, in the organization’s time zone',
  query: dayRange,
  response: usageReport,
})

const sums = {
  ...used,
  chargedCents: z.int(),
  /** US dollars in millionths; of the calls whose vendor cost is known. */
  vendorCostMicroUsd: z.int(),
  callsWithoutVendorCost: z.int(),
}

export const platformMetrics = z.object({
  organizations: z.object({ active: z.int(), paused: z.int(), archived: z.int() }),
  /** Organizations with a call in the range. */
  organizationsWithCalls: z.int(),
  callsRunning: z.int(),
  callsRunningLimit: z.int(),
  ...sums,
  /** Cents charged less vendor cost, of the calls whose vendor cost is known; null where none is. */
  marginCents: z.int().nullable(),
  days: z.array(z.object({ day, ...sums })),
  /** Who used the most in the range. */
  top: z.array(z.object({ organizationId: z.uuid(), name: z.string(), ...sums })),
  computedAt: instant.nullable(),
})

export const getPlatformMetrics = endpoint({
  method: 'GET',
  path: '/v1/platform/metrics',
  permission: 'platform.metrics',
  summary: 'Organizations, calls, hours, revenue and vendor cost over all organizations',
  query: dayRange,
  response: platformMetrics,
})
