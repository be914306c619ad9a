'use client'
import { useEffect, useState } from 'react'
import { keptToken, tokenIn } from './token.ts'

/**
 * The token of the link that led here: `undefined` until the address was read, null where there is none. It is taken out of
 * the address at once, so that no screenshot, history or shared link carries it.
 */
export function useToken(): string | null | undefined {
  const [token, setToken] = useState<string | null | undefined>(undefined)
  useEffect(() => {
    const take = () => {
      if (location.hash !== '') {
        const given = tokenIn(location.hash)
        if (given) keptToken.keep(given)
        else keptToken.forget()
        history.replaceState(history.state, '', location.pathname)
        // The router keeps a copy of the address and would write it back; it follows once its own effects have run.
        timer = setTimeout(() => history.replaceState(null, '', location.pathname))
      }
      setToken(keptToken.read())
    }
    let timer: ReturnType<typeof setTimeout> | undefined
    take()
    window.addEventListener('hashchange', take)
    return () => {
      clearTimeout(timer)
      window.removeEventListener('hashchange', take)
    }
  }, [])
  return token
}
