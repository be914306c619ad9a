'use client'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'
import { DateRange } from '../../components/date-range.tsx'
import { ErrorBox } from '../../components/error-box.tsx'
import { PageHeader } from '../../components/page-header.tsx'
import { ProgressLine } from '../../components/progress-line.tsx'
import { Bone, Skeleton } from '../../components/skeleton.tsx'
import { StatTileBones } from '../../components/stat-tile.tsx'
import { useFormat } from '../../lib/intl/use-format.tsx'
import type { Metrics } from './metrics.ts'
import { useMetrics } from './use-metrics.ts'

/** A screen of the platform's figures: range, waiting, failing; what is drawn of them is the child's. */
export function MetricsFrame(props: {
  title: string
  /** Comes first, and stays whatever becomes of the figures. */
  above?: ReactNode
  children(metrics: Metrics, days: { from: string; to: string }): ReactNode
}) {
  const t = useTranslations('platform.overview')
  const format = useFormat()
  const { chosen, choose, days, metrics } = useMetrics()
  const { data } = metrics
  return (
    <div className="relative w-full max-w-[90rem] px-4 py-5 md:px-6">
      <ProgressLine isActive={metrics.isFetching && !metrics.isPending} />
      <PageHeader
        title={props.title}
        note={
          data?.computedAt && (
            <span className="text-xs" title={format.stamp(data.computedAt)}>
              {t('computedAt', { time: format.moment(data.computedAt) })}
            </span>
          )
        }
        actions={
          <DateRange
            value={chosen}
            isWrong={days === null}
            onChange={(range) => void choose(range)}
          />
        }
      />
      <div className="mt-4 space-y-6">
        {props.above}
        {days === null && <p className="text-soft">{t('chooseDays')}</p>}
        {metrics.error && (
          <ErrorBox
            title={t('failed')}
            error={metrics.error}
            onRetry={() => void metrics.refetch()}
            isRetrying={metrics.isFetching}
          />
        )}
        {days !== null && metrics.isPending && <MetricsSkeleton />}
        {days !== null && data && props.children(data, days)}
      </div>
    </div>
  )
}

function MetricsSkeleton() {
  const t = useTranslations('platform.overview')
  return (
    <Skeleton label={t('loading')} className="space-y-6">
      <StatTileBones count={6} />
      <div className="grid gap-3 lg:grid-cols-2">
        <Bone className="h-72 rounded-card" />
        <Bone className="h-72 rounded-card" />
      </div>
    </Skeleton>
  )
}
