/** Integer cents as money of a locale; a minus sign, never colour alone, marks what went out. */
export function formatMoney(
  cents: number,
  options: { locale: string; currency: string; showsSign?: boolean; hasCents?: boolean },
): string {
  const format = new Intl.NumberFormat(options.locale, {
    style: 'currency',
    currency: options.currency.toUpperCase(),
    ...(options.showsSign && { signDisplay: 'exceptZero' as const }),
    ...(options.hasCents === false && { trailingZeroDisplay: 'stripIfInteger' as const }),
  })
  const { maximumFractionDigits = 2 } = format.resolvedOptions()
  return format.format(cents / 10 ** maximumFractionDigits)
}

/** Typed money as cents: "12", "12.5", "12,50"; null for anything else. Only currencies with two decimals are priced in. */
export function parseMoney(text: string): number | null {
  const match = /^(\d{1,9})(?:[.,](\d{1,2}))?$/.exec(text.trim())
  if (!match) return null
  return Number(match[1]) * 100 + Number((match[2] ?? '').padEnd(2, '0'))
}

/** Cents as they are typed: 1250 as "12.50". */
export const typedMoney = (cents: number): string => (cents / 100).toFixed(2)
