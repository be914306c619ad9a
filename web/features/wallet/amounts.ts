import { parseMoney } from '../../lib/format/money.ts'

/** Whether what is typed is money between two amounts, both included. */
export function isWithin(text: string, minimumCents: number, maximumCents: number): boolean {
  const cents = parseMoney(text)
  return cents !== null && cents >= minimumCents && cents <= maximumCents
}
