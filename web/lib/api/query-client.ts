import { QueryClient } from '@tanstack/react-query'

const STALE_MS = 5_000 // Going back to a list shows it at once and refreshes it only if older than this.

/** The client retries a failed read itself, so the query library must not do it a second time. */
export const createQueryClient = (): QueryClient =>
  new QueryClient({
    defaultOptions: {
      // `always`: without a network the screen says so at once instead of waiting silently for one.
      queries: { retry: false, staleTime: STALE_MS, networkMode: 'always' },
      mutations: { retry: false, networkMode: 'always' },
    },
  })
