import { createHash } from 'node:crypto'
import type { Context } from '#api/core/context.ts'
import { asPlatform } from '#api/core/context.ts'
import * as queries from './queries.ts'

export type RecordingFinding = { subject: string; problem: string }

const PAGE = 200
const FRESH_MS = 10 * 60_000 // an object is written before its row; younger ones may still get theirs

/** Every row has its object with the bytes it names, and every object its row. */
export async function verifyRecordings(ctx: Context): Promise<RecordingFinding[]> {
  const findings: RecordingFinding[] = []
  const known = new Set<string>()
  let after: string | null = null
  for (;;) {
    const rows: queries.StoredRow[] = await pageAfter(ctx, after)
    for (const row of rows) {
      known.add(row.storageKey.replace(/\.wav$/, ''))
      const problem = await problemOf(ctx, row)
      if (problem) findings.push({ subject: row.storageKey, problem })
    }
    after = rows.at(-1)?.id ?? null
    if (rows.length < PAGE) break
  }
  const tooFresh = ctx.now().getTime() - FRESH_MS
  for await (const object of ctx.vendors.storage.list('org/')) {
    if (known.has(object.key.replace(/\.(wav|tape|peaks\.json)$/, ''))) continue
    if (object.storedAt.getTime() < tooFresh)
      findings.push({ subject: object.key, problem: 'an object of no row' })
  }
  return findings
}

const pageAfter = (ctx: Context, after: string | null) =>
  asPlatform(ctx, (tx) => queries.listStored(tx.db, { after, limit: PAGE }))

async function problemOf(
  ctx: Context,
  row: { storageKey: string; sizeBytes: number; sha256: string },
): Promise<string | null> {
  const found = await ctx.vendors.storage.get(row.storageKey)
  if (!found) return 'a row without its object'
  const hash = createHash('sha256')
  let bytes = 0
  for await (const chunk of found.stream) {
    hash.update(chunk)
    bytes += chunk.byteLength
  }
  if (bytes !== row.sizeBytes) return `${bytes} bytes are stored, ${row.sizeBytes} were written`
  return hash.digest('hex') === row.sha256 ? null : 'its bytes are not those that were written'
}
