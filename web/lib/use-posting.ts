'use client'
import { useState } from 'react'
import { ApiError } from './api/api-error.ts'

/**
 * Moves money under one key: where no answer came, another try is the same posting and is made once, whatever is typed in
 * between. Only a refusal, after which nothing was posted, makes the next try a new one.
 */
export function usePosting(): (send: (requestId: string) => Promise<unknown>) => Promise<void> {
  const [requestId, setRequestId] = useState(() => crypto.randomUUID())
  return async (send) => {
    try {
      await send(requestId)
    } catch (error) {
      if (isRefusal(error)) setRequestId(crypto.randomUUID())
      throw error
    }
  }
}

/** These say that the key itself was used before: what it stands for may well be posted. */
const KEY_USED = [409, 422]

export const isKeyUsed = (error: unknown): boolean =>
  error instanceof ApiError && KEY_USED.includes(error.status)

const isRefusal = (error: unknown): boolean =>
  error instanceof ApiError && !error.isPassing && !isKeyUsed(error)
