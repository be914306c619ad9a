import { createHmac } from 'node:crypto'

export type Params = Record<string, string | readonly string[]>

/**
 * X-Twilio-Signature: HMAC-SHA1 over the address exactly as configured, followed by the form fields
 * sorted by name. A repeated field contributes its unique values, sorted, each after the name.
 */
export function sign(authToken: string, url: string, params: Params = {}): string {
  const fields = Object.keys(params)
    .sort()
    .map((name) => {
      const value = params[name]!
      if (typeof value === 'string') return name + value
      return [...new Set(value)]
        .sort()
        .map((one) => name + one)
        .join('')
    })
  return createHmac('sha1', authToken)
    .update(withoutFragment(url) + fields.join(''))
    .digest('base64')
}

export function withoutFragment(url: string): string {
  const at = url.indexOf('#')
  return at < 0 ? url : url.slice(0, at)
}
