import { randomUUIDv7 } from 'node:crypto'
import type { z } from 'zod'
import type { Answer, Received } from '#api/contract/endpoint.ts'
import type { Context, Tx } from '#api/core/context.ts'
import { actorIdOf, inTransaction, read, tenantOf } from '#api/core/context.ts'
import { pageOfRows, readCursor } from '#api/core/cursor.ts'
import { notFound } from '#api/core/errors.ts'
import { factsOfNumber, normalizedNumber } from '#api/core/number-plan.ts'
import { recordAudit } from '#api/domains/audit/service.ts'
import type * as contract from './contract.ts'
import * as errors from './errors.ts'
import * as queries from './queries.ts'

type DoNotCallNumber = z.output<typeof contract.doNotCallNumber>

const MAX_NUMBERS = 200_000 // some 20 MB with their indexes: more is a registry, not a list

/** Whether the organization may not call this number; true until the transaction ends, and read at dial time. */
export const isDoNotCall = (tx: Tx, e164: string): Promise<boolean> =>
  queries.isListed(tx.db, tenantOf(tx), e164)

export async function listDoNotCallNumbers(
  ctx: Context,
  { cursor, limit, search }: Received<typeof contract.listDoNotCallNumbers>['query'],
): Promise<{ items: DoNotCallNumber[]; nextCursor: string | null }> {
  const before = readCursor(cursor)
  const rows = await read(ctx, (db) =>
    queries.listNumbers(db, tenantOf(ctx), { before, limit: limit + 1, search }),
  )
  const page = pageOfRows(rows, limit, ({ createdAt, id }) => ({ at: createdAt, id }))
  return { ...page, items: page.items.map(shown) }
}

export function addDoNotCallNumber(
  ctx: Context,
  asked: Received<typeof contract.addDoNotCallNumber>['body'],
): Promise<DoNotCallNumber> {
  if (!factsOfNumber(asked.number)) throw errors.noNumber()
  return inTransaction(ctx, async (tx) => {
    await insert(tx, [asked.number], asked.note)
    const row = await queries.findByNumber(tx.db, tenantOf(tx), asked.number)
    if (!row) throw new Error('a number that is not called was not found again')
    return shown(row)
  })
}

export function addDoNotCallNumbers(
  ctx: Context,
  asked: Received<typeof contract.addDoNotCallNumbers>['body'],
): Promise<Answer<typeof contract.addDoNotCallNumbers>> {
  const read = asked.numbers.map((text) => ({ text, number: normalizedNumber(text) }))
  const numbers = new Set(read.flatMap(({ number }) => number ?? []))
  const invalid = read.filter(({ number }) => number === undefined).map(({ text }) => text)
  return inTransaction(ctx, async (tx) => {
    const added = await insert(tx, [...numbers], asked.note)
    return { added, alreadyThere: numbers.size - added, invalid }
  })
}

export function removeDoNotCallNumber(ctx: Context, id: string): Promise<void> {
  return inTransaction(ctx, async (tx) => {
    if (!(await queries.deleteNumber(tx.db, tenantOf(tx), id)))
      throw notFound('number that is not called')
    await recordAudit(tx, { action: 'do-not-call.remove', subject: id })
  })
}

/** Adds what is not there yet; the audit names ids, not people's numbers. */
async function insert(tx: Tx, numbers: readonly string[], note: string): Promise<number> {
  const organizationId = tenantOf(tx)
  const known = await queries.countForAddition(tx.db, organizationId)
  if (known + numbers.length > MAX_NUMBERS) throw errors.tooMany(MAX_NUMBERS)
  const made = await queries.insertNumbers(
    tx.db,
    numbers.map((e164) => ({
      organizationId,
      id: randomUUIDv7(),
      e164,
      note,
      actorId: actorIdOf(tx.actor),
      createdAt: tx.now(),
    })),
  )
  const [first] = made
  if (first)
    await recordAudit(tx, {
      action: 'do-not-call.add',
      subject: made.length === 1 ? first.id : organizationId,
      after: { count: made.length },
    })
  return made.length
}

const shown = ({ id, e164, note, createdAt }: queries.Row): DoNotCallNumber => ({
  id,
  number: e164,
  note,
  createdAt,
})
