import { randomUUIDv7 } from 'node:crypto'
import type { Context } from '#api/core/context.ts'
import { asPlatform } from '#api/core/context.ts'
import { insertRejection, type Vendor } from './queries.ts'

// Anybody can send what is not genuine: a flood is counted in the metrics, and this much of it is kept.
const MAX_ROWS_A_MINUTE = 30 // of one vendor, by one process
const MINUTE_MS = 60_000

type Minute = { number: number; rows: Map<Vendor, number> }
// One count for each process' database client: whoever makes another (a test) starts with none.
const minutes = new WeakMap<object, Minute>()

/**
 * Keeps that somebody sent what is not genuine in a vendor's name. Bodies are never kept. It never fails: the
 * sender is refused either way.
 */
export async function recordRejection(
  ctx: Context,
  vendor: Vendor,
  reason: string,
  bodyBytes: number,
): Promise<void> {
  const at = ctx.now()
  if (!hasRoom(ctx, vendor, at)) return
  try {
    await asPlatform(ctx, (tx) =>
      insertRejection(tx.db, { id: randomUUIDv7(), vendor, reason, bodyBytes, at }),
    )
  } catch (error) {
    ctx.log.warn({ vendor, err: error }, 'a refused webhook could not be recorded')
  }
}

function hasRoom(ctx: Context, vendor: Vendor, at: Date): boolean {
  const number = Math.floor(at.getTime() / MINUTE_MS)
  const known = minutes.get(ctx.database)
  const minute = known?.number === number ? known : { number, rows: new Map<Vendor, number>() }
  minutes.set(ctx.database, minute)
  const rows = minute.rows.get(vendor) ?? 0
  minute.rows.set(vendor, rows + 1)
  return rows < MAX_ROWS_A_MINUTE
}
