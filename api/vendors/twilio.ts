import twilio from 'twilio'
import { VendorError } from '#api/core/errors.ts'
import type { NumberWebhooks, TwilioCall, TwilioClient, TwilioNumber } from '#api/core/vendors.ts'
import { exchange } from './exchange.ts'
import { codeOf, refused, retrying, unanswered } from './failure.ts'

const { RequestClient } = twilio
type SentRequest = Parameters<InstanceType<typeof RequestClient>['request']>[0]

const NOT_FOUND = 404
const CALL_IS_OVER = '21220' // "call is not in a state to be updated"
const FINAL = ['completed', 'busy', 'failed', 'no-answer', 'canceled']

/** Twilio's REST API by its SDK, which gets our transport: deadlines, no redirects, a cap, any host. */
export function twilioClient(options: {
  accountSid: string
  authToken: string
  baseUrl: string | null
}): TwilioClient {
  const sdk = twilio(options.accountSid, options.authToken, {
    httpClient: new GuardedHttp(options.baseUrl),
  })

  return {
    async setTimeLimit(sid, seconds) {
      await unlessOver(() =>
        attempt('set-time-limit', true, () => sdk.calls(sid).update({ timeLimit: seconds })),
      )
    },
    async endCall(sid) {
      await unlessOver(() =>
        attempt('end-call', true, () => sdk.calls(sid).update({ status: 'completed' })),
      )
    },
    async fetchCall(sid) {
      const call = await orNull(() => attempt('fetch-call', true, () => sdk.calls(sid).fetch()))
      return call && describeCall(call)
    },
    async searchNumbers({ country, limit }) {
      const found = await attempt('search-numbers', true, () =>
        sdk.availablePhoneNumbers(country).local.list({ voiceEnabled: true, limit }),
      )
      return found.map(({ phoneNumber }) => phoneNumber)
    },
    async findNumber(e164) {
      // The filter also matches parts of numbers.
      const numbers = await attempt('find-number', true, () =>
        sdk.incomingPhoneNumbers.list({ phoneNumber: e164, limit: 20 }),
      )
      const exact = numbers.find(({ phoneNumber }) => phoneNumber === e164)
      return exact ? describeNumber(exact) : null
    },
    async buyNumber(e164, to) {
      const bought = await attempt('buy-number', false, () =>
        sdk.incomingPhoneNumbers.create({ phoneNumber: e164, ...pointing(to) }),
      )
      return describeNumber(bought)
    },
    async pointNumber(sid, to) {
      const pointed = await attempt('point-number', true, () =>
        // While an application or a trunk is set, Twilio ignores the URLs; an empty text clears it.
        sdk.incomingPhoneNumbers(sid).update({
          ...pointing(to),
          voiceApplicationSid: '',
          trunkSid: '',
        }),
      )
      return describeNumber(pointed)
    },
  }
}

const pointing = (to: NumberWebhooks) => ({
  voiceUrl: to.voiceUrl,
  voiceMethod: 'POST',
  voiceFallbackUrl: to.voiceFallbackUrl,
  voiceFallbackMethod: 'POST',
  statusCallback: to.statusCallback,
  statusCallbackMethod: 'POST',
})

/** The SDK's transport, replaced: its own follows no deadline for connecting and knows no other host. */
class GuardedHttp extends RequestClient {
  readonly #baseUrl: URL | null
  constructor(baseUrl: string | null) {
    super()
    this.#baseUrl = baseUrl ? new URL(baseUrl) : null
  }

  override async request<T>(sent: SentRequest): Promise<{
    statusCode: number
    body: T
    headers: unknown
    toString(): string
  }> {
    const url = new URL(sent.uri)
    if (this.#baseUrl) {
      url.protocol = this.#baseUrl.protocol
      url.host = this.#baseUrl.host
    }
    for (const [name, value] of fields(sent.params)) url.searchParams.append(name, value)
    const form = new URLSearchParams(fields(sent.data)).toString()
    const credentials = Buffer.from(`${sent.username}:${sent.password}`).toString('base64')
    const answer = await exchange({
      method: methodOf(sent.method),
      url,
      headers: {
        accept: 'application/json',
        authorization: `Basic ${credentials}`,
        'user-agent': 'voxcalls',
        ...(form && { 'content-type': 'application/x-www-form-urlencoded' }),
      },
      ...(form && { body: form }),
    })
    // The SDK parses the text itself, and takes a page of HTML for an error without a code.
    const body = answer.body.toString('utf8') as T
    return { statusCode: answer.status, body, headers: answer.headers, toString: () => '' }
  }
}

const methods = ['GET', 'POST', 'DELETE'] as const

function methodOf(name: string): (typeof methods)[number] {
  const method = methods.find((known) => known === name.toUpperCase())
  if (!method) throw new Error(`Twilio's API has no ${name}`)
  return method
}

/** Form fields as Twilio takes them: a list is its name repeated. */
function fields(values: unknown): [string, string][] {
  return Object.entries(values ?? {}).flatMap(([name, value]): [string, string][] => {
    if (value === undefined || value === null) return []
    return [value].flat().map((item) => [name, String(item)])
  })
}

async function attempt<T>(
  operation: string,
  repeatable: boolean,
  work: () => Promise<T>,
): Promise<T> {
  const once = async () => {
    try {
      return await work()
    } catch (error) {
      throw translate(operation, error)
    }
  }
  return repeatable ? retrying(once) : once()
}

/** The SDK throws several classes; all of them carry these two numbers when Twilio answered. */
function translate(operation: string, error: unknown): VendorError {
  const number = (name: string): number | undefined => {
    const value: unknown = error instanceof Error ? Reflect.get(error, name) : undefined
    return typeof value === 'number' ? value : undefined
  }
  const [status, code] = [number('status'), number('code')]
  if (status === undefined) return unanswered('twilio', operation, error)
  return refused('twilio', operation, status, code?.toString())
}

/** What cannot be changed because it is over needs no change. */
async function unlessOver(work: () => Promise<unknown>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!(error instanceof VendorError)) throw error
    if (error.status !== NOT_FOUND && codeOf(error) !== CALL_IS_OVER) throw error
  }
}

async function orNull<T>(work: () => Promise<T>): Promise<T | null> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof VendorError && error.status === NOT_FOUND) return null
    throw error
  }
}

function describeCall(call: {
  status: string
  duration: string | null
  startTime: Date | null
  endTime: Date | null
}): TwilioCall {
  const over = FINAL.includes(call.status)
  return {
    status: call.status,
    durationSeconds: over ? Number(call.duration ?? 0) : null,
    startedAt: call.startTime,
    endedAt: call.endTime,
  }
}

const describeNumber = (number: {
  sid: string
  phoneNumber: string
  voiceUrl: string
}): TwilioNumber => ({ sid: number.sid, e164: number.phoneNumber, voiceUrl: number.voiceUrl })
