const KILOBYTE = 1_000
const MEGABYTE = 1_000_000

/** "812 bytes", "48 kB", "3.4 MB": whole numbers below a megabyte, one decimal above. */
export function formatSize(bytes: number, locale: string): string {
  const [value, unit] =
    bytes < KILOBYTE
      ? [bytes, 'byte']
      : bytes < MEGABYTE
        ? [bytes / KILOBYTE, 'kilobyte']
        : [bytes / MEGABYTE, 'megabyte']
  const maximumFractionDigits = unit === 'megabyte' ? 1 : 0
  // The short word for bytes has no plural.
  const unitDisplay = unit === 'byte' ? 'long' : 'short'
  const options = { style: 'unit', unit, unitDisplay, maximumFractionDigits } as const
  return new Intl.NumberFormat(locale, options).format(value)
}
