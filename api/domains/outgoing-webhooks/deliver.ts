import { Webhook } from 'standardwebhooks'
import type { Context, Tx } from '#api/core/context.ts'
import { inTransaction, tenantOf } from '#api/core/context.ts'
import { openSecret } from '#api/core/secrets/service.ts'
import { recordAudit } from '#api/domains/audit/service.ts'
import * as queries from './queries.ts'
import { DISABLE_AFTER_FAILING_SECONDS, pauseAfter } from './retries.ts'
import { secretPlace } from './secret-place.ts'

const IN_FLIGHT_SECONDS = 60 // longer than the longest exchange, so that nobody else makes the same try
const EARLY_MS = 2_000 // the queue's clock is the database's, ours may be behind it
const GONE = 410 // the receiver's word for "never again"

/**
 * One try; returns the seconds until the next one, or null where there is none. The address is called outside
 * of any transaction.
 */
export async function deliverMessage(ctx: Context, messageId: string): Promise<number | null> {
  const claimed = await claim(ctx, messageId)
  if (!claimed) return null
  const { url, secret, message } = claimed
  const body = JSON.stringify(message.payload)
  const now = ctx.now()
  const outcome = await ctx.vendors.tenantHttp.post(url, {
    headers: {
      'content-type': 'application/json',
      'user-agent': 'VoxCalls-Webhooks/1',
      'webhook-id': message.eventId,
      'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
      'webhook-signature': new Webhook(secret).sign(message.eventId, now, body),
    },
    body,
  })
  const status = 'status' in outcome ? outcome.status : null
  const error = 'error' in outcome ? outcome.error : null
  const isTaken = status !== null && status >= 200 && status < 300
  return inTransaction(ctx, (tx) =>
    isTaken
      ? noteSuccess(tx, message, status)
      : noteFailure(tx, message, status, error ?? 'refused'),
  )
}

/** Counts the try before it is made, so that two workers do not make the same one. */
function claim(
  ctx: Context,
  messageId: string,
): Promise<{ url: string; secret: string; message: queries.MessageRow } | null> {
  return inTransaction(ctx, async (tx) => {
    const organizationId = tenantOf(tx)
    const waiting = await queries.lockMessage(tx.db, organizationId, messageId)
    if (waiting?.state !== 'waiting') return null
    // Another worker has this try: its next moment lies ahead.
    const dueInMs = (waiting.nextAttemptAt?.getTime() ?? 0) - tx.now().getTime()
    if (dueInMs > EARLY_MS) return null
    const endpoint = await queries.lockEndpoint(tx.db, organizationId, waiting.endpointId)
    if (endpoint?.state !== 'active') {
      const dropped = { state: 'failed', lastError: 'endpoint_disabled' } as const
      await queries.updateMessage(tx.db, organizationId, messageId, dropped)
      return null
    }
    const attempts = waiting.attempts + 1
    const message = await queries.updateMessage(tx.db, organizationId, messageId, {
      attempts,
      attemptedAt: tx.now(),
      // Should this process die now, the message is tried again some time after.
      nextAttemptAt: secondsFrom(tx.now(), IN_FLIGHT_SECONDS),
    })
    const secret = await openSecret(tx, secretPlace(endpoint.id), endpoint.secret)
    return { url: endpoint.url, secret, message }
  })
}

async function noteSuccess(tx: Tx, message: queries.MessageRow, status: number): Promise<null> {
  const { organizationId, endpointId, id } = message
  await queries.updateMessage(tx.db, organizationId, id, {
    state: 'delivered',
    lastStatus: status,
    lastError: null,
    deliveredAt: tx.now(),
    nextAttemptAt: null,
  })
  const well = { failures: 0, failingSince: null }
  await queries.updateEndpoint(tx.db, organizationId, endpointId, well)
  return null
}

async function noteFailure(
  tx: Tx,
  message: queries.MessageRow,
  status: number | null,
  error: string,
): Promise<number | null> {
  const { organizationId, endpointId, id, attempts } = message
  const endpoint = await queries.lockEndpoint(tx.db, organizationId, endpointId)
  if (!endpoint) return null
  const pause = pauseAfter(attempts)
  const why = disablingReason(endpoint, status, tx.now())
  const ends = pause === null || why !== null
  await queries.updateMessage(tx.db, organizationId, id, {
    state: ends ? 'failed' : 'waiting',
    lastStatus: status,
    lastError: error,
    nextAttemptAt: ends ? null : secondsFrom(tx.now(), pause),
  })
  await queries.updateEndpoint(tx.db, organizationId, endpointId, {
    failures: endpoint.failures + 1,
    failingSince: endpoint.failingSince ?? tx.now(),
    ...(why !== null && { state: 'disabled', disabledReason: why }),
  })
  if (why !== null) {
    await queries.dropWaiting(tx.db, organizationId, endpointId, 'endpoint_disabled')
    await recordAudit(tx, {
      action: 'outgoing-webhooks.disable',
      subject: endpointId,
      after: { why },
    })
  }
  return ends ? null : pause
}

function disablingReason(
  endpoint: queries.EndpointRow,
  status: number | null,
  now: Date,
): string | null {
  if (status === GONE) return 'gone'
  const since = endpoint.failingSince?.getTime() ?? now.getTime()
  return now.getTime() - since > DISABLE_AFTER_FAILING_SECONDS * 1000 ? 'failing_for_days' : null
}

const secondsFrom = (moment: Date, seconds: number): Date =>
  new Date(moment.getTime() + seconds * 1000)
