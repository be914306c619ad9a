'use client'
import { useRef } from 'react'
import { ApiError } from '../../lib/api/api-error.ts'
import { useIdempotency } from '../../lib/use-idempotency.ts'

/**
 * The key under which a call is asked for: the same while nobody knows whether there is one, another one after a refusal.
 * A refused call refuses again under its key, and what stood in its way may be gone.
 */
export function useCallKey() {
  const keyOf = useIdempotency()
  const refusals = useRef(0)
  return {
    async send<Answer>(body: unknown, send: (key: string) => Promise<Answer>): Promise<Answer> {
      try {
        return await send(keyOf([refusals.current, body]))
      } catch (error) {
        if (error instanceof ApiError && !error.isPassing) refusals.current += 1
        throw error
      }
    },
  }
}
