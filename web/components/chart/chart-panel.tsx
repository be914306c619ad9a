'use client'
import { lazy, type ReactNode, Suspense, useId, useState } from 'react'
import { useTranslations } from 'use-intl'
import { classes } from '../../lib/classes.ts'
import { DataTable } from '../data-table.tsx'
import { Bone } from '../skeleton.tsx'
import { Switch } from '../switch.tsx'
import { CHART_HEIGHT_PX, type ChartProps, type ChartRow, colorOf } from './series.ts'

// Recharts weighs more than everything else of a screen together; figures are readable before it comes.
const BarChart = lazy(() => import('./bar-chart.tsx').then((file) => ({ default: file.BarChart })))
const LineChart = lazy(() =>
  import('./line-chart.tsx').then((file) => ({ default: file.LineChart })),
)

type ChartPanelProps = ChartProps & {
  title: string
  kind: 'bar' | 'line'
  /** What the chart shows, in a sentence. */
  summary: ReactNode
  /** What a row is called: "Day". */
  rowName: string
  /** Beside the switch to the table. */
  actions?: ReactNode
  className?: string
}

/** A chart with its text and, for who reads figures better than shapes, its table. */
export function ChartPanel(props: ChartPanelProps) {
  const t = useTranslations('charts')
  const [isTable, setTable] = useState(false)
  const titleId = useId()
  const isEmpty = props.rows.every((row) => props.series.every(({ key }) => !row.values[key]))
  return (
    <section
      aria-labelledby={titleId}
      className={classes('rounded-card border border-line bg-panel', props.className)}
    >
      <div className="flex flex-wrap items-center justify-between gap-x-4 px-4 pt-2">
        <h2 id={titleId} className="font-medium">
          {props.title}
        </h2>
        <div className="flex flex-wrap items-center gap-x-4">
          {props.actions}
          {!isEmpty && (
            <Switch isOn={isTable} onChange={setTable}>
              {t('asTable')}
            </Switch>
          )}
        </div>
      </div>
      <p className={classes('px-4 text-soft text-xs', isEmpty && 'pt-1 pb-4')}>{props.summary}</p>
      {!isEmpty && (isTable ? <ChartTable {...props} /> : <Drawing {...props} />)}
    </section>
  )
}

/** Hidden from assistive technology, which has the sentence and the table. */
function Drawing({ kind, ...props }: ChartPanelProps) {
  const Chart = kind === 'bar' ? BarChart : LineChart
  return (
    <div aria-hidden className="p-3">
      {props.series.length > 1 && <Legend kind={kind} series={props.series} />}
      <Suspense fallback={<Bone style={{ height: CHART_HEIGHT_PX }} />}>
        <Chart {...props} />
      </Suspense>
    </div>
  )
}

const Legend = ({ kind, series }: Pick<ChartPanelProps, 'kind' | 'series'>) => (
  <div className="mb-2 flex flex-wrap gap-x-4 px-1 text-soft text-xs">
    {series.map(({ key, label, tone }, place) => (
      <span key={key} className="flex items-center gap-1.5">
        {kind === 'bar' ? (
          <span className="size-2.5 rounded-sm" style={{ background: colorOf(tone) }} />
        ) : (
          <span
            className={classes('w-4 border-t-2', place > 0 && 'border-dashed')}
            style={{ borderColor: colorOf(tone) }}
          />
        )}
        {label}
      </span>
    ))}
  </div>
)

function ChartTable(props: ChartPanelProps) {
  const t = useTranslations('charts')
  const show = (row: ChartRow, key: string) => {
    const value = row.values[key]
    return value === null || value === undefined ? '–' : props.format(value)
  }
  return (
    // Reached by Tab, so that the keyboard can scroll it.
    <section
      aria-label={t('tableOf', { chart: props.title })}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
      tabIndex={0}
      className="mt-2 max-h-72 overflow-y-auto border-line border-t"
    >
      <DataTable
        caption={props.title}
        rows={props.rows.toReversed()}
        rowKey={(row) => row.key}
        isInCard
        columns={[
          { key: 'row', header: props.rowName, cell: (row) => row.label },
          ...props.series.map(({ key, label }) => ({
            key,
            header: label,
            isNumeric: true,
            cell: (row: ChartRow) => show(row, key),
          })),
        ]}
      />
    </section>
  )
}
