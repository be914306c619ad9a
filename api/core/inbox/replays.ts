import type { Context } from '#api/core/context.ts'
import type { Vendor } from './queries.ts'

/** What is known of a delivery that arrived: ids, never its body. */
export type ReplayedDelivery = {
  deliveryId: string
  kind: string
  subject: Readonly<Record<string, string>>
}

/**
 * How a vendor's delivery is done again without its body: the vendor is asked what is true now, so it is safe to
 * run twice and at any time. Answers what became of it, as the delivery's outcome.
 */
export type Replay = {
  vendor: Vendor
  run(ctx: Context, delivery: ReplayedDelivery): Promise<string>
}
