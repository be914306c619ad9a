'use client'
import { useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { type Reachability, reconnectPauseMs } from '../../lib/api/reachability.ts'
import { type Store, useStore } from '../../lib/store.ts'

/** While the API cannot be reached, asks again for what is on the screen, at growing pauses. */
export function useReconnect(reachability: Store<Reachability>): void {
  const queries = useQueryClient()
  const isReachable = useStore(reachability, (value) => value.isReachable)
  useEffect(() => {
    if (isReachable) return
    let attempt = 0
    let timer: ReturnType<typeof setTimeout> | undefined
    const wait = () => {
      timer = setTimeout(() => {
        attempt += 1
        void queries.refetchQueries({ type: 'active' }).finally(() => {
          if (!reachability.get().isReachable) wait()
        })
      }, reconnectPauseMs(attempt))
    }
    wait()
    return () => clearTimeout(timer)
  }, [isReachable, queries, reachability])
}
