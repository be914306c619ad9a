'use client'
import { useQueryClient } from '@tanstack/react-query'
import { listCarrierAccounts } from '#contracts/carrier-accounts'
import { endpointKey } from '../../lib/api/use-endpoint.tsx'

/** Has whatever shows accounts read again; resolves when it is there. */
export function useRefreshAccounts(): () => Promise<unknown> {
  const queries = useQueryClient()
  return () => queries.invalidateQueries({ queryKey: endpointKey(listCarrierAccounts) })
}
