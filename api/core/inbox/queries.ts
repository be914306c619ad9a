import { and, eq, sql } from 'drizzle-orm'
import type { Db } from '#db/client.ts'
import { webhookDeliveries } from '#db/schema/inbox.ts'

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
