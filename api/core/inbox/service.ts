import type { Tx } from '#api/core/context.ts'
import * as queries from './queries.ts'

export { recordRejection } from './rejections.ts'
export type { Replay, ReplayedDelivery } from './replays.ts'

/**
 * Keeps one arrival of a vendor's webhook, under the platform role. `again` means that an earlier arrival was
 * handled to its end; one that was only begun, because we died over it, counts as `first` once more.
 */
export async function rememberDelivery(
  tx: Tx,
  vendor: queries.Vendor,
  deliveryId: string,
  kind: string,
  /** Ids only: this outlives erasure. */
  subject: Record<string, string>,
): Promise<'first' | 'again'> {
  const row = await queries.upsertDelivery(tx.db, { vendor, deliveryId, kind, subject })
  return row.handledAt ? 'again' : 'first'
}

/** Says that the delivery's effect is stored. */
export const markHandled = (
  tx: Tx,
  vendor: queries.Vendor,
  deliveryId: string,
  outcome: string,
): Promise<void> => queries.setHandled(tx.db, vendor, deliveryId, outcome, tx.now())

export const findDelivery = (tx: Tx, vendor: queries.Vendor, deliveryId: string) =>
  queries.findDelivery(tx.db, vendor, deliveryId)
export const listDeliveries = (tx: Tx, page: Parameters<typeof queries.listDeliveries>[1]) =>
  queries.listDeliveries(tx.db, page)
export const listRejections = (tx: Tx, page: Parameters<typeof queries.listRejections>[1]) =>
  queries.listRejections(tx.db, page)

/** Of what a vendor says it told, what we have not handled: the rest of its webhooks, for a polling twin. */
export async function listUnhandled(
  tx: Tx,
  vendor: queries.Vendor,
  deliveryIds: string[],
): Promise<Set<string>> {
  if (deliveryIds.length === 0) return new Set()
  const handled = await queries.listHandledIds(tx.db, vendor, deliveryIds)
  return new Set(deliveryIds).difference(new Set(handled))
}
