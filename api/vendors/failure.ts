import { VendorError } from '#api/core/errors.ts'
import { NoAnswer } from './exchange.ts'

/** The vendor's own number or word for a failure, which tells apart those of one HTTP status. */
export class VendorCode extends Error {
  readonly code: string
  constructor(code: string) {
    super(`code ${code}`)
    this.name = 'VendorCode'
    this.code = code
  }
}

export const codeOf = (failure: VendorError): string | undefined =>
  failure.cause instanceof VendorCode ? failure.cause.code : undefined

/** Nothing was sent: the vendor has not been answering, and it is not time yet to try again. */
export class BreakerOpen extends Error {
  constructor() {
    super('nothing was sent: the breaker is open')
    this.name = 'BreakerOpen'
  }
}

const MAX_WORDS = 300 // characters; what a person reads in a line or two

/** The failure of an answered request. The vendor's own code is kept; its text stays out of logs (THREATS T24). */
export function refused(
  vendor: string,
  operation: string,
  status: number,
  code?: string | undefined,
  words?: string | undefined,
): VendorError {
  return new VendorError(vendor, operation, {
    status,
    retryable: status === 408 || status === 429 || status >= 500,
    ...(code !== undefined && { cause: new VendorCode(code) }),
    words: words?.slice(0, MAX_WORDS),
  })
}

/** The failure of a request that had no usable answer. */
export function unanswered(vendor: string, operation: string, error: unknown): VendorError {
  if (error instanceof VendorError) return error
  const retryable = error instanceof NoAnswer && !['too_large', 'redirect'].includes(error.reason)
  return new VendorError(vendor, operation, { retryable, cause: error })
}
