'use client'
import { Download } from 'lucide-react'
import { parseAsStringLiteral } from 'nuqs'
import { useTranslations } from 'use-intl'
import { exportLedgerEntries, ledgerKinds } from '#contracts/wallet'
import { Button } from '../../components/button.tsx'
import { DayFilter, useDayFilterText } from '../../components/day-filter.tsx'
import { ErrorBox } from '../../components/error-box.tsx'
import { FilterChips } from '../../components/filter-chips.tsx'
import { FilterMenu } from '../../components/filter-menu.tsx'
import { useDownload } from '../../lib/api/use-download.ts'
import { anyDay, type DayFilter as Days, dayFilterParsers } from '../../lib/day-filter.ts'
import { dayIn } from '../../lib/format/time.ts'
import { useTimeZone } from '../../lib/intl/use-format.tsx'

export const ledgerParsers = { kind: parseAsStringLiteral(ledgerKinds), ...dayFilterParsers }

/** The chart above has a range of days too; in the address the two are told apart. */
export const ledgerUrlKeys = { range: 'days', from: 'since', to: 'until' }

export type LedgerFilters = Days & { kind: (typeof ledgerKinds)[number] | null }

/** The filters as the API takes them. */
export type LedgerQuery = {
  kind?: (typeof ledgerKinds)[number]
  from?: string
  to?: string
}

/** What the ledger is narrowed by, and the same lines as a file. */
export function LedgerFilterBar(props: {
  filters: LedgerFilters
  query: LedgerQuery
  onChange(part: Partial<LedgerFilters>): void
}) {
  const t = useTranslations('wallet.ledger')
  const kindName = useTranslations('ledger.kinds')
  const timeZone = useTimeZone()
  const download = useDownload(exportLedgerEntries)
  const { filters, onChange } = props
  const { kind } = filters
  const daysText = useDayFilterText(filters)
  const chips = [
    ...(kind
      ? [{ key: 'kind', label: kindName(kind), onRemove: () => onChange({ kind: null }) }]
      : []),
    ...(daysText ? [{ key: 'days', label: daysText, onRemove: () => onChange(anyDay) }] : []),
  ]
  return (
    <div className="flex flex-col gap-2 px-4 pb-3 md:px-6">
      <div className="flex flex-wrap items-center gap-2">
        <FilterMenu
          label={t('kind')}
          anyLabel={t('anyKind')}
          value={kind}
          options={ledgerKinds.map((value) => ({ value, label: kindName(value) }))}
          onChange={(chosen) => onChange({ kind: chosen })}
        />
        <DayFilter value={filters} onChange={onChange} />
        <Button
          className="ml-auto"
          disabled={download.isPending}
          onClick={() =>
            download.mutate({
              sent: { query: props.query },
              fileName: `ledger-${dayIn(new Date(), timeZone)}.csv`,
            })
          }
        >
          <Download aria-hidden className="size-4 text-soft" />
          {t('export')}
        </Button>
      </div>
      <FilterChips chips={chips} onClear={() => onChange({ kind: null, ...anyDay })} />
      {download.error && <ErrorBox title={t('exportFailed')} error={download.error} />}
    </div>
  )
}
