import type { Received } from '#api/contract/endpoint.ts'
import type { Context } from '#api/core/context.ts'
import { asPlatform, read, tenantOf } from '#api/core/context.ts'
import { invalidRequest } from '#api/core/errors.ts'
import { GENESIS, hashLink } from './chain.ts'
import type * as contract from './contract.ts'
import * as queries from './queries.ts'

export { type AuditRecord, recordAudit, recordPlatformAudit } from './record.ts'

export async function listEntries(
  ctx: Context,
  query: Received<typeof contract.listAuditEntries>['query'],
) {
  const { cursor, limit, action, actorId } = query
  const before = cursor === undefined ? undefined : readSequence(cursor)
  const rows = await read(ctx, (db) =>
    queries.listEntries(db, tenantOf(ctx), { limit: limit + 1, before, action, actorId }),
  )
  const items = rows.slice(0, limit)
  return { items, nextCursor: rows.length > limit ? String(items.at(-1)?.sequence) : null }
}

export type AuditFinding = { organizationId: string; sequence: number; problem: string }

const PAGE = 500 // entries held in memory at a time

/** Walks every organization's chain and names the first bad entry of each that has one. */
export async function verifyChains(ctx: Context): Promise<AuditFinding[]> {
  const [heads, headless] = await asPlatform(ctx, async (tx) => [
    await queries.listHeads(tx.db),
    await queries.listHeadless(tx.db),
  ])
  const findings: AuditFinding[] = headless.map(({ organizationId }) => ({
    organizationId,
    sequence: 0,
    problem: 'entries without a head',
  }))
  for (const head of heads) {
    const finding = await verifyChain(ctx, head)
    if (finding) findings.push({ organizationId: head.organizationId, ...finding })
  }
  return findings
}

async function verifyChain(
  ctx: Context,
  head: { organizationId: string; sequence: number; hash: string },
): Promise<Omit<AuditFinding, 'organizationId'> | null> {
  let last = { sequence: 0, hash: GENESIS }
  // Bounded by the head: what was added after it was read is the next run's.
  while (last.sequence < head.sequence) {
    const after = last.sequence
    const page = await asPlatform(ctx, (tx) =>
      queries.entriesAfter(tx.db, head.organizationId, after, PAGE),
    )
    for (const entry of page) {
      if (entry.sequence > head.sequence) break
      const problem = problemOf(entry, last)
      if (problem) return { sequence: entry.sequence, problem }
      last = entry
    }
    if (page.length === 0) return { sequence: last.sequence + 1, problem: 'entry missing' }
  }
  return last.hash === head.hash ? null : { sequence: head.sequence, problem: 'head does not fit' }
}

function problemOf(
  entry: queries.AuditRow,
  last: { sequence: number; hash: string },
): string | null {
  if (entry.sequence !== last.sequence + 1) return 'gap in the sequence'
  if (entry.previousHash !== last.hash) return 'does not follow its predecessor'
  const { previousHash: _previous, hash: _hash, ...link } = entry
  return hashLink(last.hash, link) === entry.hash ? null : 'content does not fit its hash'
}

function readSequence(cursor: string): number {
  if (/^[1-9]\d{0,14}$/.test(cursor)) return Number(cursor)
  throw invalidRequest('The cursor is not one this list gave out.', [
    { path: 'query.cursor', message: 'Leave it out to start from the first page.' },
  ])
}
