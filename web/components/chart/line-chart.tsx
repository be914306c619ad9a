'use client'
import { Line, LineChart as Recharts, ResponsiveContainer } from 'recharts'
import { frame } from './chart-frame.tsx'
import { CHART_HEIGHT_PX, type ChartProps, type ChartRow, colorOf } from './series.ts'

const dashes = ['0', '5 3', '1 3'] // Lines are told apart without colour too.

export function LineChart(props: ChartProps) {
  return (
    <ResponsiveContainer width="100%" height={CHART_HEIGHT_PX}>
      <Recharts data={[...props.rows]} accessibilityLayer={false}>
        {frame(props)}
        {props.series.map(({ key, tone }, place) => (
          <Line
            key={key}
            dataKey={(row: ChartRow) => row.values[key]}
            stroke={colorOf(tone)}
            strokeWidth={2}
            strokeDasharray={dashes[place % dashes.length] ?? '0'}
            dot={false}
            isAnimationActive={false}
          />
        ))}
      </Recharts>
    </ResponsiveContainer>
  )
}
