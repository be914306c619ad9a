'use client'
import { Bar, BarChart as Recharts, ResponsiveContainer } from 'recharts'
import { frame } from './chart-frame.tsx'
import { CHART_HEIGHT_PX, type ChartProps, type ChartRow, colorOf } from './series.ts'

export function BarChart(props: ChartProps) {
  return (
    <ResponsiveContainer width="100%" height={CHART_HEIGHT_PX}>
      <Recharts data={[...props.rows]} accessibilityLayer={false}>
        {frame(props)}
        {props.series.map(({ key, tone }) => (
          <Bar
            key={key}
            dataKey={(row: ChartRow) => row.values[key]}
            fill={colorOf(tone)}
            maxBarSize={24}
            {...(props.isStacked ? { stackId: 'whole' } : { radius: [2, 2, 0, 0] })}
            isAnimationActive={false}
          />
        ))}
      </Recharts>
    </ResponsiveContainer>
  )
}
