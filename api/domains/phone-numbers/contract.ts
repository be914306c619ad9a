import { z } from 'zod'
import { endpoint } from '#api/contract/endpoint.ts'
import { instant } from '#api/contract/instant.ts'
import { pageOf, pageQuery } from '#api/contract/page.ts'

export const routes = ['gateway', 'registered', 'native'] as const
/** `changing` takes calls as before while its agent or its route is changed at the vendors. */
export const numberStates = [
  'importing',
  'active',
  'changing',
  'failed',
  'releasing',
  'released',
] as const
/** What is done at the vendors, in the order in which it may be done. */
export const numberSteps = [
  'finding',
  'buying',
  'leaving_elevenlabs',
  'pointing',
  'joining_elevenlabs',
  'assigning',
  'giving_back',
] as const
export const fallbackKinds = ['none', 'message', 'voicemail', 'forward'] as const

const e164 = z.string().regex(/^\+[1-9][0-9]{6,14}$/, 'a number such as +15005550006')
const label = z.string().trim().max(80)
const country = z.string().length(2).toUpperCase()
const spoken = z.string().trim().min(1).max(400)

export const fallback = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('none') }),
  /** Said, then the call ends. */
  z.strictObject({ kind: z.literal('message'), text: spoken }),
  /** Said, then the caller may leave a message of two minutes. */
  z.strictObject({ kind: z.literal('voicemail'), text: spoken }),
  z.strictObject({ kind: z.literal('forward'), to: e164 }),
])

export const capabilities = z.object({ voice: z.boolean(), sms: z.boolean(), mms: z.boolean() })

/** One thing that a vendor holds otherwise than we left it. */
export const drift = z.object({
  vendor: z.enum(['twilio', 'elevenlabs']),
  what: z.enum([
    'number_gone',
    'voice_url',
    'fallback_url',
    'status_callback',
    'application',
    'trunk',
    'import_gone',
    'still_imported',
    'agent',
  ]),
  expected: z.string(),
  found: z.string(),
})

export const phoneNumber = z.object({
  id: z.uuid(),
  e164: z.string(),
  label: z.string(),
  /** Who answers: our gateway, ElevenLabs after we let the call through, or ElevenLabs alone. */
  route: z.enum(routes),
  agentId: z.uuid().nullable(),
  agentName: z.string().nullable(),
  /** The organization's own account that holds the number; null where it is the platform's. */
  carrierAccountId: z.uuid().nullable(),
  capabilities,
  state: z.enum(numberStates),
  /** What is being done, or where it failed. */
  step: z.enum(numberSteps).nullable(),
  /** Why it failed: `message` is the vendor's own words where a vendor refused. */
  error: z
    .object({ vendor: z.string().nullable(), code: z.string(), message: z.string() })
    .nullable(),
  /** Until when the vendor that failed is left in peace; null where nobody waits. */
  nextTryAt: instant.nullable(),
  fallback,
  maxConcurrentCalls: z.int(),
  callsLast7Days: z.int(),
  health: z.enum(['ok', 'working', 'failed', 'drifted', 'no_agent', 'agent_not_ready']),
  drift: z.array(drift),
  driftFoundAt: instant.nullable(),
  /** When the vendors were last asked what they hold. */
  checkedAt: instant.nullable(),
  createdAt: instant,
})

const params = z.strictObject({ phoneNumberId: z.uuid() })
const resources = { phoneNumberId: 'phone-number' }

export const listPhoneNumbers = endpoint({
  method: 'GET',
  path: '/v1/phone-numbers',
  permission: 'phone-numbers.read',
  summary: "The organization's phone numbers, newest first; released ones only when asked for",
  query: pageQuery.extend({
    state: z.enum(numberStates).optional(),
    agentId: z.uuid().optional(),
    carrierAccountId: z.uuid().optional(),
  }),
  response: pageOf(phoneNumber),
  resources: { agentId: 'agent', carrierAccountId: 'carrier-account' },
})

export const getPhoneNumber = endpoint({
  method: 'GET',
  path: '/v1/phone-numbers/:phoneNumberId',
  permission: 'phone-numbers.read',
  summary: 'One phone number',
  params,
  response: phoneNumber,
  resources,
})

export const updatePhoneNumber = endpoint({
  method: 'PATCH',
  path: '/v1/phone-numbers/:phoneNumberId',
  permission: 'phone-numbers.write',
  summary: 'Changes label, agent, route, fallback or lines; vendors follow in the background',
  params,
  body: z.strictObject({
    label: label.optional(),
    agentId: z.uuid().nullable().optional(),
    route: z.enum(routes).optional(),
    fallback: fallback.optional(),
    maxConcurrentCalls: z.int().min(1).max(1_000).optional(),
  }),
  response: phoneNumber,
  resources: { ...resources, agentId: 'agent' },
})

