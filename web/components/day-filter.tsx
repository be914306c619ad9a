'use client'
import { useTranslations } from 'use-intl'
import { anyDay, type DayFilter as Chosen, dayFilters } from '../lib/day-filter.ts'
import { FilterMenu } from './filter-menu.tsx'

type Change = (part: Partial<Chosen>) => void

/** The days a list is narrowed to: a usual span, or two dates of one's own. */
export function DayFilter(props: { value: Chosen; onChange: Change }) {
  const t = useTranslations('dayFilter')
  const { value, onChange } = props
  return (
    <>
      <FilterMenu
        label={t('label')}
        anyLabel={t('anyTime')}
        value={value.range}
        options={dayFilters.map((range) => ({ value: range, label: t(`ranges.${range}`) }))}
        onChange={(range) => onChange({ ...anyDay, range })}
      />
      {value.range === 'custom' && <OwnDates {...props} />}
    </>
  )
}

function OwnDates({ value, onChange }: { value: Chosen; onChange: Change }) {
  const t = useTranslations('dayFilter')
  const ends = ['from', 'to'] as const
  return ends.map((end) => (
    <input
      key={end}
      type="date"
      aria-label={t(end)}
      value={value[end] ?? ''}
      {...(end === 'from' && value.to && { max: value.to })}
      {...(end === 'to' && value.from && { min: value.from })}
      onChange={(event) => onChange({ [end]: event.target.value || null })}
      className="h-8 rounded-control border border-edge bg-panel px-2 text-sm"
    />
  ))
}

/** The chosen days in words, for a chip; null where any day counts. */
export function useDayFilterText(value: Chosen): string | null {
  const t = useTranslations('dayFilter')
  if (!value.range) return null
  if (value.range !== 'custom') return t(`ranges.${value.range}`)
  return t('between', { from: value.from ?? '…', to: value.to ?? '…' })
}
