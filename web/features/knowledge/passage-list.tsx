'use client'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import type { z } from 'zod'
import type { passage } from '#contracts/knowledge'
import { Button } from '../../components/button.tsx'
import { classes } from '../../lib/classes.ts'
import { useFormat } from '../../lib/intl/use-format.tsx'

type Passage = z.output<typeof passage>

const LONG_CHARACTERS = 320 // About four lines of the box: more is folded.

/** Passages in the order they answer best, each with where it stands. */
export function PassageList({ passages }: { passages: readonly Passage[] }) {
  const t = useTranslations('knowledge.ask')
  return (
    <ol aria-label={t('passages')} className="mt-4 divide-y divide-line border-line border-t">
      {passages.map((each) => (
        <PassageItem key={`${each.documentId} ${each.position}`} passage={each} />
      ))}
    </ol>
  )
}

function PassageItem({ passage }: { passage: Passage }) {
  const t = useTranslations('knowledge.ask')
  const [isOpen, setOpen] = useState(false)
  const isLong = passage.text.length > LONG_CHARACTERS
  return (
    <li className="py-3 last:pb-0">
      <div className="flex items-baseline gap-3">
        <p className="flex min-w-0 grow gap-2">
          <span className="truncate font-medium" title={passage.title}>
            {passage.title}
          </span>
          {passage.page !== null && (
            <span className="shrink-0 text-soft">{t('page', { page: passage.page })}</span>
          )}
        </p>
        <Likeness score={passage.score} />
      </div>
      <p
        className={classes(
          'mt-1 max-w-4xl whitespace-pre-line break-words',
          isLong && !isOpen && 'line-clamp-4',
        )}
      >
        {passage.text}
      </p>
      {isLong && (
        <Button
          kind="quiet"
          size="small"
          aria-expanded={isOpen}
          onClick={() => setOpen(!isOpen)}
          className="-ml-2 mt-1"
        >
          {isOpen ? t('less') : t('more')}
        </Button>
      )}
    </li>
  )
}

/** How near a passage is to the question: the figure, and a bar that repeats it. */
function Likeness({ score }: { score: number }) {
  const t = useTranslations('knowledge.ask')
  const format = useFormat()
  const text = format.number(score, { minimumFractionDigits: 2, maximumFractionDigits: 2 })
  const percent = Math.round(Math.min(1, Math.max(0, score)) * 100)
  return (
    <span title={t('scoreHint')} className="flex shrink-0 items-center gap-2 text-xs tabular-nums">
      <span aria-hidden className="h-1 w-12 overflow-hidden rounded-full bg-ink/10 max-sm:hidden">
        <span className="block h-full bg-brand" style={{ width: `${percent}%` }} />
      </span>
      <span className="sr-only">{t('score')}</span>
      {text}
    </span>
  )
}
