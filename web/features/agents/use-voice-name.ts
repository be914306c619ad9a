'use client'
import { useMemo } from 'react'
import { listVoices } from '#contracts/agents'
import { useEndpoint } from '../../lib/api/use-endpoint.tsx'

const KEPT_MS = 300_000 // The API keeps its own copy as long.
const MOST = 100 // One page of the largest size; a voice beyond it is shown by its id.

/** What a voice is called; its id while that is not known. */
export function useVoiceName(): (voiceId: string) => string {
  const { data } = useEndpoint(listVoices, { query: { limit: MOST } }, { staleTime: KEPT_MS })
  return useMemo(() => {
    const names = new Map(data?.items.map(({ voiceId, name }) => [voiceId, name]))
    return (voiceId) => names.get(voiceId) ?? voiceId
  }, [data])
}
