'use client'
import { useEffect, useState } from 'react'

/** The present moment, refreshed at an interval, for what shows how long ago something was. */
export function useNow(everyMs: number): Date {
  const [now, setNow] = useState(() => new Date())
  useEffect(() => {
    const timer = setInterval(() => setNow(new Date()), everyMs)
    return () => clearInterval(timer)
  }, [everyMs])
  return now
}
