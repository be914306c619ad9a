import { VendorError } from '#api/core/errors.ts'
import type { CallCreation, CallOrder, PlacedCall, TwilioClient } from '#api/core/vendors.ts'
import { BreakerOpen, codeOf } from './failure.ts'
import type { Attempt, TwilioSdk } from './twilio-sdk.ts'

const MAX_LISTED = 50 // calls between two numbers; the newest come first, and ours is seconds old

type CallsPart = Pick<TwilioClient, 'createCall' | 'findCalls'>

/** Calls that we place. */
export function twilioCalls(sdk: TwilioSdk, attempt: Attempt): CallsPart {
  return {
    async createCall(order) {
      try {
        const call = await attempt('create-call', false, () => sdk.calls.create(paramsOf(order)))
        return { outcome: 'created', twilioCallSid: call.sid }
      } catch (error) {
        if (!(error instanceof VendorError)) throw error
        return creationAfter(error)
      }
    },
    async findCalls({ from, to, createdAfter }) {
      const calls = await attempt('find-calls', true, () =>
        sdk.calls.list({ from, to, limit: MAX_LISTED }),
      )
      return (
        calls
          .filter(({ direction }) => direction === 'outbound-api')
          .map((call): PlacedCall => ({ twilioCallSid: call.sid, createdAt: call.dateCreated }))
          // A call that waits to be placed has no moment yet.
          .filter(({ createdAt }) => !createdAt || createdAt >= createdAfter)
      )
    },
  }
}

const paramsOf = (order: CallOrder) => ({
  from: order.from,
  to: order.to,
  url: order.answerUrl,
  method: 'POST',
  fallbackUrl: order.fallbackUrl,
  fallbackMethod: 'POST',
  statusCallback: order.statusUrl,
  statusCallbackMethod: 'POST',
  statusCallbackEvent: ['initiated', 'ringing', 'answered', 'completed'],
  timeout: order.ringSeconds,
  timeLimit: order.timeLimitSeconds,
  // While the call goes on: waiting for the verdict would be silence to a person.
  machineDetection: 'Enable',
  asyncAmd: 'true',
  asyncAmdStatusCallback: order.answeredByUrl,
  asyncAmdStatusCallbackMethod: 'POST',
})

const NOT_SENT = 'Twilio has not been answering, so the call was not asked for.'

/** Only an answer that says no, and a request that never left, are known to have placed nothing (THREATS F17). */
function creationAfter(failure: VendorError): CallCreation {
  if (failure.cause instanceof BreakerOpen)
    return { outcome: 'refused', code: null, words: NOT_SENT }
  if (failure.status === undefined || failure.retryable) return { outcome: 'unknown', failure }
  return { outcome: 'refused', code: codeOf(failure) ?? null, words: failure.words ?? null }
}
