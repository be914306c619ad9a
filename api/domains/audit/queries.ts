import { and, asc, desc, eq, gt, like, lt, or, sql } from 'drizzle-orm'
import type { Db } from '#db/client.ts'
import {
  auditEntries,
  auditHeads,
  platformAuditEntries,
  platformAuditHead,
} from '#db/schema/audit.ts'
import { GENESIS } from './chain.ts'

export type AuditRow = typeof auditEntries.$inferSelect
export type PlatformAuditRow = typeof platformAuditEntries.$inferSelect

/** The chain's head, locked until the transaction ends: entries of one organization come one after another. */
export async function lockHead(
  db: Db,
  organizationId: string,
): Promise<{ sequence: number; hash: string }> {
  await db
    .insert(auditHeads)
    .values({ organizationId, sequence: 0, hash: GENESIS })
    .onConflictDoNothing()
  const [head] = await db
    .select({ sequence: auditHeads.sequence, hash: auditHeads.hash })
    .from(auditHeads)
    .where(eq(auditHeads.organizationId, organizationId))
    .for('update')
  if (!head) throw new Error('an organization’s audit head is not visible to it')
  return head
}

export async function append(db: Db, entry: AuditRow): Promise<void> {
  await db.insert(auditEntries).values(entry)
  await db
    .update(auditHeads)
    .set({ sequence: entry.sequence, hash: entry.hash })
    .where(eq(auditHeads.organizationId, entry.organizationId))
}

/** The head of the platform's own chain, locked until the transaction ends. Platform role. */
export async function lockPlatformHead(db: Db): Promise<{ sequence: number; hash: string }> {
  const [head] = await db
    .select({ sequence: platformAuditHead.sequence, hash: platformAuditHead.hash })
    .from(platformAuditHead)
    .for('update')
  if (!head) throw new Error('the platform’s audit chain has no head')
  return head
}

export async function appendPlatform(db: Db, entry: PlatformAuditRow): Promise<void> {
  await db.insert(platformAuditEntries).values(entry)
  await db.update(platformAuditHead).set({ sequence: entry.sequence, hash: entry.hash })
}

export const listHeads = (db: Db) =>
  db.select().from(auditHeads).orderBy(asc(auditHeads.organizationId))

/** Newest first, below `before`; an action without a dot stands for its whole domain. */
export const listEntries = (
  db: Db,
  organizationId: string,
  page: {
    limit: number
    before: number | undefined
    action: string | undefined
    actorId: string | undefined
  },
): Promise<AuditRow[]> =>
  db
    .select()
    .from(auditEntries)
    .where(
      and(
        eq(auditEntries.organizationId, organizationId),
        page.before === undefined ? undefined : lt(auditEntries.sequence, page.before),
        page.actorId === undefined ? undefined : eq(auditEntries.actorId, page.actorId),
        page.action === undefined
          ? undefined
          : or(eq(auditEntries.action, page.action), like(auditEntries.action, `${page.action}.%`)),
      ),
    )
    .orderBy(desc(auditEntries.sequence))
    .limit(page.limit)

/** Organizations that have entries but no head: the head was removed. */
export const listHeadless = (db: Db) =>
  db
    .selectDistinct({ organizationId: auditEntries.organizationId })
    .from(auditEntries)
    .where(
      sql`not exists (select from ${auditHeads} where ${auditHeads.organizationId} = ${auditEntries.organizationId})`,
    )

export const entriesAfter = (
  db: Db,
  organizationId: string,
  sequence: number,
  limit: number,
): Promise<AuditRow[]> =>
  db
    .select()
    .from(auditEntries)
    .where(
      and(eq(auditEntries.organizationId, organizationId), gt(auditEntries.sequence, sequence)),
    )
    .orderBy(asc(auditEntries.sequence))
    .limit(limit)
