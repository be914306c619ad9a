'use client'
import { useTranslations } from 'use-intl'
import { useFormat } from '../../lib/intl/use-format.tsx'
import { JsonView } from '../json-view.tsx'
import { type LedgerEntry, tellLine } from './lines.ts'

/** Why a ledger line is what it is, in a sentence; its record where there is no sentence for it. */
export function LineStory({ entry }: { entry: Pick<LedgerEntry, 'kind' | 'explanation'> }) {
  const text = useStoryText(entry)
  if (text === null) return <JsonView data={entry.explanation} />
  return <p className="break-words text-soft text-xs tabular-nums">{text}</p>
}

function useStoryText(entry: Pick<LedgerEntry, 'kind' | 'explanation'>): string | null {
  const t = useTranslations('ledger.explained')
  const format = useFormat()
  const story = tellLine(entry)
  switch (story?.kind) {
    case 'hold':
      return t('hold', {
        slice: story.slice,
        seconds: story.seconds,
        funded: story.fundedSeconds,
        price: format.money(story.pricePerHourCents),
      })
    case 'capture':
      return t(story.isMachine ? 'captureMachine' : 'capture', {
        seconds: story.seconds,
        price: format.money(story.pricePerHourCents),
        unrounded: format.number(story.unroundedCents, { maximumFractionDigits: 2 }),
      })
    case 'release':
      return t('release', {
        held: format.money(story.heldCents),
        seconds: story.seconds,
        funded: story.fundedSeconds,
      })
    case 'paid':
      return t(`paid.${story.origin}`)
    case 'note':
      return t('note', { note: story.note })
    case 'repays':
      return t('repays', { left: format.money(story.remainingCents) })
    case 'uncovered':
      return t('uncovered', { deficit: format.money(story.deficitCents) })
    default:
      return null
  }
}
