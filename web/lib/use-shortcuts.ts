'use client'
import { useEffect, useRef } from 'react'
import { usePreferences } from './use-preferences.tsx'

/**
 * What a key does, by `KeyboardEvent.key` in lower case: `j`, `enter`, `escape`, `arrowleft`, `<`. `false` says that the key
 * was meant for somebody else.
 */
export type Shortcuts = Record<string, () => unknown>

const WORKS_WITH_SINGLE_KEYS_OFF = new Set(['escape'])

/**
 * Keys for the whole screen. They rest while a field has focus or a dialog is open, where another key is held, and where the
 * person switched single keys off.
 */
export function useShortcuts(
  shortcuts: Shortcuts,
  { isEnabled = true, isFirst = false }: { isEnabled?: boolean; isFirst?: boolean } = {},
): void {
  const { hasSingleKeys } = usePreferences().preferences
  const current = useRef(shortcuts)
  current.current = shortcuts

  useEffect(() => {
    if (!isEnabled) return
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return
      const key = event.key.toLowerCase()
      const run = current.current[key]
      if (!run) return
      if (!hasSingleKeys && !WORKS_WITH_SINGLE_KEYS_OFF.has(key)) return
      if (isTakenByFocus(event) || isBelowDialog()) return
      if (run() !== false) event.preventDefault()
    }
    // Listeners of the capture phase are asked before those of the screen.
    document.addEventListener('keydown', onKeyDown, isFirst)
    return () => document.removeEventListener('keydown', onKeyDown, isFirst)
  }, [isEnabled, isFirst, hasSingleKeys])
}

/** Typing belongs to a field; Enter and Space belong to the button or link that has the focus; arrows to a slider or tab. */
function isTakenByFocus(event: KeyboardEvent): boolean {
  const target = event.target
  if (!(target instanceof HTMLElement)) return false
  if (target.closest('input, textarea, select, [contenteditable="true"]')) return true
  if (event.key === 'Enter' || event.key === ' ') return target.closest('a, button') !== null
  if (event.key.startsWith('Arrow')) {
    return target.closest('[role="slider"], [role="tab"], [role^="menu"]') !== null
  }
  return false
}

const isBelowDialog = (): boolean =>
  document.querySelector('[role="dialog"][data-state="open"], [role="menu"]') !== null
