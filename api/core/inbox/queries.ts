import { and, desc, eq, inArray, isNotNull, isNull, lt, or, sql } from 'drizzle-orm'
import type { Db } from '#db/client.ts'
import { webhookDeliveries, webhookRejections } from '#db/schema/inbox.ts'

export type Vendor = (typeof webhookDeliveries.$inferSelect)['vendor']

/** Keeps the arrival; a second one waits here until the transaction of the first is over. */
export async function upsertDelivery(
  db: Db,
  delivery: { vendor: Vendor; deliveryId: string; kind: string; subject: Record<string, string> },
): Promise<{ handledAt: Date | null }> {
  const [row] = await db
    .insert(webhookDeliveries)
    .values(delivery)
    .onConflictDoUpdate({
      target: [webhookDeliveries.vendor, webhookDeliveries.deliveryId],
      set: { attempts: sql`${webhookDeliveries.attempts} + 1` },
    })
    .returning({ handledAt: webhookDeliveries.handledAt })
  if (!row) throw new Error('an upsert returned no row')
  return row
}

export async function setHandled(
  db: Db,
  vendor: Vendor,
  deliveryId: string,
  outcome: string,
  handledAt: Date,
): Promise<void> {
  await db
    .update(webhookDeliveries)
    .set({ handledAt, outcome })
    .where(and(eq(webhookDeliveries.vendor, vendor), eq(webhookDeliveries.deliveryId, deliveryId)))
}

/** Of these ids, those that were handled to their end. */
export async function listHandledIds(
  db: Db,
  vendor: Vendor,
  deliveryIds: string[],
): Promise<string[]> {
  const rows = await db
    .select({ id: webhookDeliveries.deliveryId })
    .from(webhookDeliveries)
    .where(
      and(
        eq(webhookDeliveries.vendor, vendor),
        inArray(webhookDeliveries.deliveryId, deliveryIds),
        isNotNull(webhookDeliveries.handledAt),
      ),
    )
  return rows.map(({ id }) => id)
}

export type Delivery = typeof webhookDeliveries.$inferSelect
export type Rejection = typeof webhookRejections.$inferSelect

export async function findDelivery(
  db: Db,
  vendor: Vendor,
  deliveryId: string,
): Promise<Delivery | undefined> {
  const [row] = await db
    .select()
    .from(webhookDeliveries)
    .where(and(eq(webhookDeliveries.vendor, vendor), eq(webhookDeliveries.deliveryId, deliveryId)))
  return row
}

/** Newest first. Ids of deliveries are the vendors' own, so the vendor is part of the order. */
export const listDeliveries = (
  db: Db,
  page: {
    limit: number
    before: { at: Date; deliveryId: string; vendor: string } | undefined
    vendor: Vendor | undefined
    handled: boolean | undefined
  },
): Promise<Delivery[]> =>
  db
    .select()
    .from(webhookDeliveries)
    .where(
      and(
        page.vendor && eq(webhookDeliveries.vendor, page.vendor),
        page.handled === undefined
          ? undefined
          : page.handled
            ? isNotNull(webhookDeliveries.handledAt)
            : isNull(webhookDeliveries.handledAt),
        page.before &&
          sql`(${webhookDeliveries.receivedAt}, ${webhookDeliveries.deliveryId}, ${webhookDeliveries.vendor})
            < (${page.before.at}, ${page.before.deliveryId}, ${page.before.vendor})`,
      ),
    )
    .orderBy(
      desc(webhookDeliveries.receivedAt),
      desc(webhookDeliveries.deliveryId),
      desc(webhookDeliveries.vendor),
    )
    .limit(page.limit)

export async function insertRejection(db: Db, rejection: Rejection): Promise<void> {
  await db.insert(webhookRejections).values(rejection)
}

/** Newest first. */
export const listRejections = (
  db: Db,
  page: { limit: number; before: { at: Date; id: string } | undefined; vendor: Vendor | undefined },
): Promise<Rejection[]> =>
  db
    .select()
    .from(webhookRejections)
    .where(
      and(
        page.vendor && eq(webhookRejections.vendor, page.vendor),
        page.before &&
          or(
            lt(webhookRejections.at, page.before.at),
            and(eq(webhookRejections.at, page.before.at), lt(webhookRejections.id, page.before.id)),
          ),
      ),
    )
    .orderBy(desc(webhookRejections.at), desc(webhookRejections.id))
    .limit(page.limit)

export async function deleteRejectionsBefore(db: Db, before: Date): Promise<void> {
  await db.delete(webhookRejections).where(lt(webhookRejections.at, before))
}
