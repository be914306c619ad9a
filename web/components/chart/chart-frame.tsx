'use client'
import { CartesianGrid, Tooltip, XAxis, YAxis } from 'recharts'
import { type ChartProps, type ChartRow, colorOf, type Series } from './series.ts'

const tick = { fill: 'var(--soft)', fontSize: 12 }

/** Grid, axes and the box under the pointer, the same for every chart. */
export const frame = ({ series, format }: Pick<ChartProps, 'series' | 'format'>) => [
  <CartesianGrid key="grid" vertical={false} stroke="var(--line)" />,
  <XAxis
    key="x"
    dataKey="label"
    tick={tick}
    tickLine={false}
    axisLine={{ stroke: 'var(--line)' }}
    minTickGap={28}
    interval="preserveStartEnd"
  />,
  <YAxis
    key="y"
    tick={tick}
    tickLine={false}
    axisLine={false}
    width="auto"
    tickFormatter={(value: number) => format(value)}
    tickCount={4}
  />,
  <Tooltip
    key="tooltip"
    cursor={{ fill: 'var(--line)', fillOpacity: 0.5, stroke: 'var(--line)' }}
    isAnimationActive={false}
    content={({ active, payload }) => {
      const row: unknown = payload?.[0]?.payload
      return active && isRow(row) ? <Hovered row={row} series={series} format={format} /> : null
    }}
  />,
]

/** Recharts hands the row back untyped. */
const isRow = (row: unknown): row is ChartRow =>
  typeof row === 'object' && row !== null && 'values' in row

function Hovered(props: {
  row: ChartRow
  series: readonly Series[]
  format: ChartProps['format']
}) {
  return (
    <div className="rounded-control border border-line bg-panel px-2.5 py-1.5 text-xs shadow-float">
      <p className="font-medium">{props.row.label}</p>
      {props.series.map(({ key, label, tone }) => {
        const value = props.row.values[key]
        return (
          <p key={key} className="flex items-center gap-2 text-soft">
            <span className="size-2 rounded-sm" style={{ background: colorOf(tone) }} />
            {label}
            <span className="ml-auto pl-3 text-ink tabular-nums">
              {value === null || value === undefined ? '–' : props.format(value)}
            </span>
          </p>
        )
      })}
    </div>
  )
}
