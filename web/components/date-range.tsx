'use client'
import { useTranslations } from 'use-intl'
import { type ChosenRange, dayRanges } from '../lib/day-range.ts'
import { FilterRadioBar } from './filter-radio-bar.tsx'

/** The days a screen sums up: a named range, or two days of one's own. */
export function DateRange(props: {
  value: ChosenRange
  /** Whether the two days make no range, so that this is said beside them. */
  isWrong: boolean
  onChange(value: ChosenRange): void
}) {
  const t = useTranslations('dayRange')
  const { value, onChange } = props
  return (
    <div className="flex flex-wrap items-center gap-2">
      {value.range === 'custom' && <OwnDays {...props} />}
      <FilterRadioBar
        label={t('label')}
        value={value.range}
        options={dayRanges.map((range) => ({ value: range, label: t(`ranges.${range}`) }))}
        onChange={(range) => onChange({ range, from: null, to: null })}
      />
    </div>
  )
}

function OwnDays({ value, isWrong, onChange }: Parameters<typeof DateRange>[0]) {
  const t = useTranslations('dayRange')
  const isGiven = value.from !== null && value.to !== null
  return (
    <>
      {isWrong && isGiven && (
        <span role="status" className="text-bad text-xs">
          {t('wrong')}
        </span>
      )}
      {(['from', 'to'] as const).map((end) => (
        <input
          key={end}
          type="date"
          aria-label={t(end)}
          aria-invalid={isWrong && isGiven}
          value={value[end] ?? ''}
          onChange={(event) => onChange({ ...value, [end]: event.target.value || null })}
          className="h-8 rounded-control border border-edge bg-panel px-2 text-sm"
        />
      ))}
    </>
  )
}
