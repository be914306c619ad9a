export type Series = {
  key: string
  label: string
  tone: 'brand' | 'ok' | 'warn'
}

/** One place on the axis; a value that is not known is null and leaves a gap. */
export type ChartRow = { key: string; label: string; values: Record<string, number | null> }

export type ChartProps = {
  rows: readonly ChartRow[]
  series: readonly Series[]
  format(value: number): string
}

export const CHART_HEIGHT_PX = 200

export const colorOf = (tone: Series['tone']): string => `var(--${tone})`
