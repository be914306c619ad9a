import type { z } from 'zod'
import type { platformMetrics } from '#contracts/usage'

export type Metrics = z.output<typeof platformMetrics>
export type Sums = Pick<
  Metrics,
  'calls' | 'billableSeconds' | 'chargedCents' | 'vendorCostMicroUsd' | 'callsWithoutVendorCost'
>

const MICRO_PER_CENT = 10_000

/** Vendor cost in cents; null where calls were made and the cost of none is known. */
export function vendorCostCents(sums: Sums): number | null {
  if (sums.calls > 0 && sums.callsWithoutVendorCost >= sums.calls) return null
  return Math.round(sums.vendorCostMicroUsd / MICRO_PER_CENT)
}

/** The day with the most of something, the first of them if several are alike; null where there was nothing at all. */
export function peakOf(
  days: Metrics['days'],
  value: (day: Metrics['days'][number]) => number,
): { day: string; value: number } | null {
  let peak: { day: string; value: number } | null = null
  for (const each of days) {
    const found = value(each)
    if (found > (peak?.value ?? 0)) peak = { day: each.day, value: found }
  }
  return peak
}

const nothing: Sums = {
  calls: 0,
  billableSeconds: 0,
  chargedCents: 0,
  vendorCostMicroUsd: 0,
  callsWithoutVendorCost: 0,
}

const DAY_MS = 86_400_000

/** Every day of the range in order; the API leaves out those on which nothing happened. */
export function everyDay(
  days: Metrics['days'],
  { from, to }: { from: string; to: string },
): Metrics['days'] {
  const known = new Map(days.map((each) => [each.day, each]))
  const count = Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS) + 1
  return Array.from({ length: count }, (_, place) => {
    const day = new Date(Date.parse(from) + place * DAY_MS).toISOString().slice(0, 10)
    return known.get(day) ?? { day, ...nothing }
  })
}
