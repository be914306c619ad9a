import type { FastifyInstance } from 'fastify'
import { type OutboundCall, placeCall, redirectCall } from '../calls.ts'
import type { Source } from '../documents.ts'
import type { Leg } from '../leg.ts'
import { formatNumber } from '../numbers.ts'
import { isE164, rfc2822 } from '../sids.ts'
import { type StatusCallbackSettings, statusCallbackEvents } from '../status-callbacks.ts'
import { MAX_TWIML_PARAMETER_CHARACTERS } from '../twiml.ts'
import { isWebAddress } from '../webhook.ts'
import type { World } from '../world.ts'
import { field, fields, listPage, methodField, notFound, refuse, wholeNumber } from './answers.ts'
import { recordingOptionsIn } from './recordings.ts'

const RING_SECONDS = 60
const MAX_RING_SECONDS = 600
const MAX_TIME_LIMIT_SECONDS = 86_400

export function callRoutes(app: FastifyInstance, world: World, base: string): void {
  const get = (params: unknown, url: string) => {
    const leg = world.legs.get(field(params, 'sid') ?? '')
    if (!leg) throw notFound(url)
    return leg
  }

  app.post(`${base}/Calls.json`, async ({ body }, reply) => {
    const leg = placeCall(world, outboundCall(world, body))
    return reply.code(201).send(renderCall(leg))
  })

  app.get(`${base}/Calls.json`, async ({ query, url }) => {
    const found = [...world.legs.values()].filter((leg) => fits(leg, query)).reverse()
    return listPage('calls', url, found, renderCall)
  })

  app.get(`${base}/Calls/:sid.json`, async ({ params, url }) => renderCall(get(params, url)))

  app.post(`${base}/Calls/:sid.json`, async ({ params, body, url }) => {
    const leg = get(params, url)
    update(world, leg, body)
    return renderCall(leg)
  })

  app.delete(`${base}/Calls/:sid.json`, async ({ params, url }, reply) => {
    const leg = get(params, url)
    if (!leg.isOver) throw refuse(20001, 'A call that is running cannot be deleted')
    world.legs.delete(leg.callSid)
    return reply.code(204).send()
  })
}

// Silence about these would pass for their effect.
const UNSUPPORTED = ['ApplicationSid', 'Byoc', 'SipAuthUsername']

