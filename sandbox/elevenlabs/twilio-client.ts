import { read, readList, readText } from './json.ts'
import { badRequest } from './problems.ts'

export type TwilioAccount = { baseUrl: string; sid: string; token: string }

const TIMEOUT_MS = 10_000 // the other stand-in answers in milliseconds; this is for one that hangs

export type TwilioNumber = { sid: string; kind: 'incoming' | 'verified' }

/** An incoming number of the account, or a verified caller id, or neither. */
export async function findNumber(
  account: TwilioAccount,
  phoneNumber: string,
): Promise<TwilioNumber | undefined> {
  const query = `?PhoneNumber=${encodeURIComponent(phoneNumber)}`
  const incoming = await call(account, 'GET', `/IncomingPhoneNumbers.json${query}`)
  const own = readText(exact(incoming, 'incoming_phone_numbers', phoneNumber), 'sid')
  if (own) return { sid: own, kind: 'incoming' }
  const verified = await call(account, 'GET', `/OutgoingCallerIds.json${query}`)
  const callerId = readText(exact(verified, 'outgoing_caller_ids', phoneNumber), 'sid')
  return callerId ? { sid: callerId, kind: 'verified' } : undefined
}

export async function pointNumberAt(
  account: TwilioAccount,
  numberSid: string,
  urls: { voiceUrl: string; statusCallback: string },
): Promise<void> {
  await call(account, 'POST', `/IncomingPhoneNumbers/${numberSid}.json`, {
    VoiceUrl: urls.voiceUrl,
    VoiceMethod: 'POST',
    StatusCallback: urls.statusCallback,
    StatusCallbackMethod: 'POST',
  })
}

export async function createCall(
  account: TwilioAccount,
  fields: Record<string, string>,
): Promise<string> {
  return readText(await call(account, 'POST', '/Calls.json', fields), 'sid')
}

function exact(body: unknown, key: string, phoneNumber: string): unknown {
  return readList(body, key).find((item) => read(item, 'phone_number') === phoneNumber)
}

async function call(
  account: TwilioAccount,
  method: string,
  path: string,
  fields?: Record<string, string>,
): Promise<unknown> {
  const response = await fetch(
    `${account.baseUrl}/2010-04-01/Accounts/${encodeURIComponent(account.sid)}${path}`,
    {
      method,
      headers: {
        authorization: `Basic ${Buffer.from(`${account.sid}:${account.token}`).toString('base64')}`,
      },
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...(fields ? { body: new URLSearchParams(fields) } : {}),
    },
  )
  const body: unknown = await response.json().catch(() => undefined)
  if (response.ok) return body
  if (response.status === 404 && path.startsWith('/OutgoingCallerIds')) return undefined
  const why = readText(body, 'message') || `Twilio answered ${response.status}`
  throw badRequest('twilio_error', why)
}
