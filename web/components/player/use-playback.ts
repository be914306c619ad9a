'use client'
import { useEffect, useRef, useState } from 'react'
import { Playback } from './playback.ts'

/** A playback for as long as the component lives; a new one when `key` (the call) changes. */
export function usePlayback(options: {
  key: string
  durationMs: number | null
  startMs?: number
  createLink(): Promise<string>
}): Playback | null {
  const [playback, setPlayback] = useState<Playback | null>(null)
  const latest = useRef(options)
  latest.current = options
  const { key, durationMs } = options

  // biome-ignore lint/correctness/useExhaustiveDependencies: `key` says whose recording it is; the options are read when needed.
  useEffect(() => {
    if (durationMs === null) return
    const media = new Audio()
    media.preload = 'none'
    const made = new Playback({
      media,
      durationMs,
      startMs: latest.current.startMs ?? 0,
      createLink: () => latest.current.createLink(),
      everyFrame,
    })
    setPlayback(made)
    return () => {
      made.dispose()
      setPlayback(null)
    }
  }, [key, durationMs])
  return playback
}

function everyFrame(run: () => void): () => void {
  let frame = requestAnimationFrame(function again() {
    run()
    frame = requestAnimationFrame(again)
  })
  return () => cancelAnimationFrame(frame)
}
