import { describe, expect, test } from 'vitest'
import { balanceChangeCents, tellLine } from './lines.ts'

describe('the story of a line', () => {
  test('is told of money paid in, noted, owed and paid back', () => {
    expect(
      tellLine({ kind: 'top_up', explanation: { topUpId: 'x', origin: 'auto_recharge' } }),
    ).toEqual({ kind: 'paid', origin: 'auto_recharge' })
    expect(tellLine({ kind: 'adjustment', explanation: { note: 'goodwill' } })).toEqual({
      kind: 'note',
      note: 'goodwill',
    })
    expect(
      tellLine({ kind: 'dispute', explanation: { uncovered: true, deficitCents: 40 } }),
    ).toEqual({ kind: 'uncovered', deficitCents: 40 })
    expect(
      tellLine({ kind: 'top_up', explanation: { repays: 'deficit', remainingDeficitCents: 0 } }),
    ).toEqual({ kind: 'repays', remainingCents: 0 })
  })

  test('of an unknown make is left to its record', () => {
    expect(tellLine({ kind: 'hold', explanation: { slice: 'first' } })).toBeNull()
    expect(tellLine({ kind: 'refund', explanation: { stripeRefundId: 're_1' } })).toBeNull()
  })
})

describe('what a line does to the balance', () => {
  const change = (fromAccount: string, toAccount: string) =>
    balanceChangeCents({ fromAccount, toAccount, amountCents: 42 })

  test('money from outside adds, money to outside takes', () => {
    expect(change('payments', 'available')).toBe(42)
    expect(change('held', 'revenue')).toBe(-42)
    expect(change('available', 'deficit')).toBe(-42)
  })

  test('what is set aside or only owed leaves it as it is', () => {
    expect(change('available', 'held')).toBe(0)
    expect(change('held', 'available')).toBe(0)
    expect(change('deficit', 'payments')).toBe(0)
  })
})
