import { z } from 'zod'
import type { ledgerEntry } from '#contracts/wallet'

type Entry = z.output<typeof ledgerEntry>

const held = z.object({
  slice: z.int(),
  seconds: z.int(),
  fundedSeconds: z.int(),
  pricePerHourCents: z.int(),
})
const settled = z.object({
  billedSeconds: z.int(),
  fundedSeconds: z.int(),
  pricePerHourCents: z.int(),
  unroundedCents: z.coerce.number(),
  heldCents: z.int(),
})

/** What a call's ledger line is made of, as the values of one sentence. */
export type LineStory =
  | {
      kind: 'hold'
      slice: number
      seconds: number
      fundedSeconds: number
      pricePerHourCents: number
    }
  | { kind: 'capture'; seconds: number; pricePerHourCents: number; unroundedCents: number }
  | { kind: 'release'; seconds: number; fundedSeconds: number; heldCents: number }

/** Null for lines that say something else, or that an older version wrote: their record is then shown as it is. */
export function tellLine(entry: Pick<Entry, 'kind' | 'explanation'>): LineStory | null {
  if (entry.kind === 'hold') {
    const told = held.safeParse(entry.explanation)
    return told.success ? { kind: 'hold', ...told.data } : null
  }
  if (entry.kind !== 'capture' && entry.kind !== 'release') return null
  const told = settled.safeParse(entry.explanation)
  if (!told.success) return null
  const { billedSeconds: seconds, ...rest } = told.data
  return { kind: entry.kind, seconds, ...rest }
}
