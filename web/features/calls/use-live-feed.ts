'use client'
import { useEffect, useState } from 'react'
import { createLiveTicket } from '#contracts/calls'
import { useApi } from '../../lib/api/use-endpoint.tsx'
import { LiveFeed } from './live-feed.ts'

/** The feed of a running call while the component is shown; null where it is not wanted. */
export function useLiveFeed(callId: string, isWanted = true): LiveFeed | null {
  const api = useApi()
  const [feed, setFeed] = useState<LiveFeed | null>(null)
  useEffect(() => {
    if (!isWanted) return
    const made = new LiveFeed({
      createTicket: (signal) => api(createLiveTicket, { params: { callId } }, { signal }),
    })
    setFeed(made)
    made.start()
    return () => {
      made.stop()
      setFeed(null)
    }
  }, [api, callId, isWanted])
  return feed
}
