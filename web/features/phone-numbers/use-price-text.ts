'use client'
import { useTranslations } from 'use-intl'
import type { Answer } from '#api/contract/endpoint.ts'
import type { searchAvailableNumbers } from '#contracts/phone-numbers'
import { useFormat } from '../../lib/intl/use-format.tsx'

const MICROS = 1_000_000

type Offer = Pick<Answer<typeof searchAvailableNumbers>, 'monthlyPrice' | 'paidBy'>

/** What a number costs a month, and who pays it. */
export function usePriceText(): (offer: Offer) => string {
  const t = useTranslations('numbers.import.price')
  const format = useFormat()
  return ({ monthlyPrice, paidBy }) => {
    if (!monthlyPrice) return t(`unknown.${paidBy}`)
    const price = format.number(monthlyPrice.amountMicros / MICROS, {
      style: 'currency',
      currency: monthlyPrice.currency.toUpperCase(),
    })
    return t(`known.${paidBy}`, { price })
  }
}
