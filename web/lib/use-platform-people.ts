'use client'
import { useMemo } from 'react'
import { listPlatformAdmins } from '#contracts/access'
import { useEndpoint } from './api/use-endpoint.tsx'
import { useMay } from './session.tsx'

const STALE_MS = 300_000 // Who holds a role of the platform changes a few times a year.

/** Names of the platform's people by id, to say who changed something. */
export function usePlatformPeople() {
  const mayRead = useMay('platform.roles.assign')
  const { data } = useEndpoint(listPlatformAdmins, {}, { enabled: mayRead, staleTime: STALE_MS })
  return useMemo(
    () => new Map(data?.items.map((one) => [one.userId, one.name || one.email])),
    [data],
  )
}
