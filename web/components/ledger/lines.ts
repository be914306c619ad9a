import { z } from 'zod'
import type { ledgerEntry } from '#contracts/wallet'

export type LedgerEntry = z.output<typeof ledgerEntry>

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
  /** Why the call was over; lines of before do not say. */
  endedBecause: z.string().nullish(),
})
const paid = z.object({ origin: z.enum(['checkout', 'auto_recharge']) })
const noted = z.object({ note: z.string() })
const repaying = z.object({ repays: z.literal('deficit'), remainingDeficitCents: z.int() })
const uncovered = z.object({ uncovered: z.literal(true), deficitCents: z.int() })

/** What a ledger line is made of, as the values of one sentence. */
export type LineStory =
  | {
      kind: 'hold'
      slice: number
      seconds: number
      fundedSeconds: number
      pricePerHourCents: number
    }
  | {
      kind: 'capture'
      seconds: number
      pricePerHourCents: number
      unroundedCents: number
      isMachine: boolean
    }
  | { kind: 'release'; seconds: number; fundedSeconds: number; heldCents: number }
  | { kind: 'paid'; origin: 'checkout' | 'auto_recharge' }
  | { kind: 'note'; note: string }
  | { kind: 'repays'; remainingCents: number }
  | { kind: 'uncovered'; deficitCents: number }

/** Null for lines that say something else, or that an older version wrote: their record is then shown as it is. */
export function tellLine(entry: Pick<LedgerEntry, 'kind' | 'explanation'>): LineStory | null {
  const { kind, explanation } = entry
  if (kind === 'hold') {
    const told = held.safeParse(explanation)
    return told.success ? { kind, ...told.data } : null
  }
  if (kind === 'capture' || kind === 'release') {
    const told = settled.safeParse(explanation)
    if (!told.success) return null
    const { billedSeconds: seconds, endedBecause, ...rest } = told.data
    return { kind, seconds, isMachine: endedBecause === 'answering_machine', ...rest }
  }
  return tellPosting(explanation)
}

/** Money from or to outside; what a debt has to do with it is a line of its own, of the same kind. */
function tellPosting(explanation: LedgerEntry['explanation']): LineStory | null {
  const repaid = repaying.safeParse(explanation)
  if (repaid.success) return { kind: 'repays', remainingCents: repaid.data.remainingDeficitCents }
  const owed = uncovered.safeParse(explanation)
  if (owed.success) return { kind: 'uncovered', deficitCents: owed.data.deficitCents }
  const payment = paid.safeParse(explanation)
  if (payment.success) return { kind: 'paid', origin: payment.data.origin }
  const remark = noted.safeParse(explanation)
  return remark.success ? { kind: 'note', note: remark.data.note } : null
}

const inWallet = ['available', 'held']

/** What a line does to the balance: nothing where money is only set aside within the wallet, or owed. */
export function balanceChangeCents(
  entry: Pick<LedgerEntry, 'fromAccount' | 'toAccount' | 'amountCents'>,
): number {
  const leaves = inWallet.includes(entry.fromAccount)
  const comes = inWallet.includes(entry.toAccount)
  if (leaves === comes) return 0
  return comes ? entry.amountCents : -entry.amountCents
}
