'use client'
import { useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'

/** What was read in one organization is not shown in the next: left, what nobody shows goes, and the rest is asked anew. */
export function useForgetOrganization(organizationId: string | null): void {
  const queries = useQueryClient()
  // biome-ignore lint/correctness/useExhaustiveDependencies: to be another organization's member is the reason.
  useEffect(
    () => () => {
      queries.removeQueries({ type: 'inactive' })
      void queries.invalidateQueries()
    },
    [queries, organizationId],
  )
}
