import type { Received } from '#api/contract/endpoint.ts'
import type { Context } from '#api/core/context.ts'
import { asPlatform } from '#api/core/context.ts'
import { pageOfRows, readCursor } from '#api/core/cursor.ts'
import { invalidRequest, notFound } from '#api/core/errors.ts'
import {
  findDelivery,
  listDeliveries,
  listRejections,
  markHandled,
  type Replay,
} from '#api/core/inbox/service.ts'
import { recordPlatformAudit } from '#api/domains/audit/service.ts'
import type * as contract from './contract.ts'
import * as errors from './errors.ts'

export async function listWebhookDeliveries(
  ctx: Context,
  { cursor, limit, vendor, status }: Received<typeof contract.listWebhookDeliveries>['query'],
) {
  const before = cursor === undefined ? undefined : readDeliveryCursor(cursor)
  const handled = status === undefined ? undefined : status === 'handled'
  const rows = await asPlatform(ctx, (tx) =>
    listDeliveries(tx, { limit: limit + 1, before, vendor, handled }),
  )
  const items = rows.slice(0, limit)
  const last = items.at(-1)
  return { items, nextCursor: rows.length > limit && last ? writeDeliveryCursor(last) : null }
}

export async function listWebhookRejections(
  ctx: Context,
  { cursor, limit, vendor }: Received<typeof contract.listWebhookRejections>['query'],
) {
  const before = readCursor(cursor)
  const rows = await asPlatform(ctx, (tx) =>
    listRejections(tx, { limit: limit + 1, before, vendor }),
  )
  return pageOfRows(rows, limit, ({ at, id }) => ({ at, id }))
}

/** The vendor is asked what is true now, by the ids that were kept; who asked for it is on record. */
export async function replayWebhookDelivery(
  ctx: Context,
  replays: readonly Replay[],
  { vendor, deliveryId }: Received<typeof contract.replayWebhookDelivery>['body'],
) {
  const delivery = await asPlatform(ctx, (tx) => findDelivery(tx, vendor, deliveryId))
  if (!delivery) throw notFound('delivery')
  const replay = replays.find((one) => one.vendor === vendor)
  if (!replay) throw errors.notReplayable()

  const outcome = await replay.run(ctx, delivery)
  return await asPlatform(ctx, async (tx) => {
    await markHandled(tx, vendor, deliveryId, outcome)
    await recordPlatformAudit(tx, {
      action: 'operations.replay-webhook',
      subject: `${vendor}:${deliveryId}`,
      after: { outcome },
    })
    const replayed = await findDelivery(tx, vendor, deliveryId)
    if (!replayed) throw notFound('delivery')
    return replayed
  })
}

type DeliveryPosition = { at: Date; deliveryId: string; vendor: string }

const writeDeliveryCursor = (row: { receivedAt: Date; vendor: string; deliveryId: string }) =>
  Buffer.from(`${row.receivedAt.getTime()}:${row.vendor}:${row.deliveryId}`).toString('base64url')

function readDeliveryCursor(cursor: string): DeliveryPosition {
  const text = Buffer.from(cursor, 'base64url').toString()
  const [, at, vendor, deliveryId] = /^(\d{1,15}):([a-z]{1,20}):([^\0]{1,300})$/.exec(text) ?? []
  if (at && vendor && deliveryId) return { at: new Date(Number(at)), vendor, deliveryId }
  throw invalidRequest('The cursor is not one this list gave out.', [
    { path: 'query.cursor', message: 'Leave it out to start from the first page.' },
  ])
}
