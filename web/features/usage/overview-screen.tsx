'use client'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'
import { Forbidden } from '../../components/refusals.tsx'
import { useMay } from '../../lib/session.tsx'
import { MetricTiles } from './metric-tiles.tsx'
import { MetricsFrame } from './metrics-frame.tsx'
import { CallsChart, MoneyChart } from './platform-charts.tsx'
import { TopOrganizations } from './top-organizations.tsx'

/** The platform at a glance; `health` is what only who runs it may see. */
export function OverviewScreen({ health }: { health?: ReactNode }) {
  const t = useTranslations('platform.overview')
  if (!useMay('platform.metrics')) return <Forbidden needs="platform.metrics" />
  return (
    <MetricsFrame title={t('title')} above={health}>
      {(metrics, days) => (
        <>
          <MetricTiles metrics={metrics} />
          <div className="grid gap-3 lg:grid-cols-2">
            <CallsChart metrics={metrics} days={days} />
            <MoneyChart metrics={metrics} days={days} />
          </div>
          <TopOrganizations top={metrics.top} />
        </>
      )}
    </MetricsFrame>
  )
}
