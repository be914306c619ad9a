'use client'
import { useEffect } from 'react'

/**
 * Asks before unsaved changes are left: the browser's own question on closing and reloading, ours on a link of the console.
 * Back and Forward cannot be stopped in an app router; a draft is lost there as in any other form.
 */
export function useLeaveGuard(isDirty: boolean, ask: (leave: () => void) => void): void {
  useEffect(() => {
    if (!isDirty) return
    const onUnload = (event: BeforeUnloadEvent) => event.preventDefault()
    const onClick = (event: MouseEvent) => {
      const link = linkOf(event)
      if (!link) return
      event.preventDefault()
      event.stopPropagation()
      ask(() => link.click())
    }
    window.addEventListener('beforeunload', onUnload)
    // Before Next's own handler, which would already be on its way.
    document.addEventListener('click', onClick, true)
    return () => {
      window.removeEventListener('beforeunload', onUnload)
      document.removeEventListener('click', onClick, true)
    }
  }, [isDirty, ask])
}

/** The link a plain click follows within this tab; null for anything else. */
function linkOf(event: MouseEvent): HTMLAnchorElement | null {
  if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return null
  const link = event.target instanceof Element ? event.target.closest('a') : null
  if (!link?.href || link.target === '_blank' || link.hasAttribute('download')) return null
  return link.origin === location.origin && !link.getAttribute('href')?.startsWith('#')
    ? link
    : null
}
