import PDFDocument from 'pdfkit'
import type { z } from 'zod'
import type * as contract from '../contract.ts'

export type Statement = z.output<typeof contract.statement>

/** A statement as a PDF of one page. */
export async function printed(statement: Statement, at: Date): Promise<Buffer> {
  const { organizationName, month, timeZone } = statement
  const page = new PDFDocument({
    size: 'A4',
    margin: MARGIN,
    info: { Title: `Statement ${month}`, CreationDate: at },
  })
  const parts: Buffer[] = []
  page.on('data', (part: Buffer) => parts.push(part))
  const ended = new Promise<void>((resolve, reject) => {
    page.once('end', resolve)
    page.once('error', reject)
  })
  page
    .font('Helvetica-Bold')
    .fontSize(20)
    .text(`Statement ${nameOfMonth(month)}`)
  page.moveDown(0.3).font('Helvetica').fontSize(10).fillColor(FAINT)
  page.text(printable(organizationName))
  const until = statement.isComplete ? '' : ' The month is not over: more lines may come.'
  page.text(`All days in ${timeZone}. Made ${at.toISOString().slice(0, 16)}Z.${until}`)
  page.moveDown(1.5).fillColor(INK)
  for (const row of rowsOf(statement)) draw(page, row)
  page.end()
  await ended
  return Buffer.concat(parts)
}

const MARGIN = 56
const INK = '#111111'
const FAINT = '#666666'
const ROW = 20
const COLUMNS = { name: MARGIN, count: 250, time: 330, amount: 430 } // points from the left
const AMOUNT_WIDTH = 595 - MARGIN - COLUMNS.amount // to the right margin of A4

type Row = { name: string; count?: string; time?: string; amount: string; isTotal?: true }

function rowsOf(statement: Statement): Row[] {
  const money = moneyIn(statement.currency)
  const { credits, debits, charges } = statement
  return [
    { name: '', count: 'Count', time: 'Time', amount: 'Amount', isTotal: true },
    { name: 'Opening balance', amount: money(statement.openingCents), isTotal: true },
    ...credits.map(({ kind, lines, amountCents }) => ({
      name: movementNames[kind],
      count: String(lines),
      amount: money(amountCents),
    })),
    ...debits.map(({ kind, lines, amountCents }) => ({
      name: kind === 'deficit' ? 'Deficit repaid' : movementNames[kind],
      count: String(lines),
      amount: money(0 - amountCents),
    })),
    ...charges.map(({ kind, calls, billedSeconds, amountCents }) => ({
      name: callNames[kind],
      count: String(calls),
      time: hours(billedSeconds),
      amount: money(0 - amountCents),
    })),
    { name: 'Closing balance', amount: money(statement.closingCents), isTotal: true },
    ...(statement.closingHeldCents > 0
      ? [{ name: 'of it held by running calls', amount: money(statement.closingHeldCents) }]
      : []),
  ]
}

function draw(page: PDFKit.PDFDocument, row: Row): void {
  const y = page.y
  page.font(row.isTotal ? 'Helvetica-Bold' : 'Helvetica').fontSize(11)
  const right = { align: 'right', lineBreak: false } as const
  page.text(row.name, COLUMNS.name, y, { lineBreak: false })
  if (row.count) page.text(row.count, COLUMNS.count, y, { ...right, width: 60 })
  if (row.time) page.text(row.time, COLUMNS.time, y, { ...right, width: 80 })
  page.text(row.amount, COLUMNS.amount, y, { ...right, width: AMOUNT_WIDTH })
  if (row.isTotal)
    page
      .moveTo(MARGIN, y + ROW - 5)
      .lineTo(595 - MARGIN, y + ROW - 5)
      .strokeColor('#cccccc')
      .stroke()
  page.y = y + ROW
}

const movementNames = {
  top_up: 'Money paid in',
  adjustment: 'Adjustments',
  grant: 'Grants',
  refund: 'Refunds',
  dispute: 'Disputes',
  deficit: 'Deficit',
} as const

const callNames = {
  agent: 'Agent calls',
  live: 'Live calls',
  mock: 'Practice calls',
  meeting: 'Meetings',
  test: 'Test calls',
  unknown: 'Other calls',
} as const

const moneyIn = (currency: string) => {
  const format = new Intl.NumberFormat('en-US', { style: 'currency', currency })
  // A zero that was negated would be printed with its sign; subtracting makes none.
  return (cents: number): string => format.format(cents / 100)
}

/** `1:02:03`, hours first. */
function hours(seconds: number): string {
  const pad = (part: number) => String(part).padStart(2, '0')
  return `${Math.floor(seconds / 3600)}:${pad(Math.floor(seconds / 60) % 60)}:${pad(seconds % 60)}`
}

const nameOfMonth = (month: string): string =>
  new Intl.DateTimeFormat('en-US', { month: 'long', year: 'numeric', timeZone: 'UTC' }).format(
    new Date(`${month}-01T00:00:00Z`),
  )

// The fonts every reader of PDF has know Latin letters only.
const printable = (text: string): string => text.replaceAll(/[^\u0020-\u00ff–—‘’“”…€]/g, '?')
