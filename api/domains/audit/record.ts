import { randomUUIDv7 } from 'node:crypto'
import type { Tx } from '#api/core/context.ts'
import { actorIdOf, tenantOf } from '#api/core/context.ts'
import { hashLink, type PlatformLink } from './chain.ts'
import * as queries from './queries.ts'

export type AuditRecord = {
  /** `domain.verb`, as in `wallet.adjust`. */
  action: string
  /** The id of what was acted on. Ids and figures only, never what a person said or is called. */
  subject: string
  before?: Record<string, unknown>
  after?: Record<string, unknown>
}

/** Adds one entry to the organization's chain, in the transaction of what it tells of. */
export async function recordAudit(tx: Tx, record: AuditRecord): Promise<void> {
  const organizationId = tenantOf(tx)
  const head = await queries.lockHead(tx.db, organizationId)
  const link = { organizationId, ...linkAfter(head, tx, record) }
  await queries.append(tx.db, {
    ...link,
    previousHash: head.hash,
    hash: hashLink(head.hash, link),
  })
}

/**
 * Adds one entry to the platform's own chain, in the platform role's transaction of what it tells of: for what
 * belongs to no organization. What the office does to one organization stands in that organization's chain.
 */
export async function recordPlatformAudit(tx: Tx, record: AuditRecord): Promise<void> {
  const head = await queries.lockPlatformHead(tx.db)
  const link = linkAfter(head, tx, record)
  await queries.appendPlatform(tx.db, {
    ...link,
    previousHash: head.hash,
    hash: hashLink(head.hash, link),
  })
}

const linkAfter = (head: { sequence: number }, tx: Tx, record: AuditRecord): PlatformLink => ({
  sequence: head.sequence + 1,
  id: randomUUIDv7(),
  at: tx.now(),
  actorKind: tx.actor.kind,
  actorId: actorIdOf(tx.actor),
  action: record.action,
  subject: record.subject,
  before: asStored(record.before),
  after: asStored(record.after),
})

/** The value as it will be read back, so that the hash covers the same on both ways. */
const asStored = (value: Record<string, unknown> | undefined): unknown =>
  value === undefined ? null : JSON.parse(JSON.stringify(value))
