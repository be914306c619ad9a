export type Series = {
  key: string
  label: string
  /** Steps are told apart in grey too: for parts of a whole. */
  tone: 'brand' | 'ok' | 'warn' | 'step-1' | 'step-2' | 'step-3' | 'step-4'
}

/** One place on the axis; a value that is not known is null and leaves a gap. */
export type ChartRow = { key: string; label: string; values: Record<string, number | null> }

export type ChartProps = {
  rows: readonly ChartRow[]
  series: readonly Series[]
  format(value: number): string
  /** The series are parts of one bar. */
  isStacked?: boolean
}

export const CHART_HEIGHT_PX = 200

export const colorOf = (tone: Series['tone']): string => `var(--${tone})`
