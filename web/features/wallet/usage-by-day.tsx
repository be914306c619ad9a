'use client'
import { keepPreviousData } from '@tanstack/react-query'
import { parseAsStringLiteral, useQueryState, useQueryStates } from 'nuqs'
import { useTranslations } from 'use-intl'
import type { z } from 'zod'
import { callKinds, getUsage, type usageReport } from '#contracts/usage'
import { ChartPanel } from '../../components/chart/chart-panel.tsx'
import { DateRange } from '../../components/date-range.tsx'
import { ErrorBox } from '../../components/error-box.tsx'
import { FilterRadioBar } from '../../components/filter-radio-bar.tsx'
import { Bone, Skeleton } from '../../components/skeleton.tsx'
import { useEndpoint } from '../../lib/api/use-endpoint.tsx'
import { dayRangeParsers, toDays } from '../../lib/day-range.ts'
import { useFormat, useTimeZone } from '../../lib/intl/use-format.tsx'
import { useNow } from '../../lib/use-now.ts'
import { type Measure, measures, sumByDay } from './usage-days.ts'

const DAY_CHECK_MS = 60_000 // "Today" becomes yesterday within a minute of midnight.
const MINUTE_SECONDS = 60

const tones = {
  agent: 'step-1',
  live: 'step-2',
  mock: 'step-3',
  meeting: 'step-4',
  test: 'warn',
} as const

/** What calls used day by day, stacked by their kind, in money or minutes. */
export function UsageByDay() {
  const t = useTranslations('wallet.usage')
  const timeZone = useTimeZone()
  const now = useNow(DAY_CHECK_MS)
  const [chosen, choose] = useQueryStates(dayRangeParsers, { history: 'push' })
  const days = toDays(chosen, { now, timeZone })
  const usage = useEndpoint(
    getUsage,
    { query: days ?? { from: '', to: '' } },
    { enabled: days !== null, placeholderData: keepPreviousData },
  )
  return (
    <div className="space-y-2">
      <div className="flex justify-end">
        <DateRange
          value={chosen}
          isWrong={days === null}
          onChange={(range) => void choose(range)}
        />
      </div>
      {days === null && <p className="text-soft">{t('chooseDays')}</p>}
      {usage.error && (
        <ErrorBox
          title={t('failed')}
          error={usage.error}
          onRetry={() => void usage.refetch()}
          isRetrying={usage.isFetching}
        />
      )}
      {days && usage.isPending && (
        <Skeleton label={t('loading')}>
          <Bone className="h-72 rounded-card" />
        </Skeleton>
      )}
      {days && usage.data && <UsageChart report={usage.data} days={days} />}
    </div>
  )
}

function UsageChart(props: {
  report: z.output<typeof usageReport>
  days: { from: string; to: string }
}) {
  const { report, days } = props
  const t = useTranslations('wallet.usage')
  const [measure, setMeasure] = useQueryState(
    'measure',
    parseAsStringLiteral(measures).withDefault('money'),
  )
  const show = useShow(measure)
  const { rows, peak, total } = sumByDay(report, days, measure)
  const format = useFormat()
  const used = callKinds.filter((kind) => rows.some(({ values }) => values[kind] > 0))
  return (
    <ChartPanel
      kind="bar"
      isStacked
      title={t('title')}
      rowName={t('day')}
      actions={
        <FilterRadioBar
          label={t('measure')}
          value={measure}
          options={measures.map((value) => ({ value, label: t(value) }))}
          onChange={(value) => void setMeasure(value)}
        />
      }
      summary={
        peak
          ? t(`${measure}Summary`, {
              total: show(total),
              calls: report.total.calls,
              day: format.calendarDay(peak.day),
              most: show(peak.value),
            })
          : t(report.total.calls > 0 ? 'nothingMoney' : 'nothing')
      }
      series={used.map((kind) => ({ key: kind, label: t(`kinds.${kind}`), tone: tones[kind] }))}
      format={show}
      rows={rows.map(({ day, values }) => ({ key: day, label: format.calendarDay(day), values }))}
    />
  )
}

function useShow(measure: Measure): (value: number) => string {
  const t = useTranslations('wallet.usage')
  const format = useFormat()
  if (measure === 'money') return (cents) => format.money(cents)
  return (seconds) =>
    t('minuteCount', {
      minutes: format.number(seconds / MINUTE_SECONDS, { maximumFractionDigits: 1 }),
    })
}
