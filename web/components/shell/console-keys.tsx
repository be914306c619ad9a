'use client'
import { useRouter } from 'next/navigation'
import { lazy, Suspense, useRef } from 'react'
import { paths } from '../../lib/paths.ts'
import { useMay } from '../../lib/session.tsx'
import { useShortcuts } from '../../lib/use-shortcuts.ts'

const ShortcutList = lazy(() =>
  import('./shortcut-list.tsx').then((file) => ({
    default: file.ShortcutList,
  })),
)

const GO_MS = 1_000 // A second key later than this is a key of its own.

/** Keys that work on every screen: G and a letter to go somewhere, `?` for the list. */
export function ConsoleKeys(props: { isHelpOpen: boolean; onHelp(isOpen: boolean): void }) {
  const router = useRouter()
  const wentAt = useRef(0)
  const mayListen = useMay('calls.listen')
  const go = (path: string) => {
    if (Date.now() - wentAt.current > GO_MS) return false
    wentAt.current = 0
    router.push(path)
    return true
  }
  // Asked before the screen's own keys: after G, an L is a place to go, not ten seconds ahead.
  useShortcuts(
    {
      '?': () => props.onHelp(true),
      g: () => {
        wentAt.current = Date.now()
      },
      c: () => go(paths.calls()),
      l: () => mayListen && go(paths.live()),
    },
    { isFirst: true },
  )
  if (!props.isHelpOpen) return null
  return (
    <Suspense fallback={null}>
      <ShortcutList isOpen onClose={() => props.onHelp(false)} />
    </Suspense>
  )
}
