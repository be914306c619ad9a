'use client'
import { useSyncExternalStore } from 'react'

const WIDE = '(min-width: 1024px)' // Room for the transcript and the facts side by side.

function subscribe(listener: () => void): () => void {
  const media = window.matchMedia(WIDE)
  media.addEventListener('change', listener)
  return () => media.removeEventListener('change', listener)
}

/** Whether two columns fit. The server draws the wide one; nothing of it is shown before the data came. */
export const useWide = (): boolean =>
  useSyncExternalStore(
    subscribe,
    () => window.matchMedia(WIDE).matches,
    () => true,
  )
