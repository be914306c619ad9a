import { z } from 'zod'
import { endpoint } from '#api/contract/endpoint.ts'
import { instant } from '#api/contract/instant.ts'
import { pageOf, pageQuery } from '#api/contract/page.ts'
import { turn } from '#contracts/transcripts'

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
export const callDirections = ['inbound', 'outbound'] as const

export const callSummary = z.object({
  id: z.uuid(),
  kind: z.enum(callKinds),
  direction: z.enum(callDirections),
  state: z.enum(callStates),
  /** A reason code such as `caller_hung_up` or `insufficient_funds`. */
  reason: z.string(),
  fromNumber: z.string(),
  toNumber: z.string(),
  agentName: z.string().nullable(),
  createdAt: instant,
  liveAt: instant.nullable(),
  endedAt: instant.nullable(),
  durationSeconds: z.int().nullable(),
  /** Absent for roles without `wallet.read`. */
  costCents: z.int().nullable(),
  hasRecording: z.boolean(),
})

export const call = callSummary.extend({
  route: z.enum(['gateway', 'registered', 'native']),
  billingStatus: z.enum(['pending', 'charged', 'blocked', 'waived']),
  pricePerHourCents: z.int().nullable(),
  twilioCallSid: z.string().nullable(),
  elevenLabsConversationId: z.string().nullable(),
  vendorSeconds: z.int().nullable(),
  vendorSummary: z.string().nullable(),
  settledAt: instant.nullable(),
  recording: z
    .object({
      durationMs: z.int(),
      sizeBytes: z.int(),
      sha256: z.string(),
      storedAt: instant,
    })
    .nullable(),
})

export const callEvent = z.object({
  id: z.uuid(),
  at: instant,
  /** `state.live`, `interruption`, `dtmf`, `agent.lost`, `slice.extended` … */
  kind: z.string(),
  data: z.record(z.string(), z.unknown()),
})

const callParams = z.strictObject({ callId: z.uuid() })
const callResource = { callId: 'call' }

export const listCalls = endpoint({
  method: 'GET',
  path: '/v1/calls',
  permission: 'calls.read-own',
  summary:
    'Calls, newest first: the organization’s, or the own ones where the role sees only those',
  query: pageQuery.extend({
    state: z.enum([...callStates, 'running']).optional(),
    kind: z.enum(callKinds).optional(),
    direction: z.enum(callDirections).optional(),
    from: instant.optional(),
    to: instant.optional(),
    /** Part of a phone number. */
    number: z.string().trim().min(2).max(20).optional(),
    /** Words that were said in the call. */
    text: z.string().trim().min(2).max(100).optional(),
  }),
  response: pageOf(callSummary),
})

export const getCall = endpoint({
  method: 'GET',
  path: '/v1/calls/:callId',
  permission: 'calls.read-own',
  summary: 'One call with its billing, vendor ids and recording',
  params: callParams,
  response: call,
  resources: callResource,
})

export const listCallEvents = endpoint({
  method: 'GET',
  path: '/v1/calls/:callId/events',
  permission: 'calls.read-own',
  summary: 'The timeline of a call, oldest first',
  params: callParams,
  query: pageQuery.extend({ limit: z.coerce.number().int().min(1).max(100).default(100) }),
  response: pageOf(callEvent),
  resources: callResource,
})

export const createLiveTicket = endpoint({
  method: 'POST',
  path: '/v1/calls/:callId/live-tickets',
  permission: 'calls.listen',
  peopleOnly: true,
  summary: 'A one-time ticket, good for 30 seconds, for the live feed of a running call',
  status: 201,
  params: callParams,
  response: z.object({
    /** Where the owning gateway listens, with the ticket in it. */
    url: z.string(),
    expiresAt: instant,
  }),
  resources: callResource,
})

export const endCallByHand = endpoint({
  method: 'POST',
  path: '/v1/calls/:callId/end',
  permission: 'calls.listen',
  summary: 'Cuts the line of a running call at once; who did it is audited',
  status: 202,
  params: callParams,
  response: z.object({ state: z.enum(callStates) }),
  resources: callResource,
})

/** What the owning gateway sends over the live feed, one JSON object a message. */
export const liveEvent = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('snapshot'),
    callId: z.uuid(),
    state: z.enum(callStates),
    seconds: z.number(),
    costCents: z.int().nullable(),
    turns: z.array(turn),
    /** Resume point: reconnect with `after` to get only what was missed. */
    sequence: z.int(),
  }),
  z.object({ type: z.literal('turn'), sequence: z.int(), turn }),
  z.object({
    type: z.literal('tentative'),
    speaker: z.enum(['customer', 'agent', 'rep']),
    text: z.string(),
  }),
  z.object({ type: z.literal('levels'), customer: z.number(), agent: z.number() }),
  z.object({ type: z.literal('meter'), seconds: z.number(), costCents: z.int().nullable() }),
  z.object({
    type: z.literal('event'),
    sequence: z.int(),
    kind: z.string(),
    atMs: z.int(),
    data: z.record(z.string(), z.unknown()),
  }),
  z.object({ type: z.literal('ended'), sequence: z.int(), reason: z.string() }),
])
export type LiveEvent = z.output<typeof liveEvent>
