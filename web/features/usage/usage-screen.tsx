'use client'
import { useTranslations } from 'use-intl'
import { DataTable } from '../../components/data-table.tsx'
import { Forbidden } from '../../components/refusals.tsx'
import { useFormat } from '../../lib/intl/use-format.tsx'
import { useMay } from '../../lib/session.tsx'
import { everyDay, type Metrics } from './metrics.ts'
import { MetricsFrame } from './metrics-frame.tsx'
import { HoursChart } from './platform-charts.tsx'
import { TopOrganizations } from './top-organizations.tsx'
import { useSumColumns } from './use-sum-columns.tsx'

/** What was used day by day over all organizations. */
export function UsageScreen() {
  const t = useTranslations('platform.usage')
  if (!useMay('platform.metrics')) return <Forbidden needs="platform.metrics" />
  return (
    <MetricsFrame title={t('title')}>
      {(metrics, days) => (
        <>
          <HoursChart metrics={metrics} days={days} />
          <TopOrganizations top={metrics.top} />
          <Days days={everyDay(metrics.days, days).toReversed()} />
        </>
      )}
    </MetricsFrame>
  )
}

function Days({ days }: { days: Metrics['days'] }) {
  const t = useTranslations('platform.usage')
  const format = useFormat()
  const columns = useSumColumns<Metrics['days'][number]>()
  return (
    <section aria-label={t('byDay')}>
      <h2 className="mb-2 font-medium">{t('byDay')}</h2>
      <DataTable
        caption={t('byDay')}
        rows={days}
        rowKey={(row) => row.day}
        isInCard
        className="rounded-card border border-line bg-panel"
        columns={[
          {
            key: 'day',
            header: t('day'),
            sort: 'descending',
            cell: (row) => (
              <span className="whitespace-nowrap">
                {format.calendarDay(row.day, { hasYear: true })}
              </span>
            ),
          },
          ...columns,
        ]}
      />
      <p className="mt-2 text-soft text-xs">{t('zone')}</p>
    </section>
  )
}
