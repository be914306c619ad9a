'use client'
import { useSyncExternalStore } from 'react'

const never = () => () => {}

/** False for the server's markup and the first look at it, true from then on. */
export const useHydrated = (): boolean =>
  useSyncExternalStore(
    never,
    () => true,
    () => false,
  )
