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

export const consentBases = ['written', 'spoken', 'web_form', 'customer', 'employment'] as const
export const machineRules = ['hang_up', 'go_on'] as const
export const answerers = ['human', 'machine', 'fax', 'unknown'] as const

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
  /** What calls out have beside the others. */
  outbound: z
    .object({
      consentBasis: z.enum(consentBases),
      consentObtainedAt: instant,
      consentNote: z.string(),
      onMachine: z.enum(machineRules),
      /** Null while the carrier has not said. */
      answeredBy: z.enum(answerers).nullable(),
    })
    .nullable(),
  recording: z
    .object({
      durationMs: z.int(),
      sizeBytes: z.int(),
      sha256: z.string(),
      storedAt: instant,
      /** More than none: pieces of the call that were not kept, and the sound has holes there. */
      lostRecords: z.int().nonnegative(),
      /** A gateway ended before the call did: its last moments may be missing. */
      isTorn: z.boolean(),
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

const e164 = z.string().regex(/^\+[1-9]\d{6,14}$/)

export const startCall = endpoint({
  method: 'POST',
  path: '/v1/calls',
  permission: 'calls.start',
  idempotent: true,
  limit: 'call-start',
  feature: 'outbound_calls',
  summary: 'Has an agent call somebody; a refused call is on record too, under the same key',
  status: 201,
  body: z.strictObject({
    kind: z.literal('agent'),
    agentId: z.uuid(),
    /** The number that the other side sees. */
    fromPhoneNumberId: z.uuid(),
    to: e164,
    /** Why this person may be called by an AI. */
    consent: z.strictObject({
      basis: z.enum(consentBases),
      obtainedAt: instant,
      note: z.string().trim().max(300).default(''),
    }),
    /** What the agent is told about this call: values for the placeholders of its prompt. */
    variables: z
      .record(z.string().regex(/^[a-z][a-z0-9_]{0,39}$/), z.string().max(500))
      .refine((given) => Object.keys(given).length <= 20, { error: 'are 20 at most' })
      .default({}),
    /** What is done where a machine answers: hung up on, or talked to as to a person. */
    onMachine: z.enum(machineRules).default('hang_up'),
  }),
  response: call,
  resources: { agentId: 'agent', fromPhoneNumberId: 'phone-number' },
})

export const checkOutboundCall = endpoint({
  method: 'GET',
  path: '/v1/calls/outbound-check',
  permission: 'calls.start',
  summary: 'Whether such a call would be placed now, and what stands against it; money apart',
  query: z.strictObject({ agentId: z.uuid(), fromPhoneNumberId: z.uuid(), to: e164 }),
  response: z.object({
    isAllowed: z.boolean(),
    /** The code it would be refused with. */
    reason: z.string().nullable(),
    /** ISO 3166; null where the number belongs to none. */
    country: z.string().nullable(),
    /** Every zone in which the number may ring, and the minute of its day. */
    localTimes: z.array(z.object({ zone: z.string(), minute: z.int() })),
    /** When the hours allow it next; null where they are not what stands against it, or never do. */
    opensAt: instant.nullable(),
  }),
  resources: { agentId: 'agent', fromPhoneNumberId: 'phone-number' },
})

export const outboundRules = z.object({
  /** Minutes since midnight where the other side is. */
  opensAtMinute: z.int(),
  closesAtMinute: z.int(),
  /** ISO weekdays, 1 is Monday. */
  weekdays: z.array(z.int()),
  /** Null: as many as the platform allows. */
  dailyMinutes: z.int().nullable(),
  platformDailyMinutes: z.int(),
})

export const getOutboundRules = endpoint({
  method: 'GET',
  path: '/v1/calls/outbound-rules',
  permission: 'organization.read',
  summary: 'When and how much the organization calls out',
  response: outboundRules,
})

export const changeOutboundRules = endpoint({
  method: 'PATCH',
  path: '/v1/calls/outbound-rules',
  permission: 'organization.update',
  summary: 'Narrows the hours, weekdays and minutes of calls out; never wider than 08:00 to 21:00',
  body: z
    .strictObject({
      opensAtMinute: z.int().min(480).max(1259),
      closesAtMinute: z.int().min(481).max(1260),
      weekdays: z.array(z.int().min(1).max(7)).min(1).max(7),
      dailyMinutes: z.int().min(0).max(1_000_000).nullable(),
    })
    .refine((rules) => rules.opensAtMinute < rules.closesAtMinute, {
      error: 'must be after the opening',
      path: ['closesAtMinute'],
    }),
  response: outboundRules,
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
  summary: 'Cuts the line of a running call, or of one we place, at once; who did it is audited',
  status: 202,
  params: callParams,
  response: z.object({ state: z.enum(callStates) }),
  resources: callResource,
})

export const startTestCall = endpoint({
  method: 'POST',
  path: '/v1/agents/:agentId/test-calls',
  permission: 'agents.write',
  peopleOnly: true,
  idempotent: true,
  limit: 'call-start',
  feature: 'agent_calls',
  summary: 'Starts a call to an agent’s draft whose caller is a browser, by voice or by text',
  status: 201,
  params: z.strictObject({ agentId: z.uuid() }),
  body: z.strictObject({ by: z.enum(['voice', 'text']) }),
  response: z.object({
    organizationId: z.uuid(),
    callId: z.uuid(),
    /** Where the gateways take media sockets of browsers: Media Streams frames as Twilio sends them. */
    mediaUrl: z.string(),
    /** Opens one media socket, as a custom parameter of its `start`. */
    streamToken: z.string(),
    expiresAt: instant,
  }),
  resources: { agentId: 'agent' },
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
