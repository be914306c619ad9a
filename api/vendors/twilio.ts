import { VendorError } from '#api/core/errors.ts'
import type { TwilioCall, TwilioClient } from '#api/core/vendors.ts'
import { type Breaker, unguarded } from './breakers.ts'
import { exchange } from './exchange.ts'
import { refused, unanswered } from './failure.ts'
import { twilioCalls } from './twilio-calls.ts'
import { twilioNumbers } from './twilio-numbers.ts'
import { attemptBy, openSdk, orNull, unlessOver } from './twilio-sdk.ts'

const API = 'https://api.twilio.com'
const NOT_FOUND = 404
const FINAL = ['completed', 'busy', 'failed', 'no-answer', 'canceled']
// WAV of 16 bits at 8 kHz: both sides of seventy minutes, which a worker holds in memory while it stores them.
const MAX_RECORDING_BYTES = 128 * 2 ** 20
const DOWNLOAD_MS = 60_000

/** Twilio's REST API for one account. */
export function twilioClient(account: {
  accountSid: string
  authToken: string
  baseUrl: string | null
  breaker?: Breaker
}): TwilioClient {
  const sdk = openSdk(account)
  const attempt = attemptBy(account.breaker ?? unguarded)
  const { accountSid, authToken } = account

  return {
    ...twilioNumbers(sdk, attempt),
    ...twilioCalls(sdk, attempt),
    accountSid,
    credentials: () => ({ accountSid, authToken }),
    async fetchAccount() {
      const found = await attempt('fetch-account', true, () =>
        sdk.api.v2010.accounts(accountSid).fetch(),
      )
      return { friendlyName: found.friendlyName, isActive: found.status === 'active' }
    },
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
    async fetchRecording(sid) {
      const made = await orNull(() =>
        attempt('find-recording', true, () => sdk.recordings(sid).fetch()),
      )
      if (!made) return null
      const path = `/2010-04-01/Accounts/${accountSid}/Recordings/${encodeURIComponent(sid)}.wav`
      const url = new URL(path, account.baseUrl ?? API)
      // Unasked, both sides may come mixed into one.
      url.searchParams.set('RequestedChannels', String(made.channels))
      return await attempt('fetch-recording', true, () =>
        download(url, `${accountSid}:${authToken}`),
      )
    },
    async deleteRecording(sid) {
      await orNull(() => attempt('delete-recording', true, () => sdk.recordings(sid).remove()))
    },
  }
}

/** The SDK reads JSON only. */
async function download(url: URL, credentials: string): Promise<Buffer | null> {
  try {
    const headers = { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` }
    const limits = { connectMs: 3_000, totalMs: DOWNLOAD_MS, maxBytes: MAX_RECORDING_BYTES }
    const answer = await exchange({ method: 'GET', url, headers }, limits)
    if (answer.status === NOT_FOUND) return null
    if (answer.status !== 200) throw refused('twilio', 'fetch-recording', answer.status)
    return answer.body
  } catch (error) {
    if (error instanceof VendorError) throw error
    throw unanswered('twilio', 'fetch-recording', error)
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