const availableNumber = z.object({
  e164: z.string(),
  locality: z.string().nullable(),
  region: z.string().nullable(),
  country: z.string(),
  capabilities,
})

export const searchAvailableNumbers = endpoint({
  method: 'GET',
  path: '/v1/available-phone-numbers',
  permission: 'phone-numbers.write',
  summary: 'Numbers that can be bought now, with what Twilio asks for one a month',
  query: z.strictObject({
    country,
    /** Digits, with `*` for any one of them. */
    contains: z
      .string()
      .regex(/^[0-9*]{2,15}$/)
      .optional(),
    areaCode: z
      .string()
      .regex(/^[0-9]{2,5}$/)
      .optional(),
    /** The platform's account where absent. */
    carrierAccountId: z.uuid().optional(),
    limit: z.coerce.number().int().min(1).max(50).default(20),
  }),
  response: z.object({
    items: z.array(availableNumber),
    /** Null where Twilio names no price for local numbers of this country. */
    monthlyPrice: z.object({ amountMicros: z.int(), currency: z.string() }).nullable(),
    /** Whose Twilio account is charged. */
    paidBy: z.enum(['platform', 'carrier_account']),
  }),
  resources: { carrierAccountId: 'carrier-account' },
})

const heldNumber = z.object({
  e164: z.string(),
  /** Its name at Twilio. */
  friendlyName: z.string(),
  capabilities,
  /** What answers it today; empty where nothing does. */
  voiceUrl: z.string(),
})

export const listHeldNumbers = endpoint({
  method: 'GET',
  path: '/v1/carrier-accounts/:carrierAccountId/held-numbers',
  permission: 'phone-numbers.write',
  summary: 'Numbers a Twilio account holds that are not imported yet, 1,000 at most',
  params: z.strictObject({ carrierAccountId: z.uuid() }),
  response: z.object({ items: z.array(heldNumber) }),
  resources: { carrierAccountId: 'carrier-account' },
})

const wanted = {
  e164,
  label: label.default(''),
  agentId: z.uuid().nullable().default(null),
  route: z.enum(routes).default('gateway'),
}

export const importPhoneNumber = endpoint({
  method: 'POST',
  path: '/v1/phone-numbers/imports',
  permission: 'phone-numbers.write',
  summary: 'Takes over a number that an own Twilio account holds; it is set up in the background',
  idempotent: true,
  status: 202,
  body: z.strictObject({ ...wanted, carrierAccountId: z.uuid() }),
  response: phoneNumber,
  resources: { agentId: 'agent', carrierAccountId: 'carrier-account' },
})

export const buyPhoneNumber = endpoint({
  method: 'POST',
  path: '/v1/phone-numbers/purchases',
  permission: 'phone-numbers.write',
  peopleOnly: true,
  summary: 'Buys a number and takes it over; it is bought once, whatever becomes of the answer',
  idempotent: true,
  status: 202,
  body: z.strictObject({
    ...wanted,
    /** The platform's account where null. */
    carrierAccountId: z.uuid().nullable().default(null),
    /** The number again, as typed by whoever agrees to pay for it. */
    confirmE164: e164,
  }),
  response: phoneNumber,
  resources: { agentId: 'agent', carrierAccountId: 'carrier-account' },
})

export const retryPhoneNumber = endpoint({
  method: 'POST',
  path: '/v1/phone-numbers/:phoneNumberId/retry',
  permission: 'phone-numbers.write',
  summary: 'Goes on where setting up, changing or releasing a number failed',
  status: 202,
  params,
  response: phoneNumber,
  resources,
})

export const releasePhoneNumber = endpoint({
  method: 'POST',
  path: '/v1/phone-numbers/:phoneNumberId/release',
  permission: 'phone-numbers.write',
  summary: 'Gives a number up: back to Twilio for good, or back to its account as it was before',
  status: 202,
  params,
  body: z.strictObject({
    /** True: the account keeps the number and it points again where it pointed before. */
    staysAtCarrier: z.boolean(),
    /** The number, as typed by whoever gives it up. */
    confirmE164: e164,
  }),
  response: phoneNumber,
  resources,
})

export const checkDrift = endpoint({
  method: 'POST',
  path: '/v1/phone-numbers/:phoneNumberId/check-drift',
  permission: 'phone-numbers.write',
  summary: 'Asks the vendors what they hold of a number and compares it with what we left there',
  params,
  response: phoneNumber,
  resources,
})

export const repairDrift = endpoint({
  method: 'POST',
  path: '/v1/phone-numbers/:phoneNumberId/repair-drift',
  permission: 'phone-numbers.write',
  summary: 'Sets a number up at the vendors again as it should be',
  status: 202,
  params,
  response: phoneNumber,
  resources,
})
