'use client'
import { useCallback, useRef } from 'react'

/** The key of what is being sent: the same for a second try of the same content, another one as soon as it was changed. */
export function useIdempotency(): (content: unknown) => string {
  const last = useRef({ text: '', key: '' })
  return useCallback((content) => {
    const text = JSON.stringify(content)
    if (last.current.text !== text) last.current = { text, key: crypto.randomUUID() }
    return last.current.key
  }, [])
}
