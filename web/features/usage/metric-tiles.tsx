'use client'
import { useTranslations } from 'use-intl'
import { StatTile, StatTiles } from '../../components/stat-tile.tsx'
import { useFormat } from '../../lib/intl/use-format.tsx'
import { paths } from '../../lib/paths.ts'
import { type Metrics, vendorCostCents } from './metrics.ts'

export function MetricTiles({ metrics }: { metrics: Metrics }) {
  const t = useTranslations('platform.overview.tiles')
  const format = useFormat()
  const { organizations, callsWithoutVendorCost: unknown } = metrics
  const cost = vendorCostCents(metrics)
  const money = (cents: number | null) => (cents === null ? t('unknown') : format.money(cents))
  const partly =
    unknown > 0 && cost !== null ? t('partly', { unknown, calls: metrics.calls }) : null
  return (
    <StatTiles label={t('label')}>
      <StatTile
        label={t('organizations')}
        value={format.number(organizations.active)}
        note={t('organizationsNote', {
          withCalls: metrics.organizationsWithCalls,
          paused: organizations.paused,
          archived: organizations.archived,
        })}
        href={paths.platformOrganizations()}
      />
      <StatTile
        label={t('running')}
        value={format.number(metrics.callsRunning)}
        note={t('runningNote', { limit: format.number(metrics.callsRunningLimit) })}
      />
      <StatTile
        label={t('calls')}
        value={format.number(metrics.calls)}
        note={t('callsNote', { hours: format.hours(metrics.billableSeconds) })}
        href={paths.platformUsage()}
      />
      <StatTile label={t('revenue')} value={format.money(metrics.chargedCents)} />
      <StatTile
        label={t('vendorCost')}
        value={money(cost)}
        note={cost === null ? t('unknownNote') : partly}
      />
      <StatTile
        label={t('margin')}
        value={money(metrics.marginCents)}
        note={metrics.marginCents === null ? t('unknownNote') : partly}
      />
    </StatTiles>
  )
}
