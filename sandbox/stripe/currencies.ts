import { invalid, type Refusal } from './refusals.ts'

/** The least that can be charged, in the smallest unit of the currency. */
const MINIMUM: Record<string, number> = {
  aud: 50,
  cad: 50,
  chf: 50,
  eur: 50,
  gbp: 30,
  jpy: 50,
  nzd: 50,
  sek: 300,
  usd: 50,
}
const WITHOUT_CENTS = new Set(['jpy'])
const MAXIMUM = 99_999_999

export function checkCurrency(currency: string, param = 'currency'): void {
  if (currency in MINIMUM) return
  throw invalid(
    `Invalid currency: ${currency}. Stripe currently supports these currencies: ${Object.keys(MINIMUM).join(', ')}`,
    param,
  )
}

export function checkAmount(amount: number, currency: string): void {
  if (amount < 1)
    throw invalid(
      'This value must be greater than or equal to 1.',
      'amount',
      'parameter_invalid_integer',
    )
  if (amount > MAXIMUM)
    throw invalid(
      `Amount must be no more than ${money(MAXIMUM, currency)} ${currency}`,
      'amount',
      'amount_too_large',
    )
  const least = MINIMUM[currency] ?? 0
  if (amount < least)
    throw invalid(
      `Amount must be at least ${money(least, currency)} ${currency}`,
      'amount',
      'amount_too_small',
    )
}

export function checkTotal(total: number, currency: string): Refusal | undefined {
  const least = MINIMUM[currency] ?? 0
  if (total > MAXIMUM)
    return invalid(
      `The Checkout Session's total amount due must be no more than ${money(MAXIMUM, currency)} ${currency}`,
      undefined,
      'amount_too_large',
    )
  if (total >= least) return undefined
  return invalid(
    `The Checkout Session's total amount due must add up to at least ${money(least, currency)} ${currency}`,
    undefined,
    'amount_too_small',
  )
}

/** `$5.00`, as Stripe's sentences and the hosted page write it. */
export function money(amount: number, currency: string): string {
  const digits = WITHOUT_CENTS.has(currency) ? 0 : 2
  return new Intl.NumberFormat('en-US', {
    style: 'currency',
    currency,
    minimumFractionDigits: digits,
  }).format(amount / 10 ** digits)
}
