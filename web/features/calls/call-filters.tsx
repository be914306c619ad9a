'use client'
import { useTranslations } from 'use-intl'
import { callDirections, callKinds } from '#contracts/calls'
import { DayFilter, useDayFilterText } from '../../components/day-filter.tsx'
import { type FilterChip, FilterChips } from '../../components/filter-chips.tsx'
import { FilterMenu } from '../../components/filter-menu.tsx'
import { SearchField } from '../../components/search-field.tsx'
import { anyDay } from '../../lib/day-filter.ts'
import { type Filters, noFilters, statusFilters } from './filters.ts'

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
        <DayFilter value={filters} onChange={onChange} />
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

function useChips(filters: Filters, onChange: Change): FilterChip[] {
  const t = useTranslations('calls.filters')
  const { q, number, status, direction, kind } = filters
  const rangeText = useDayFilterText(filters)
  const chips: (FilterChip | null)[] = [
    q ? chip('q', t('chips.text', { value: q }), () => onChange({ q: null })) : null,
    number
      ? chip('number', t('chips.number', { value: number }), () => onChange({ number: null }))
      : null,
    rangeText ? chip('range', rangeText, () => onChange(anyDay)) : null,
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
