'use client'
import { Check, Copy as CopyIcon } from 'lucide-react'
import { useEffect, useState } from 'react'
import { useTranslations } from 'use-intl'
import { classes } from '../lib/classes.ts'

const COPIED_MS = 2_000 // Long enough to be read, short enough that a second copy is seen as one.

type Outcome = 'waiting' | 'copied' | 'refused'

export function useCopy() {
  const [outcome, setOutcome] = useState<Outcome>('waiting')
  useEffect(() => {
    if (outcome === 'waiting') return
    const timer = setTimeout(() => setOutcome('waiting'), COPIED_MS)
    return () => clearTimeout(timer)
  }, [outcome])
  const copy = (text: string) => {
    // Browsers refuse without https or permission; the reader is told, since the text stands beside the button.
    navigator.clipboard.writeText(text).then(
      () => setOutcome('copied'),
      () => setOutcome('refused'),
    )
  }
  return { outcome, copy }
}

/** A small button beside something worth copying. */
export function Copy(props: { text: string; label: string; className?: string }) {
  const t = useTranslations('common')
  const { outcome, copy } = useCopy()
  const Icon = outcome === 'copied' ? Check : CopyIcon
  return (
    <>
      <button
        type="button"
        aria-label={t('copyThing', { thing: props.label })}
        onClick={() => copy(props.text)}
        className={classes(
          'inline-flex size-6 shrink-0 items-center justify-center rounded-control text-soft hover:bg-ink/6 hover:text-ink',
          props.className,
        )}
      >
        <Icon aria-hidden className={classes('size-3.5', outcome === 'copied' && 'text-ok')} />
      </button>
      <span role="status" className={classes(outcome !== 'refused' && 'sr-only', 'text-xs')}>
        {outcome === 'copied' && t('copied')}
        {outcome === 'refused' && t('copyRefused')}
      </span>
    </>
  )
}
