/** Integer cents as money of a locale; a minus sign, never colour alone, marks what went out. */
export function formatMoney(
  cents: number,
  options: { locale: string; currency: string; showsSign?: boolean },
): string {
  const format = new Intl.NumberFormat(options.locale, {
    style: 'currency',
    currency: options.currency.toUpperCase(),
    ...(options.showsSign && { signDisplay: 'exceptZero' as const }),
  })
  const { maximumFractionDigits = 2 } = format.resolvedOptions()
  return format.format(cents / 10 ** maximumFractionDigits)
}
