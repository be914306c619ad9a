'use client'
import { X } from 'lucide-react'
import { useTranslations } from 'use-intl'

/** Chosen values, each of which can be taken away. */
export function ChipList(props: {
  label: string
  items: readonly { value: string; label: string }[]
  onRemove(value: string): void
  isDisabled?: boolean
}) {
  const t = useTranslations('common')
  if (props.items.length === 0) return null
  return (
    <ul aria-label={props.label} className="flex flex-wrap gap-1.5">
      {props.items.map((item) => (
        <li
          key={item.value}
          className="inline-flex min-h-7 max-w-full items-center gap-1 rounded-full border border-line bg-panel pr-0.5 pl-2.5 text-xs"
        >
          <span className="min-w-0 truncate">{item.label}</span>
          <button
            type="button"
            disabled={props.isDisabled}
            aria-label={t('removeThing', { thing: item.label })}
            onClick={() => props.onRemove(item.value)}
            className="inline-flex size-6 shrink-0 items-center justify-center rounded-full text-soft hover:bg-ink/6 hover:text-ink disabled:opacity-50"
          >
            <X aria-hidden className="size-3.5" />
          </button>
        </li>
      ))}
    </ul>
  )
}