function outboundCall(world: World, body: unknown): OutboundCall {
  const unsupported = UNSUPPORTED.find((name) => field(body, name) !== undefined)
  if (unsupported) throw refuse(20001, `${unsupported} is not supported by this stand-in`)
  const to = field(body, 'To')
  const from = field(body, 'From')
  if (!to) throw refuse(21201, "No 'To' number is specified")
  if (!from) throw refuse(21213, "No 'From' number is specified")
  if (!isE164(to)) throw refuse(21211, `Invalid 'To' Phone Number: ${to}`)
  if (!isE164(from)) throw refuse(21212, `Invalid 'From' Phone Number: ${from}`)
  const number = world.numbers.findByNumber(from)
  if (!number)
    throw refuse(
      21210,
      `The source phone number provided, ${from}, is not yet verified for your account.`,
    )
  const source = sourceIn(body)
  if (!source) throw refuse(21205, 'Url parameter is required.')
  const fallbackUrl = addressIn(body, 'FallbackUrl')
  const sendDigits = field(body, 'SendDigits') ?? ''
  if (!/^[0-9A-D#*wW]{0,32}$/.test(sendDigits)) throw refuse(20001, 'SendDigits is invalid')
  return {
    to,
    from,
    phoneNumberSid: number.sid,
    source,
    fallback: fallbackUrl
      ? { url: fallbackUrl, method: methodField(body, 'FallbackMethod') }
      : undefined,
    statusCallback: statusCallbackIn(body),
    ringSeconds: wholeNumber(body, 'Timeout', 0, MAX_RING_SECONDS) ?? RING_SECONDS,
    timeLimitSeconds: wholeNumber(body, 'TimeLimit', 1, MAX_TIME_LIMIT_SECONDS),
    sendDigits,
    // Digits to send switch it off, says the specification.
    machineDetection: sendDigits === '' ? machineDetectionIn(body) : undefined,
    recording:
      field(body, 'Record') === 'true' ? recordingOptionsIn(body, 'OutboundAPI') : undefined,
  }
}

function machineDetectionIn(body: unknown): OutboundCall['machineDetection'] {
  const asked = field(body, 'MachineDetection')
  if (asked === undefined) return undefined
  if (asked !== 'Enable') throw refuse(20001, `MachineDetection ${asked} is not supported here`)
  if (field(body, 'AsyncAmd') !== 'true')
    throw refuse(20001, 'MachineDetection without AsyncAmd is not supported here')
  const url = addressIn(body, 'AsyncAmdStatusCallback')
  return {
    callback: url ? { url, method: methodField(body, 'AsyncAmdStatusCallbackMethod') } : null,
  }
}

function update(world: World, leg: Leg, body: unknown): void {
  if (leg.isOver)
    throw refuse(21220, 'Unable to update record. Call is not in-progress. Cannot redirect.')
  const status = field(body, 'Status')
  const source = sourceIn(body)
  const seconds = wholeNumber(body, 'TimeLimit', 1, MAX_TIME_LIMIT_SECONDS)
  const fallbackUrl = addressIn(body, 'FallbackUrl')
  const statusCallback = statusCallbackIn(body)
  if (status !== undefined && status !== 'completed' && status !== 'canceled')
    throw refuse(20001, `Status cannot be ${status}`)
  if (status === 'canceled' && leg.isAnswered)
    throw refuse(21220, 'Only a call that is queued or ringing can be canceled')
  if (source && !leg.isAnswered)
    throw refuse(21220, 'Unable to update record. Call is not in-progress. Cannot redirect.')
  if (statusCallback) leg.callbacks.settings = statusCallback
  if (seconds !== undefined) leg.limitTo(seconds)
  const program = world.programs.get(leg)
  if (fallbackUrl && program)
    program.fallback = { url: fallbackUrl, method: methodField(body, 'FallbackMethod') }
  if (status === 'canceled') leg.end('canceled', 'rest')
  else if (status === 'completed') leg.end(leg.isAnswered ? 'completed' : 'canceled', 'rest')
  else if (source) redirectCall(world, leg, source)
}

function sourceIn(body: unknown): Source | undefined {
  const url = addressIn(body, 'Url')
  if (url) return { url, method: methodField(body, 'Method') }
  const twiml = field(body, 'Twiml')
  if (twiml === undefined) return undefined
  if (twiml.length > MAX_TWIML_PARAMETER_CHARACTERS)
    throw refuse(20001, `Twiml has at most ${MAX_TWIML_PARAMETER_CHARACTERS} characters`)
  return { twiml }
}

function statusCallbackIn(body: unknown): StatusCallbackSettings | undefined {
  const url = addressIn(body, 'StatusCallback')
  if (!url) return undefined
  const asked = fields(body, 'StatusCallbackEvent').flatMap((event) => event.split(' '))
  const unknown = asked.find((event) => !statusCallbackEvents.some((known) => known === event))
  if (unknown !== undefined) throw refuse(20001, `StatusCallbackEvent cannot be ${unknown}`)
  const events = statusCallbackEvents.filter((event) =>
    asked.length > 0 ? asked.includes(event) : event === 'completed',
  )
  return { url, method: methodField(body, 'StatusCallbackMethod'), events }
}

function addressIn(body: unknown, name: string): string | undefined {
  const url = field(body, name)
  if (!url) return undefined
  if (!isWebAddress(url)) throw refuse(21205, `${name} is not a valid URL: ${url}`)
  return url
}

function fits(leg: Leg, query: unknown): boolean {
  const is = (name: string, value: string | undefined) => {
    const wanted = field(query, name)
    return wanted === undefined || wanted === value
  }
  return (
    is('To', leg.to) &&
    is('From', leg.from) &&
    is('Status', leg.status) &&
    is('ParentCallSid', leg.parentCallSid) &&
    fitsDay(query, 'StartTime', leg.answeredAt) &&
    fitsDay(query, 'EndTime', leg.endedAt)
  )
}

/** `StartTime` is a day, `StartTime<` up to and `StartTime>` from a day or instant. */
function fitsDay(query: unknown, name: string, instant: Date | undefined): boolean {
  const [on, before, after] = ['', '<', '>'].map((sign) => field(query, name + sign))
  if (on === undefined && before === undefined && after === undefined) return true
  if (!instant) return false
  const day = instant.toISOString().slice(0, 10)
  if (on !== undefined && day !== on.slice(0, 10)) return false
  if (before !== undefined && instant.getTime() > endOf(before)) return false
  return after === undefined || instant.getTime() >= Date.parse(after)
}

function endOf(dayOrInstant: string): number {
  return Date.parse(dayOrInstant.length === 10 ? `${dayOrInstant}T23:59:59.999Z` : dayOrInstant)
}

function renderCall(leg: Leg) {
  const uri = `/2010-04-01/Accounts/${leg.accountSid}/Calls/${leg.callSid}`
  return {
    sid: leg.callSid,
    account_sid: leg.accountSid,
    parent_call_sid: leg.parentCallSid ?? null,
    to: leg.to,
    to_formatted: formatNumber(leg.to),
    from: leg.from,
    from_formatted: formatNumber(leg.from),
    phone_number_sid: leg.phoneNumberSid ?? null,
    status: leg.status,
    start_time: rfc2822(leg.answeredAt),
    end_time: rfc2822(leg.endedAt),
    duration: leg.isOver ? String(leg.durationSeconds) : null,
    price: null,
    price_unit: 'USD',
    direction: leg.direction,
    answered_by: leg.answeredBy ?? null,
    api_version: '2010-04-01',
    forwarded_from: null,
    group_sid: null,
    caller_name: null,
    queue_time: '0',
    trunk_sid: null,
    annotation: null,
    date_created: rfc2822(leg.createdAt),
    date_updated: rfc2822(leg.updatedAt),
    uri: `${uri}.json`,
    subresource_uris: {
      notifications: `${uri}/Notifications.json`,
      recordings: `${uri}/Recordings.json`,
      streams: `${uri}/Streams.json`,
    },
  }
}
