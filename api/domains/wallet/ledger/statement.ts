import type { Answer } from '#api/contract/endpoint.ts'
import type { Context } from '#api/core/context.ts'
import { read, tenantOf } from '#api/core/context.ts'
import { BYTE_ORDER_MARK, csvLine } from '#api/core/csv.ts'
import { notFound } from '#api/core/errors.ts'
import type * as contract from '../contract.ts'
import { printed, type Statement } from './print.ts'
import * as queries from './queries.ts'

/** One month of the ledger in the organization's own calendar, added up. */
export function getStatement(ctx: Context, month: string): Promise<Statement> {
  return read(ctx, async (db) => {
    const organizationId = tenantOf(ctx)
    const found = await queries.findMonth(db, organizationId, `${month}-01`)
    if (!found) throw notFound('statement')
    const { organizationName, timeZone, currency } = found
    const from = new Date(found.fromMs)
    const to = new Date(found.toMs)
    if (from > ctx.now()) throw notFound('statement')
    const stretch = await queries.findStretch(db, organizationId, from, to)
    const movements = await queries.sumMovements(db, organizationId, stretch)
    const charges = await queries.sumCharges(db, organizationId, stretch)
    const credits = movements.filter(({ isCredit }) => isCredit).map(shown)
    const debits = movements.filter(({ isCredit }) => !isCredit).map(shown)
    return {
      month,
      organizationName,
      timeZone,
      currency,
      from,
      to,
      isComplete: to <= ctx.now(),
      openingCents: stretch.openingCents,
      credits,
      debits,
      charges,
      totalCreditsCents: sumOf(credits),
      totalDebitsCents: sumOf(debits),
      totalChargesCents: sumOf(charges),
      closingCents: stretch.closingCents,
      closingHeldCents: stretch.closingHeldCents,
    }
  })
}

/** The months that have a statement, newest first. */
export async function listStatements(
  ctx: Context,
): Promise<Answer<typeof contract.listStatements>> {
  const now = ctx.now()
  const months = await read(ctx, (db) => queries.listMonths(db, tenantOf(ctx), now, MAX_MONTHS))
  return { items: months.map((month, place) => ({ month, isComplete: place > 0 })) }
}

/** The statement as a table: what it is, how many, seconds, cents. */
export async function exportStatement(ctx: Context, month: string): Promise<string> {
  const statement = await getStatement(ctx, month)
  const { currency } = statement
  const line = (
    section: string,
    kind: string,
    count: number | null,
    seconds: number | null,
    cents: number,
  ) => csvLine([month, currency, section, kind, count, seconds, cents])
  return [
    BYTE_ORDER_MARK +
      csvLine(['month', 'currency', 'section', 'kind', 'count', 'billedSeconds', 'amountCents']),
    line('opening', '', null, null, statement.openingCents),
    ...statement.credits.map((one) => line('credit', one.kind, one.lines, null, one.amountCents)),
    ...statement.debits.map((one) => line('debit', one.kind, one.lines, null, one.amountCents)),
    ...statement.charges.map((one) =>
      line('charge', one.kind, one.calls, one.billedSeconds, one.amountCents),
    ),
    line('closing', '', null, null, statement.closingCents),
  ].join('')
}

/** The statement as a page to keep or to print. */
export async function printStatement(ctx: Context, month: string): Promise<Buffer> {
  return printed(await getStatement(ctx, month), ctx.now())
}

const MAX_MONTHS = 240 // twenty years

const shown = ({ kind, lines, amountCents }: queries.Movement) => ({ kind, lines, amountCents })

const sumOf = (lines: readonly { amountCents: number }[]): number =>
  lines.reduce((sum, { amountCents }) => sum + amountCents, 0)
