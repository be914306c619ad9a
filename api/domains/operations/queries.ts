import { and, count, desc, eq, gt, lt, max, min, sql } from 'drizzle-orm'
import type { Db } from '#db/client.ts'
import { webhookDeliveries } from '#db/schema/inbox.ts'
import { processes, verifications } from '#db/schema/operations.ts'

export type ProcessRow = typeof processes.$inferSelect
export type Said = Omit<ProcessRow, 'seenAt'>

/** The moment is the database's, so that processes on clocks that differ are compared fairly. */
export async function upsertProcess(db: Db, said: Said): Promise<void> {
  const heard = { ...said, seenAt: sql`now()` }
  await db.insert(processes).values(heard).onConflictDoUpdate({ target: processes.id, set: heard })
}

export async function deleteProcess(db: Db, id: string): Promise<void> {
  await db.delete(processes).where(eq(processes.id, id))
}

/** Of one that crashed the row stays long enough to be seen. */
export async function deleteProcessesUnheard(db: Db, seconds: number): Promise<void> {
  await db.delete(processes).where(lt(processes.seenAt, ago(seconds)))
}

export const listProcesses = (
  db: Db,
  limit: number,
): Promise<(ProcessRow & { unheardSeconds: number })[]> =>
  db
    .select({
      id: processes.id,
      kind: processes.kind,
      name: processes.name,
      version: processes.version,
      startedAt: processes.startedAt,
      seenAt: processes.seenAt,
      isDraining: processes.isDraining,
      eventLoopDelayMs: processes.eventLoopDelayMs,
      gateway: processes.gateway,
      breakers: processes.breakers,
      unheardSeconds: sql<number>`extract(epoch from now() - ${processes.seenAt})::float8`,
    })
    .from(processes)
    .orderBy(processes.kind, processes.name, processes.startedAt)
    .limit(limit)

/** Vendors whose breaker is open in a process heard of within these seconds. */
export async function listOpenBreakers(db: Db, withinSeconds: number): Promise<string[]> {
  const rows = await db
    .select({ breakers: processes.breakers })
    .from(processes)
    .where(gt(processes.seenAt, ago(withinSeconds)))
  const open = rows.flatMap(({ breakers }) =>
    breakers.filter(({ account, state }) => account === null && state === 'open'),
  )
  return [...new Set(open.map(({ vendor }) => vendor))]
}

export type Verification = typeof verifications.$inferSelect

export async function insertVerification(db: Db, made: Verification): Promise<void> {
  await db.insert(verifications).values(made)
}

export async function deleteVerificationsOlderThan(db: Db, seconds: number): Promise<void> {
  await db.delete(verifications).where(lt(verifications.checkedAt, ago(seconds)))
}

export async function findNewestVerification(db: Db): Promise<Verification | undefined> {
  const newest = [desc(verifications.checkedAt), desc(verifications.id)]
  const [row] = await db
    .select()
    .from(verifications)
    .orderBy(...newest)
    .limit(1)
  return row
}

export async function findWebhookLag(
  db: Db,
  vendor: (typeof webhookDeliveries.$inferSelect)['vendor'],
): Promise<{ lastReceivedAt: Date | null; open: number; oldestOpenSeconds: number | null }> {
  const [newest] = await db
    .select({ at: max(webhookDeliveries.receivedAt) })
    .from(webhookDeliveries)
    .where(eq(webhookDeliveries.vendor, vendor))
  const [waiting] = await db
    .select({
      open: count(),
      oldestOpenSeconds: sql<
        number | null
      >`floor(extract(epoch from now() - ${min(webhookDeliveries.receivedAt)}))::int`,
    })
    .from(webhookDeliveries)
    .where(and(eq(webhookDeliveries.vendor, vendor), sql`handled_at is null`))
  return {
    lastReceivedAt: newest?.at ?? null,
    open: waiting?.open ?? 0,
    oldestOpenSeconds: waiting?.oldestOpenSeconds ?? null,
  }
}

const ago = (seconds: number) => sql`now() - make_interval(secs => ${seconds})`
