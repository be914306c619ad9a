import { randomUUID } from 'node:crypto'
import type { WebhookAnswer } from '../kit/webhooks.ts'
import { type Params, sign, withoutFragment } from './signature.ts'
import type { World } from './world.ts'

export type Method = 'POST' | 'GET'

type Overrides = { retries: number; retryOn: readonly string[]; timeoutMs: number }

const TOTAL_MS = 15_000 // Twilio's time for a webhook to answer
const MAX_RETRIES = 5

/**
 * Sends one signed webhook. A connection that fails is tried once more under the same idempotency
 * token; the fragment of the address (`#rc=2&rp=ct,5xx&tt=5000`) can change that and is not sent.
 */
export async function sendWebhook(
  world: World,
  address: string,
  method: Method,
  params: Params,
): Promise<WebhookAnswer> {
  if (!isWebAddress(address)) return { kind: 'unreachable', cause: 'not an address' }
  const { retries, retryOn, timeoutMs } = overridesOf(address)
  const form = new URLSearchParams()
  for (const [name, value] of Object.entries(params))
    for (const one of typeof value === 'string' ? [value] : value) form.append(name, one)
  const bare = withoutFragment(address)
  const url = method === 'GET' ? `${bare}${bare.includes('?') ? '&' : '?'}${form}` : bare
  const headers = {
    'content-type': 'application/x-www-form-urlencoded; charset=UTF-8',
    'user-agent': 'TwilioProxy/1.1',
    accept: '*/*',
    'i-twilio-idempotency-token': randomUUID(),
    'x-twilio-signature': sign(world.account.authToken, url, method === 'GET' ? {} : params),
  }
  const body = method === 'GET' ? undefined : form.toString()
  let answer: WebhookAnswer = { kind: 'lost' }
  for (let attempt = 0; attempt <= retries; attempt++) {
    answer = await world.sender.send({ url, method, headers, body, timeoutMs, shown: params })
    if (!isRetried(answer, retryOn)) break
  }
  return answer
}

export function isWebAddress(url: string): boolean {
  return URL.canParse(url) && ['http:', 'https:'].includes(new URL(url).protocol)
}

function isRetried(answer: WebhookAnswer, retryOn: readonly string[]): boolean {
  const all = retryOn.includes('all')
  if (answer.kind === 'unreachable') return all || retryOn.includes('ct')
  if (answer.kind === 'timeout') return all || retryOn.includes('rt')
  if (answer.kind === 'lost') return false
  if (answer.status >= 500) return all || retryOn.includes('5xx')
  return answer.status >= 400 && (all || retryOn.includes('4xx'))
}

function overridesOf(address: string): Overrides {
  const given = new URLSearchParams(address.split('#')[1] ?? '')
  const whole = (name: string, low: number, high: number, usual: number) => {
    const value = Number(given.get(name) ?? usual)
    return Number.isInteger(value) ? Math.min(high, Math.max(low, value)) : usual
  }
  return {
    retries: whole('rc', 0, MAX_RETRIES, 1),
    retryOn: (given.get('rp') ?? 'ct').split(','),
    timeoutMs: Math.min(whole('tt', 100, TOTAL_MS, TOTAL_MS), whole('rt', 100, TOTAL_MS, TOTAL_MS)),
  }
}
