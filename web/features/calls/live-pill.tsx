'use client'
import Link from 'next/link'
import { useTranslations } from 'use-intl'
import { classes } from '../../lib/classes.ts'
import { paths } from '../../lib/paths.ts'
import { useMay } from '../../lib/session.tsx'
import { useRunningCalls } from './use-calls.ts'

/** How many calls are going on, and the way to them; who may not listen in goes to the own ones in the list. */
export function LivePill() {
  const t = useTranslations('shell.live')
  const mayListen = useMay('calls.listen')
  const running = useRunningCalls()
  if (!running.data) return null
  const count = running.data.items.length
  const shown = running.data.nextCursor ? `${count}+` : String(count)
  return (
    <Link
      href={mayListen ? paths.live() : paths.calls({ status: 'running' })}
      className="inline-flex h-7 items-center gap-2 rounded-full border border-line bg-panel px-2.5 text-xs hover:bg-ink/4"
    >
      <span
        aria-hidden
        className={classes(
          'size-2 rounded-full',
          count > 0 ? 'animate-pulse-slow bg-bad' : 'bg-edge',
        )}
      />
      <span className="whitespace-nowrap tabular-nums">
        {shown} <span className="max-sm:sr-only">{t('calls', { count })}</span>
      </span>
    </Link>
  )
}
