import { setTimeout as sleep } from 'node:timers/promises'
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

const RETRIES = 2
const RETRY_WITHIN_MS = 3_000 // THREATS F13: what a caller waits at the start of a call
const FIRST_PAUSE_MS = 150

/** Tries a read or an idempotent write again, at most twice within three seconds. Never for a creation. */
export async function retrying<T>(work: () => Promise<T>): Promise<T> {
  const giveUpAtMs = performance.now() + RETRY_WITHIN_MS
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await work()
    } catch (error) {
      // Jitter, so that many calls do not come back to a busy vendor in step.
      const pauseMs = FIRST_PAUSE_MS * 4 ** attempt * (0.5 + Math.random() / 2)
      const hopeless = !(error instanceof VendorError && error.retryable)
      if (hopeless || attempt >= RETRIES || performance.now() + pauseMs > giveUpAtMs) throw error
      await sleep(pauseMs)
    }
  }
}
