import { randomUUIDv7 } from 'node:crypto'
import type { Context, Tx } from '#api/core/context.ts'
import { asPlatform, inTransaction, tenantOf } from '#api/core/context.ts'
import { hasFeature } from '#api/domains/system/service.ts'
import { deliverMessageJob } from './deliver-job.ts'
import * as queries from './queries.ts'

const OVERDUE_SECONDS = 120 // a message so late lost its job: a worker died between two steps
const OVERDUE_PAGE = 500 // picked up a minute

/** What is told: ids and figures only. `eventId` is the same however often it is told. */
export type Told = { eventId: string; event: string; data: Record<string, unknown> }

/**
 * Writes one message for every address that hears of the event. Told twice, it is written once; with webhooks
 * switched off it is not written, then or later.
 */
export function publish(ctx: Context, told: Told): Promise<void> {
  return inTransaction(ctx, async (tx) => {
    if (!(await hasFeature(tx, 'webhooks'))) return
    const hearing = await queries.listHearing(tx.db, tenantOf(tx), told.event)
    for (const endpoint of hearing) await tell(tx, endpoint, told)
  })
}

/** Undefined where the endpoint was told of this event before. */
export async function tell(
  tx: Tx,
  endpoint: queries.EndpointRow,
  { eventId, event, data }: Told,
): Promise<queries.MessageRow | undefined> {
  const now = tx.now()
  const { organizationId } = endpoint
  const message = await queries.insertMessage(tx.db, {
    organizationId,
    id: randomUUIDv7(),
    endpointId: endpoint.id,
    eventId,
    event,
    payload: { type: event, timestamp: now.toISOString(), data: { organizationId, ...data } },
    createdAt: now,
    nextAttemptAt: now,
  })
  if (message) await tx.enqueue(deliverMessageJob, { organizationId, messageId: message.id })
  return message
}

/** Starts the tries of a finished message anew. */
export async function sendAgain(tx: Tx, message: queries.MessageRow): Promise<queries.MessageRow> {
  const { organizationId, id } = message
  const again = { state: 'waiting', attempts: 0, nextAttemptAt: tx.now() } as const
  await tx.enqueue(deliverMessageJob, { organizationId, messageId: id })
  return queries.updateMessage(tx.db, organizationId, id, again)
}

/** Finds messages whose job was lost; returns how many. */
export async function pickUpOverdue(ctx: Context): Promise<number> {
  const before = new Date(ctx.now().getTime() - OVERDUE_SECONDS * 1000)
  return asPlatform(ctx, async (tx) => {
    const overdue = await queries.listOverdue(tx.db, before, OVERDUE_PAGE)
    for (const message of overdue) await tx.enqueue(deliverMessageJob, message)
    return overdue.length
  })
}
