import { z } from 'zod'
import { endpoint } from '#api/contract/endpoint.ts'
import { instant } from '#api/contract/instant.ts'
import { pageOf, pageQuery } from '#api/contract/page.ts'

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
export const findingCauses = [
  'gateway_lost',
  'stream_taken_over',
  'never_served',
  'funds_exhausted',
  'not_reported',
  'not_rated',
  'free_call',
  'price_below_cost',
  'unexplained',
] as const
export const findingStates = ['open', 'vanished', 'accepted', 'corrected'] as const

/** What the clocks of one call disagree on. A second or cost that nobody told is null, never nothing. */
export const finding = z.object({
  id: z.uuid(),
  organizationId: z.uuid(),
  organizationName: z.string(),
  callId: z.uuid(),
  kind: z.enum(findingKinds),
  /** What most likely led to it. */
  cause: z.enum(findingCauses),
  /** `vanished`: a later look found the clocks agreeing. */
  state: z.enum(findingStates),
  carrierSeconds: z.int().nullable(),
  elevenLabsSeconds: z.int().nullable(),
  gatewaySeconds: z.int().nullable(),
  billedSeconds: z.int().nullable(),
  chargedCents: z.int().nullable(),
  /** US dollars in millionths. */
  vendorCostMicroUsd: z.int().nullable(),
  /** Charged less vendor cost; null where the cost is unknown or the charge is in another currency. */
  marginCents: z.int().nullable(),
  foundAt: instant,
  checkedAt: instant,
  closedAt: instant.nullable(),
  closedBy: z.string().nullable(),
  note: z.string().nullable(),
  correctedCents: z.int().nullable(),
})

export const listFindings = endpoint({
  method: 'GET',
  path: '/v1/platform/reconciliation',
  permission: 'system.read',
  summary: 'What the clocks of carrier, ElevenLabs and gateway disagree on, newest first',
  query: pageQuery.extend({
    state: z.enum(findingStates).optional(),
    kind: z.enum(findingKinds).optional(),
    cause: z.enum(findingCauses).optional(),
    organizationId: z.uuid().optional(),
    callId: z.uuid().optional(),
    /** Found from this moment on. */
    from: instant.optional(),
    /** Found before this moment. */
    to: instant.optional(),
  }),
  response: pageOf(finding),
  resources: { organizationId: 'organization', callId: 'call' },
})

export const startRun = endpoint({
  method: 'POST',
  path: '/v1/platform/reconciliation/runs',
  permission: 'system.write',
  summary: 'Compares the clocks of recent calls now, beside the daily comparison',
  status: 202,
  body: z.strictObject({
    /** Calls settled within this many days. */
    days: z.int().min(1).max(90).default(4),
  }),
  response: z.object({ settledSince: instant }),
})

export const correctCall = endpoint({
  method: 'POST',
  path: '/v1/platform/organizations/:organizationId/calls/:callId/corrections',
  permission: 'wallet.adjust',
  idempotent: true,
  summary: 'Gives back or takes money for one call and closes what was found about it',
  params: z.strictObject({ organizationId: z.uuid(), callId: z.uuid() }),
  body: z.strictObject({
    /** A client's own id for this correction: sent twice, it is posted once. */
    requestId: z.uuid(),
    /** Given back where positive; with 0 everything is accepted as it is. */
    amountCents: z.int().min(-10_000_000).max(10_000_000),
    note: z.string().trim().min(3).max(200),
  }),
  response: z.object({ items: z.array(finding) }),
  resources: { organizationId: 'organization', callId: 'call' },
})
