'use client'
import type { Call } from '#api/contract/endpoint.ts'
import { listCalls } from '#contracts/calls'
import { useEndpoint, useEndpointPages } from '../../lib/api/use-endpoint.tsx'
import { type CallState, isFinal } from './call-status.ts'

const REFRESH_MS = 20_000 // A list at rest; a call that begins shows up within this time.
const REFRESH_RUNNING_MS = 5_000 // While something on the screen is still changing.
const RUNNING_LIMIT = 100 // The API's largest page; above it the pill says "100+".
const MAX_REFRESHED_PAGES = 3 // Each page is asked for again; a reader that far down looks at old calls.

/** Calls by filter, refreshed while the reader is near the top. */
export const useCallList = (query: Call<typeof listCalls>['query']) =>
  useEndpointPages(listCalls, { query }, { refetchInterval: refreshPause })

/** How often a list with these pages is looked at again; `false` for never. */
export function refreshPause(pages: readonly { items: readonly { state: CallState }[] }[]) {
  if (pages.length > MAX_REFRESHED_PAGES) return false
  const isAtRest = pages.every((page) => page.items.every((row) => isFinal(row.state)))
  return isAtRest ? REFRESH_MS : REFRESH_RUNNING_MS
}

/** The calls going on right now; the pill and the wall share the answer. */
export const useRunningCalls = (isEnabled = true) =>
  useEndpoint(
    listCalls,
    { query: { state: 'running', limit: RUNNING_LIMIT } },
    { refetchInterval: REFRESH_RUNNING_MS, enabled: isEnabled },
  )
