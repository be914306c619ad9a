/** Spreadsheets take a file without it for their own old encoding. */
export const BYTE_ORDER_MARK = '\uFEFF'

/** One line of RFC 4180, its end included. Moments are ISO text, absent values empty cells. */
export const csvLine = (values: readonly unknown[]): string => `${values.map(cell).join(',')}\r\n`

function cell(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'number') return String(value)
  if (value instanceof Date) return value.toISOString()
  return textCell(typeof value === 'object' ? JSON.stringify(value) : String(value))
}

// What a spreadsheet would compute or run is made text by an apostrophe (THREATS T22).
const ACTIVE = /^[=+\-@\t\r]/

function textCell(text: string): string {
  const inert = ACTIVE.test(text) ? `'${text}` : text
  return inert !== text || /[",\r\n]/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert
}
