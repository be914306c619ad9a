import type Stripe from 'stripe'
import { type Answer, exchange, usualLimits } from './exchange.ts'

/**
 * Carries the SDK's requests under our own limits (THREATS B7): its clients neither bound the connection nor refuse
 * redirects nor cap an answer. It keeps what failed for whoever has to tell why.
 */
export const boundedTransport: Stripe.HttpClient = {
  getClientName: () => 'voxcalls',
  async makeRequest(host, port, path, method, headers, body, protocol) {
    const answer = await exchange(
      {
        method: methodOf(method),
        url: new URL(`${protocol}://${host}:${port}${path}`),
        headers: textsOf(headers),
        ...(body && { body }),
      },
      usualLimits,
    )
    return responseOf(answer)
  },
}

function responseOf(answer: Answer): Stripe.HttpClientResponse {
  return {
    getStatusCode: () => answer.status,
    getHeaders: () => textsOf(answer.headers),
    getRawResponse: () => answer,
    toStream: () => {
      throw new Error('nothing of ours streams from Stripe')
    },
    toJSON: async () => JSON.parse(answer.body.toString('utf8')),
  }
}

const methods = ['GET', 'POST', 'PATCH', 'DELETE'] as const

function methodOf(text: string): (typeof methods)[number] {
  const known = methods.find((method) => method === text.toUpperCase())
  if (!known) throw new Error(`cannot send ${text}`)
  return known
}

function textsOf(headers: object): Record<string, string> {
  const entries = Object.entries(headers).flatMap(([name, value]: [string, unknown]) =>
    value === undefined || value === null
      ? []
      : [[name, Array.isArray(value) ? value.join(', ') : String(value)]],
  )
  return Object.fromEntries(entries)
}
