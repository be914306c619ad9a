'use client'
import { useQueryClient } from '@tanstack/react-query'
import { useCallback } from 'react'
import { listAgents } from '#contracts/agents'
import { listCarrierAccounts } from '#contracts/carrier-accounts'
import { getPhoneNumber, listHeldNumbers, listPhoneNumbers } from '#contracts/phone-numbers'
import { endpointKey } from '../../lib/api/use-endpoint.tsx'

// Agents and accounts are shown with the numbers they have.
const reads = [listPhoneNumbers, getPhoneNumber, listHeldNumbers, listAgents, listCarrierAccounts]

/** Has whatever shows numbers read again; resolves when it is there. */
export function useRefreshNumbers(): () => Promise<unknown> {
  const queries = useQueryClient()
  return useCallback(
    () =>
      Promise.all(reads.map((read) => queries.invalidateQueries({ queryKey: endpointKey(read) }))),
    [queries],
  )
}
