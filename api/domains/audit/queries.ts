import { and, asc, desc, eq, gt, gte, inArray, like, lt, lte, or, sql } from 'drizzle-orm'
import type { Db } from '#db/client.ts'
import { users } from '#db/schema/access.ts'
import {
  auditEntries,
  auditHeads,
  platformAuditEntries,
  platformAuditHead,
} from '#db/schema/audit.ts'
import { memberships } from '#db/schema/members.ts'
import { GENESIS } from './chain.ts'

export type AuditRow = typeof auditEntries.$inferSelect
export type PlatformAuditRow = typeof platformAuditEntries.$inferSelect
export type OrganizationHead = typeof auditHeads.$inferSelect
type Head = { sequence: number; hash: string }

/** The chain's head, locked until the transaction ends: entries of one organization come one after another. */
export async function lockHead(db: Db, organizationId: string): Promise<Head> {
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
export async function lockPlatformHead(db: Db): Promise<Head> {
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

export async function findHead(db: Db, organizationId: string): Promise<Head | undefined> {
  const [head] = await db
    .select({ sequence: auditHeads.sequence, hash: auditHeads.hash })
    .from(auditHeads)
    .where(eq(auditHeads.organizationId, organizationId))
  return head
}

/** Platform role; an empty head where somebody removed it, which no entry then fits. */
export async function findPlatformHead(db: Db): Promise<Head> {
  const [head] = await db
    .select({ sequence: platformAuditHead.sequence, hash: platformAuditHead.hash })
    .from(platformAuditHead)
  return head ?? { sequence: 0, hash: GENESIS }
}

/** Platform role: heads in the order of their organizations. */
export const headsAfter = (db: Db, organizationId: string | null, limit: number) =>
  db
    .select()
    .from(auditHeads)
    .where(organizationId === null ? undefined : gt(auditHeads.organizationId, organizationId))
    .orderBy(asc(auditHeads.organizationId))
    .limit(limit)

export const findHeads = (db: Db, organizationIds: readonly string[]) =>
  db
    .select()
    .from(auditHeads)
    .where(inArray(auditHeads.organizationId, [...organizationIds]))

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

/** Platform role: entries behind a position, up to the last organization's end. */
export const entriesBetween = (
  db: Db,
  after: { organizationId: string; sequence: number },
  lastOrganizationId: string,
  limit: number,
): Promise<AuditRow[]> =>
  db
    .select()
    .from(auditEntries)
    .where(
      and(
        sql`(${auditEntries.organizationId}, ${auditEntries.sequence}) > (${after.organizationId}::uuid, ${after.sequence}::bigint)`,
        lte(auditEntries.organizationId, lastOrganizationId),
      ),
    )
    .orderBy(asc(auditEntries.organizationId), asc(auditEntries.sequence))
    .limit(limit)

export const platformEntriesAfter = (
  db: Db,
  sequence: number,
  limit: number,
): Promise<PlatformAuditRow[]> =>
  db
    .select()
    .from(platformAuditEntries)
    .where(gt(platformAuditEntries.sequence, sequence))
    .orderBy(asc(platformAuditEntries.sequence))
    .limit(limit)

export type EntryFilter = {
  action?: string | undefined
  actorId?: string | undefined
  subject?: string | undefined
  /** From this moment on. */
  from?: Date | undefined
  /** Before this moment. */
  to?: Date | undefined
}
type Page = EntryFilter & { limit: number; before: number | undefined }
export type ShownEntry = PlatformAuditRow & { actorName: string | null }

/** Newest first, below `before`, with what the organization's members are called. */
export const listEntries = (db: Db, organizationId: string, page: Page): Promise<ShownEntry[]> => {
  const name = sql<string | null>`(select nullif(${memberships.name}, '') from ${memberships}
    where ${memberships.organizationId} = ${auditEntries.organizationId}
      and ${memberships.userId} = ${userIdOf(auditEntries)})`
  return db
    .select({ ...shown(auditEntries), actorName: name })
    .from(auditEntries)
    .where(and(eq(auditEntries.organizationId, organizationId), ...matches(auditEntries, page)))
    .orderBy(desc(auditEntries.sequence))
    .limit(page.limit)
}

/** Platform role: an organization's entries, with the names of everybody, the office's people included. */
export const listEntriesForOffice = (
  db: Db,
  organizationId: string,
  page: Page,
): Promise<ShownEntry[]> =>
  db
    .select({ ...shown(auditEntries), actorName: nameOf(auditEntries) })
    .from(auditEntries)
    .where(and(eq(auditEntries.organizationId, organizationId), ...matches(auditEntries, page)))
    .orderBy(desc(auditEntries.sequence))
    .limit(page.limit)

/** Platform role: the platform's own entries. */
export const listPlatformEntries = (db: Db, page: Page): Promise<ShownEntry[]> =>
  db
    .select({ ...shown(platformAuditEntries), actorName: nameOf(platformAuditEntries) })
    .from(platformAuditEntries)
    .where(and(...matches(platformAuditEntries, page)))
    .orderBy(desc(platformAuditEntries.sequence))
    .limit(page.limit)

type Entries = typeof auditEntries | typeof platformAuditEntries

const shown = (entries: Entries) => ({
  sequence: entries.sequence,
  id: entries.id,
  at: entries.at,
  actorKind: entries.actorKind,
  actorId: entries.actorId,
  action: entries.action,
  subject: entries.subject,
  before: entries.before,
  after: entries.after,
  previousHash: entries.previousHash,
  hash: entries.hash,
})

/** An action without a dot stands for its whole domain. */
const matches = (entries: Entries, page: Page) => [
  page.before === undefined ? undefined : lt(entries.sequence, page.before),
  page.actorId === undefined ? undefined : eq(entries.actorId, page.actorId),
  page.subject === undefined ? undefined : eq(entries.subject, page.subject),
  page.from === undefined ? undefined : gte(entries.at, page.from),
  page.to === undefined ? undefined : lt(entries.at, page.to),
  page.action === undefined
    ? undefined
    : or(eq(entries.action, page.action), like(entries.action, `${page.action}.%`)),
]

const nameOf = (entries: Entries) =>
  sql<
    string | null
  >`(select nullif(${users.name}, '') from ${users} where ${users.id} = ${userIdOf(entries)})`

// A case, because other actors' ids are no uuids and must not even be tried.
const userIdOf = (entries: Entries) =>
  sql`case when ${entries.actorKind} = 'user' then ${entries.actorId}::uuid end`
