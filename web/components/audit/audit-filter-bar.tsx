'use client'
import { useTranslations } from 'use-intl'
import { anyDay } from '../../lib/day-filter.ts'
import { DayFilter, useDayFilterText } from '../day-filter.tsx'
import { type FilterChip, FilterChips } from '../filter-chips.tsx'
import { FilterMenu } from '../filter-menu.tsx'
import { SearchField } from '../search-field.tsx'
import { type AuditFilters, auditDomains, noAuditFilters } from './filters.ts'
import { useActionText } from './words.ts'

type FilterBarProps = {
  filters: AuditFilters
  onChange(part: Partial<AuditFilters>): void
  /** The areas to choose from. */
  areas?: readonly string[]
  /** People to choose from, where the caller may read them. */
  people?: readonly { value: string; label: string }[]
}

/** What the log is narrowed by: area, person, thing, days. */
export function AuditFilterBar(props: FilterBarProps) {
  const t = useTranslations('audit.filters')
  const actionText = useActionText()
  const { filters, onChange, people = [], areas = auditDomains } = props
  const [domain = null] = filters.action?.split('.') ?? []
  return (
    <div className="flex flex-col gap-2">
      <div className="flex flex-wrap items-center gap-2">
        <SearchField
          label={t('subject')}
          value={filters.subject ?? ''}
          onChange={(subject) => onChange({ subject: subject.trim() || null })}
          className="w-72 max-sm:w-full"
        />
        <DayFilter value={filters} onChange={onChange} />
        <FilterMenu
          label={t('area')}
          anyLabel={t('any')}
          value={domain}
          options={areas.map((value) => ({ value, label: actionText(value) }))}
          onChange={(action) => onChange({ action })}
        />
        {people.length > 0 && (
          <FilterMenu
            label={t('actor')}
            anyLabel={t('anybody')}
            value={filters.actor}
            options={people}
            onChange={(actor) => onChange({ actor })}
          />
        )}
      </div>
      <FilterChips chips={useChips(props)} onClear={() => onChange(noAuditFilters)} />
    </div>
  )
}

function useChips({ filters, onChange, people = [] }: FilterBarProps): FilterChip[] {
  const t = useTranslations('audit.filters')
  const actionText = useActionText()
  const days = useDayFilterText(filters)
  const { action, actor, subject } = filters
  const actorName = people.find((person) => person.value === actor)?.label ?? actor
  const chips: (FilterChip | null)[] = [
    subject && {
      key: 'subject',
      label: t('chips.subject', { value: subject }),
      onRemove: () => onChange({ subject: null }),
    },
    days && { key: 'days', label: days, onRemove: () => onChange(anyDay) },
    action && {
      key: 'action',
      label: actionText(action),
      onRemove: () => onChange({ action: null }),
    },
    actorName && {
      key: 'actor',
      label: t('chips.actor', { value: actorName }),
      onRemove: () => onChange({ actor: null }),
    },
  ].map((chip) => chip || null)
  return chips.filter((chip) => chip !== null)
}
