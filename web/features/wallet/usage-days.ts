import type { z } from 'zod'
import type { callKinds, usageReport } from '#contracts/usage'
import { addDays } from '../../lib/format/time.ts'

export const measures = ['money', 'minutes'] as const
export type Measure = (typeof measures)[number]

type Kind = (typeof callKinds)[number]
type Report = Pick<z.output<typeof usageReport>, 'days' | 'total'>
export type UsageDay = { day: string; values: Record<Kind, number> }

/** Every day of the range with its kinds, in cents or seconds; those on which nothing happened too. */
export function sumByDay(
  report: Report,
  { from, to }: { from: string; to: string },
  measure: Measure,
): { rows: UsageDay[]; peak: { day: string; value: number } | null; total: number } {
  const of = (sums: Report['total']): number =>
    measure === 'money' ? (sums.chargedCents ?? 0) : sums.billableSeconds
  const rows: UsageDay[] = []
  for (let day = from; day <= to; day = addDays(day, 1))
    rows.push({ day, values: { agent: 0, live: 0, mock: 0, meeting: 0, test: 0 } })
  const byDay = new Map(rows.map((row) => [row.day, row]))
  for (const line of report.days) {
    const row = byDay.get(line.day)
    if (row) row.values[line.kind] += of(line)
  }
  return { rows, peak: peakOf(rows), total: of(report.total) }
}

/** The day with the most, the first of them if several are alike; null where there was nothing at all. */
function peakOf(rows: readonly UsageDay[]): { day: string; value: number } | null {
  let peak: { day: string; value: number } | null = null
  for (const { day, values } of rows) {
    const value = Object.values(values).reduce((sum, each) => sum + each, 0)
    if (value > (peak?.value ?? 0)) peak = { day, value }
  }
  return peak
}
