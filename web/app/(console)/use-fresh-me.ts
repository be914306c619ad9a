'use client'
import { useQueryClient } from '@tanstack/react-query'
import { usePathname } from 'next/navigation'
import { useEffect } from 'react'
import { getMe } from '#contracts/access'
import { ApiError } from '../../lib/api/api-error.ts'
import { endpointKey } from '../../lib/api/use-endpoint.tsx'

/**
 * Asks again who one is at each step through the console and after each refusal: a role may have changed since, or an
 * organization been paused.
 */
export function useFreshMe(): void {
  const queries = useQueryClient()
  const pathname = usePathname()
  // biome-ignore lint/correctness/useExhaustiveDependencies: the step is the reason to ask.
  useEffect(() => {
    void queries.invalidateQueries({ queryKey: endpointKey(getMe) }, { cancelRefetch: false })
  }, [queries, pathname])
  useEffect(() => {
    const look = (event: { type: string; action?: { type: string; error?: unknown } }) => {
      if (event.type === 'updated' && isForbidden(event.action?.error))
        void queries.invalidateQueries({ queryKey: endpointKey(getMe) })
    }
    const stops = [queries.getQueryCache(), queries.getMutationCache()].map((cache) =>
      cache.subscribe(look),
    )
    return () => {
      for (const stop of stops) stop()
    }
  }, [queries])
}

const isForbidden = (error: unknown): boolean => error instanceof ApiError && error.status === 403
