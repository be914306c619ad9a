import { invalidRequest } from '#api/core/errors.ts'

export const MAX_KEY_LENGTH = 255 // THREATS T9
const PRINTABLE = /^[\x20-\x7e]+$/

/** The client's key, or undefined where it sent none and so takes what a retry may do. */
export function readKey(header: string | string[] | undefined): string | undefined {
  if (header === undefined) return undefined
  const key = typeof header === 'string' ? header : header.join(', ')
  if (PRINTABLE.test(key) && key.length <= MAX_KEY_LENGTH) return key
  throw invalidRequest('The Idempotency-Key is not usable.', [
    {
      path: 'headers.idempotency-key',
      message: `must be 1 to ${MAX_KEY_LENGTH} printable characters`,
    },
  ])
}
