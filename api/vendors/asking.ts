import { setTimeout as sleep } from 'node:timers/promises'
import { VendorError } from '#api/core/errors.ts'
import type { Breaker } from './breakers.ts'
import { BreakerOpen } from './failure.ts'

const RETRIES = 2
const RETRY_WITHIN_MS = 3_000 // THREATS F13: what a caller waits at the start of a call
const FIRST_PAUSE_MS = 150

/**
 * The one way to a vendor: each request goes through its breaker and fails as a `VendorError`. What can do nothing
 * twice is tried again, at most twice within three seconds; never a creation.
 */
export async function asking<T>(
  breaker: Breaker,
  operation: string,
  repeatable: boolean,
  request: () => Promise<T>,
): Promise<T> {
  const giveUpAtMs = performance.now() + RETRY_WITHIN_MS
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await breaker.run(operation, request)
    } catch (error) {
      // Jitter, so that many calls do not come back to a busy vendor in step.
      const pauseMs = FIRST_PAUSE_MS * 4 ** attempt * (0.5 + Math.random() / 2)
      const isLast = attempt >= RETRIES || performance.now() + pauseMs > giveUpAtMs
      if (!repeatable || isLast || !mayPass(error)) throw error
      await sleep(pauseMs)
    }
  }
}

/** An open breaker outlasts all the tries there are. */
const mayPass = (error: unknown): boolean =>
  error instanceof VendorError && error.retryable && !(error.cause instanceof BreakerOpen)
