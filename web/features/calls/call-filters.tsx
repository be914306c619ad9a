'use client'
import { useTranslations } from 'use-intl'
import { callDirections, callKinds } from '#contracts/calls'
import { type FilterChip, FilterChips } from '../../components/filter-chips.tsx'
import { FilterMenu } from '../../components/filter-menu.tsx'
import { SearchField } from '../../components/search-field.tsx'
import { type Filters, noFilters, ranges, statusFilters } from './filters.ts'

type Change = (part: Partial<Filters>) => void

/** Everything the list can be narrowed by, and what it is narrowed by now. */
export function CallFilters(props: { filters: Filters; onChange: Change }) {
  const t = useTranslations('calls.filters')
  const { filters, onChange } = props
  return (
    <div className="flex flex-col gap-2">
      <div className="flex flex-wrap items-center gap-2">
        <SearchField
          label={t('text')}
          value={filters.q ?? ''}
          onChange={(q) => onChange({ q: q || null })}
          className="w-56 max-sm:w-full"
        />
        <SearchField
          label={t('number')}
          value={filters.number ?? ''}
          onChange={(number) => onChange({ number: number || null })}
          className="w-40 max-sm:w-full"
        />
        <FilterMenu
          label={t('range')}
          anyLabel={t('anyTime')}
          value={filters.range}
          options={ranges.map((value) => ({ value, label: t(`ranges.${value}`) }))}
          onChange={(range) => onChange({ range, from: null, to: null })}
        />
        {filters.range === 'custom' && <CustomRange {...props} />}
        <FilterMenu
          label={t('status')}
          anyLabel={t('any')}
          value={filters.status}
          options={statusFilters.map((value) => ({ value, label: t(`statuses.${value}`) }))}
          onChange={(status) => onChange({ status })}
        />
        <FilterMenu
          label={t('direction')}
          anyLabel={t('any')}
          value={filters.direction}
          options={callDirections.map((value) => ({ value, label: t(`directions.${value}`) }))}
          onChange={(direction) => onChange({ direction })}
        />
        <FilterMenu
          label={t('kind')}
          anyLabel={t('any')}
          value={filters.kind}
          options={callKinds.map((value) => ({ value, label: t(`kinds.${value}`) }))}
          onChange={(kind) => onChange({ kind })}
        />
      </div>
      <FilterChips chips={useChips(filters, onChange)} onClear={() => onChange(noFilters)} />
    </div>
  )
}

function CustomRange({ filters, onChange }: { filters: Filters; onChange: Change }) {
  const t = useTranslations('calls.filters')
  const ends = ['from', 'to'] as const
  return ends.map((end) => (
    <input
      key={end}
      type="date"
      aria-label={t(end)}
      value={filters[end] ?? ''}
      {...(end === 'from' && filters.to && { max: filters.to })}
      {...(end === 'to' && filters.from && { min: filters.from })}
      onChange={(event) => onChange({ [end]: event.target.value || null })}
      className="h-8 rounded-control border border-edge bg-panel px-2 text-sm"
    />
  ))
}

function useChips(filters: Filters, onChange: Change): FilterChip[] {
  const t = useTranslations('calls.filters')
  const { q, number, range, from, to, status, direction, kind } = filters
  const rangeText =
    range === 'custom'
      ? t('between', { from: from ?? '…', to: to ?? '…' })
      : range && t(`ranges.${range}`)
  const chips: (FilterChip | null)[] = [
    q ? chip('q', t('chips.text', { value: q }), () => onChange({ q: null })) : null,
    number
      ? chip('number', t('chips.number', { value: number }), () => onChange({ number: null }))
      : null,
    rangeText
      ? chip('range', rangeText, () => onChange({ range: null, from: null, to: null }))
      : null,
    status ? chip('status', t(`statuses.${status}`), () => onChange({ status: null })) : null,
    direction
      ? chip('direction', t(`directions.${direction}`), () => onChange({ direction: null }))
      : null,
    kind ? chip('kind', t(`kinds.${kind}`), () => onChange({ kind: null })) : null,
  ]
  return chips.filter((each) => each !== null)
}

const chip = (key: string, label: string, onRemove: () => void): FilterChip => ({
  key,
  label,
  onRemove,
})
