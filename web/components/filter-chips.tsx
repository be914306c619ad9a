'use client'
import { X } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { Button } from './button.tsx'

export type FilterChip = { key: string; label: string; onRemove(): void }

/** The filters in force, each removable, and one button for all of them. */
export function FilterChips(props: { chips: readonly FilterChip[]; onClear(): void }) {
  const t = useTranslations('filters')
  if (props.chips.length === 0) return null
  return (
    <ul aria-label={t('active')} className="flex flex-wrap items-center gap-1.5">
      {props.chips.map((chip) => (
        <li
          key={chip.key}
          className="inline-flex h-7 items-center gap-1 rounded-full border border-line bg-panel pr-0.5 pl-2.5 text-xs"
        >
          {chip.label}
          <button
            type="button"
            aria-label={t('remove', { filter: chip.label })}
            onClick={chip.onRemove}
            className="inline-flex size-6 items-center justify-center rounded-full text-soft hover:bg-ink/6 hover:text-ink"
          >
            <X aria-hidden className="size-3.5" />
          </button>
        </li>
      ))}
      <li>
        <Button kind="quiet" size="small" onClick={props.onClear}>
          {t('clearAll')}
        </Button>
      </li>
    </ul>
  )
}
