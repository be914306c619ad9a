import { randomBytes, randomUUID, randomUUIDv7 } from 'node:crypto'
import type { Answer, Received } from '#api/contract/endpoint.ts'
import type { Context, Tx } from '#api/core/context.ts'
import { inTransaction, read, tenantOf } from '#api/core/context.ts'
import { pageOfRows, readCursor } from '#api/core/cursor.ts'
import { notFound } from '#api/core/errors.ts'
import { sealSecret } from '#api/core/secrets/service.ts'
import { recordAudit } from '#api/domains/audit/service.ts'
import type * as contract from './contract.ts'
import * as errors from './errors.ts'
import * as queries from './queries.ts'
import { secretPlace } from './secret-place.ts'
import { sendAgain, tell } from './tell.ts'

type Shown = Answer<typeof contract.updateWebhookEndpoint>
type ShownMessage = Answer<typeof contract.pingWebhookEndpoint>

const MAX_ENDPOINTS = 20 // an event is written once for each
const SECRET_BYTES = 32 // Standard Webhooks asks for 24 to 64

export async function listEndpoints(
  ctx: Context,
  query: Received<typeof contract.listWebhookEndpoints>['query'],
) {
  const before = readCursor(query.cursor)
  const rows = await read(ctx, (db) =>
    queries.listEndpoints(db, tenantOf(ctx), { limit: query.limit + 1, before }),
  )
  const page = pageOfRows(rows, query.limit, ({ createdAt, id }) => ({ at: createdAt, id }))
  return { ...page, items: page.items.map(shown) }
}

/** Adds an address. Its signing secret leaves here, and never again. */
export async function createEndpoint(
  ctx: Context,
  asked: Received<typeof contract.createWebhookEndpoint>['body'],
): Promise<Shown & { secret: string }> {
  refuseAddress(ctx, asked.url)
  return inTransaction(ctx, async (tx) => {
    const organizationId = tenantOf(tx)
    if ((await queries.countEndpoints(tx.db, organizationId)) >= MAX_ENDPOINTS)
      throw errors.tooManyEndpoints(MAX_ENDPOINTS)
    const id = randomUUIDv7()
    const { secret, stored } = await makeSecret(tx, id)
    const row = await queries.insertEndpoint(tx.db, { organizationId, id, ...asked, ...stored })
    await recordAudit(tx, {
      action: 'outgoing-webhooks.create',
      subject: id,
      after: { events: asked.events },
    })
    return { ...shown(row), secret }
  })
}

export async function updateEndpoint(
  ctx: Context,
  id: string,
  asked: Received<typeof contract.updateWebhookEndpoint>['body'],
): Promise<Shown> {
  if (asked.url !== undefined) refuseAddress(ctx, asked.url)
  return inTransaction(ctx, async (tx) => {
    const before = await lockEndpoint(tx, id)
    const change = {
      ...(asked.url !== undefined && { url: asked.url }),
      ...(asked.events !== undefined && { events: asked.events }),
      ...(asked.state === 'disabled' && { state: asked.state, disabledReason: 'by_hand' }),
      ...(asked.state === 'active' && {
        state: asked.state,
        disabledReason: null,
        failures: 0,
        failingSince: null,
      }),
    }
    if (Object.keys(change).length === 0) return shown(before)
    const row = await queries.updateEndpoint(tx.db, before.organizationId, id, change)
    await recordAudit(tx, {
      action: 'outgoing-webhooks.update',
      subject: id,
      before: { events: before.events, state: before.state },
      after: { events: row.events, state: row.state, addressChanged: before.url !== row.url },
    })
    return shown(row)
  })
}

/** From the next message on the new secret signs; the receiver changes it at the same moment. */
export function rotateSecret(ctx: Context, id: string): Promise<Shown & { secret: string }> {
  return inTransaction(ctx, async (tx) => {
    const { organizationId } = await lockEndpoint(tx, id)
    const { secret, stored } = await makeSecret(tx, id)
    const row = await queries.updateEndpoint(tx.db, organizationId, id, stored)
    await recordAudit(tx, { action: 'outgoing-webhooks.rotate-secret', subject: id })
    return { ...shown(row), secret }
  })
}

export function deleteEndpoint(ctx: Context, id: string): Promise<void> {
  return inTransaction(ctx, async (tx) => {
    const { organizationId } = await lockEndpoint(tx, id)
    await queries.updateEndpoint(tx.db, organizationId, id, { deletedAt: tx.now() })
    await queries.dropWaiting(tx.db, organizationId, id, 'endpoint_deleted')
    await recordAudit(tx, { action: 'outgoing-webhooks.delete', subject: id })
  })
}

/** Sends a `test.ping`, whether or not the address hears of it otherwise. */
export function pingEndpoint(ctx: Context, id: string): Promise<ShownMessage> {
  return inTransaction(ctx, async (tx) => {
    const endpoint = await lockEndpoint(tx, id)
    if (endpoint.state !== 'active') throw errors.endpointDisabled()
    const message = await tell(tx, endpoint, {
      eventId: randomUUID(),
      event: 'test.ping',
      data: {},
    })
    if (!message) throw new Error('a fresh event was told before')
    return shownMessage(message)
  })
}

export async function listMessages(
  ctx: Context,
  endpointId: string,
  query: Received<typeof contract.listWebhookMessages>['query'],
) {
  const before = readCursor(query.cursor)
  const organizationId = tenantOf(ctx)
  const rows = await read(ctx, async (db) => {
    if (!(await queries.hasEndpoint(db, organizationId, endpointId)))
      throw notFound('webhook endpoint')
    return queries.listMessages(db, organizationId, endpointId, {
      limit: query.limit + 1,
      before,
      state: query.state,
    })
  })
  const page = pageOfRows(rows, query.limit, ({ createdAt, id }) => ({ at: createdAt, id }))
  return { ...page, items: page.items.map(shownMessage) }
}

/** Sends a delivered or failed message once more; receivers know it by its old id. */
export function replayMessage(
  ctx: Context,
  endpointId: string,
  messageId: string,
): Promise<ShownMessage> {
  return inTransaction(ctx, async (tx) => {
    const endpoint = await lockEndpoint(tx, endpointId)
    const message = await queries.lockMessage(tx.db, endpoint.organizationId, messageId)
    if (message?.endpointId !== endpointId) throw notFound('webhook message')
    if (endpoint.state !== 'active') throw errors.endpointDisabled()
    if (message.state === 'waiting') throw errors.stillWaiting()
    await recordAudit(tx, { action: 'outgoing-webhooks.replay', subject: messageId })
    return shownMessage(await sendAgain(tx, message))
  })
}

async function lockEndpoint(tx: Tx, id: string): Promise<queries.EndpointRow> {
  const endpoint = await queries.lockEndpoint(tx.db, tenantOf(tx), id)
  if (!endpoint) throw notFound('webhook endpoint')
  return endpoint
}

function refuseAddress(ctx: Context, url: string): void {
  if (ctx.vendors.tenantHttp.refuse(url)) throw errors.addressNotAllowed()
}

async function makeSecret(tx: Tx, rowId: string) {
  const secret = `whsec_${randomBytes(SECRET_BYTES).toString('base64')}`
  const sealed = await sealSecret(tx, secretPlace(rowId), secret)
  return { secret, stored: { secret: sealed, secretLastFour: secret.slice(-4) } }
}

const shown = (row: queries.EndpointRow): Shown => ({
  ...row,
  // Written through the contract only.
  events: row.events as Shown['events'],
})
const shownMessage = (row: queries.MessageRow): ShownMessage => ({
  ...row,
  event: row.event as ShownMessage['event'],
})
