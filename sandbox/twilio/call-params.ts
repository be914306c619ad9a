import type { Leg } from './leg.ts'
import type { Params } from './signature.ts'

/** The fields every voice webhook of a call carries. Geography is not known here and stays empty. */
export function callParams(leg: Leg): Params {
  const params: Record<string, string> = {
    CallSid: leg.callSid,
    AccountSid: leg.accountSid,
    ApiVersion: '2010-04-01',
    Direction: leg.direction,
    CallStatus: leg.status,
    From: leg.from,
    To: leg.to,
    Caller: leg.from,
    Called: leg.to,
  }
  for (const [side, number] of sidesOf(leg)) {
    params[`${side}City`] = ''
    params[`${side}State`] = ''
    params[`${side}Zip`] = ''
    params[`${side}Country`] = number.startsWith('+1') ? 'US' : ''
  }
  if (leg.parentCallSid) params.ParentCallSid = leg.parentCallSid
  if (leg.callToken) params.CallToken = leg.callToken
  if (leg.answeredBy) params.AnsweredBy = leg.answeredBy
  return params
}

function sidesOf({ from, to }: Leg): [side: string, number: string][] {
  return [
    ['From', from],
    ['Caller', from],
    ['To', to],
    ['Called', to],
  ]
}
