'use client'
import { useTranslations } from 'use-intl'
import { ChartPanel } from '../../components/chart/chart-panel.tsx'
import { useFormat } from '../../lib/intl/use-format.tsx'
import { everyDay, type Metrics, peakOf, vendorCostCents } from './metrics.ts'

const HOUR_SECONDS = 3_600

type ChartOf = { metrics: Metrics; days: { from: string; to: string } }

export function CallsChart({ metrics, days }: ChartOf) {
  const t = useTranslations('platform.charts')
  const format = useFormat()
  const peak = peakOf(metrics.days, (day) => day.calls)
  return (
    <ChartPanel
      kind="bar"
      title={t('calls')}
      rowName={t('day')}
      summary={
        peak
          ? t('callsSummary', {
              calls: metrics.calls,
              day: format.calendarDay(peak.day),
              most: peak.value,
            })
          : t('noCalls')
      }
      series={[{ key: 'calls', label: t('callsSeries'), tone: 'brand' }]}
      format={format.number}
      rows={everyDay(metrics.days, days).map((day) => ({
        key: day.day,
        label: format.calendarDay(day.day),
        values: { calls: day.calls },
      }))}
    />
  )
}

export function HoursChart({ metrics, days }: ChartOf) {
  const t = useTranslations('platform.charts')
  const format = useFormat()
  const peak = peakOf(metrics.days, (day) => day.billableSeconds)
  return (
    <ChartPanel
      kind="bar"
      title={t('hours')}
      rowName={t('day')}
      summary={
        peak
          ? t('hoursSummary', {
              hours: format.hours(metrics.billableSeconds),
              day: format.calendarDay(peak.day),
              most: format.hours(peak.value),
            })
          : t('noCalls')
      }
      series={[{ key: 'hours', label: t('hoursSeries'), tone: 'brand' }]}
      format={(hours) => format.hours(hours * HOUR_SECONDS)}
      rows={everyDay(metrics.days, days).map((day) => ({
        key: day.day,
        label: format.calendarDay(day.day),
        values: { hours: day.billableSeconds / HOUR_SECONDS },
      }))}
    />
  )
}

export function MoneyChart({ metrics, days }: ChartOf) {
  const t = useTranslations('platform.charts')
  const format = useFormat()
  const cost = vendorCostCents(metrics)
  return (
    <ChartPanel
      kind="line"
      title={t('money')}
      rowName={t('day')}
      summary={t('moneySummary', {
        revenue: format.money(metrics.chargedCents),
        cost: cost === null ? t('unknown') : format.money(cost),
      })}
      series={[
        { key: 'revenue', label: t('revenue'), tone: 'ok' },
        { key: 'cost', label: t('vendorCost'), tone: 'warn' },
      ]}
      format={format.money}
      rows={everyDay(metrics.days, days).map((day) => ({
        key: day.day,
        label: format.calendarDay(day.day),
        values: { revenue: day.chargedCents, cost: vendorCostCents(day) },
      }))}
    />
  )
}
