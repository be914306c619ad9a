'use client'
import { keepPreviousData } from '@tanstack/react-query'
import { useQueryStates } from 'nuqs'
import { getPlatformMetrics } from '#contracts/usage'
import { useEndpoint } from '../../lib/api/use-endpoint.tsx'
import { dayRangeParsers, toDays } from '../../lib/day-range.ts'
import { useNow } from '../../lib/use-now.ts'

const REFRESH_MS = 30_000 // Running calls change by the minute, the sums more slowly.
const DAY_CHECK_MS = 60_000
/** Over all organizations there is no zone but this one. */
const ZONE = 'UTC'

/** The platform's figures for the days in the address. */
export function useMetrics() {
  const [chosen, choose] = useQueryStates(dayRangeParsers, { history: 'push' })
  const days = toDays(chosen, { now: useNow(DAY_CHECK_MS), timeZone: ZONE })
  const metrics = useEndpoint(
    getPlatformMetrics,
    // Not asked while the days make no range.
    { query: days ?? { from: '', to: '' } },
    { enabled: days !== null, refetchInterval: REFRESH_MS, placeholderData: keepPreviousData },
  )
  return { chosen, choose, days, metrics }
}
