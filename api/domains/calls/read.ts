import type { z } from 'zod'
import type { Received } from '#api/contract/endpoint.ts'
import { can } from '#api/contract/permissions.ts'
import type { Context } from '#api/core/context.ts'
import { read, tenantOf } from '#api/core/context.ts'
import { pageOfRows, readCursor, writeCursor } from '#api/core/cursor.ts'
import { notFound } from '#api/core/errors.ts'
import type * as contract from './contract.ts'
import * as lists from './list-queries.ts'
import { findOutbound } from './outbound/queries.ts'
import type * as queries from './queries.ts'
import * as timeline from './timeline-queries.ts'

const RUNNING = ['created', 'authorized', 'ringing', 'live', 'ending'] as const

/** Whose calls the actor may see, by its role; an API key got here by the wider permission. */
export function scopeOf(ctx: Context): lists.CallScope {
  if (ctx.actor.kind !== 'user') return 'organization'
  const role = ctx.actor.membership?.role
  return role && can(role, 'calls.read-organization')
    ? 'organization'
    : { userId: ctx.actor.userId }
}

export const seesMoney = (ctx: Context): boolean => {
  if (ctx.actor.kind === 'key') return ctx.actor.permissions.includes('wallet.read')
  const role = ctx.actor.kind === 'user' ? ctx.actor.membership?.role : undefined
  return role !== undefined && can(role, 'wallet.read')
}

// Of calls in which words are looked for, by one request: what was said in them has to be read.
const SEARCHED_CALLS = 500

/**
 * One page, newest first. A page of a search for words looks through a bounded number of calls: it may hold fewer
 * than were asked for, or none, and its cursor goes on behind them.
 */
export async function listCalls(ctx: Context, query: Received<typeof contract.listCalls>['query']) {
  const organizationId = tenantOf(ctx)
  const before = readCursor(query.cursor)
  const filter = {
    scope: scopeOf(ctx),
    ...(query.state && { states: query.state === 'running' ? RUNNING : [query.state] }),
    ...(query.kind && { kind: query.kind }),
    ...(query.direction && { direction: query.direction }),
    ...(query.from && { from: query.from }),
    ...(query.to && { to: query.to }),
    ...(query.number && { number: query.number }),
    ...(before && { before: { createdAt: before.at, id: before.id } }),
  }
  const { rows, lookedBackTo } = await read(ctx, async (db) => {
    const lookedBackTo = query.text
      ? await lists.findNthCall(db, organizationId, filter, SEARCHED_CALLS)
      : undefined
    const rows = await lists.listCalls(db, organizationId, {
      ...filter,
      limit: query.limit + 1,
      ...(query.text && { text: query.text }),
      ...(lookedBackTo && { notBefore: lookedBackTo }),
    })
    return { rows, lookedBackTo }
  })
  const page = pageOfRows(rows, query.limit, ({ call }) => ({ at: call.createdAt, id: call.id }))
  return {
    items: page.items.map((row) => summaryOf(ctx, row)),
    nextCursor: page.nextCursor ?? (lookedBackTo ? writeCursor(lookedBackTo) : null),
  }
}

export async function getCall(
  ctx: Context,
  callId: string,
): Promise<z.output<typeof contract.call>> {
  const row = await read(ctx, (db) =>
    lists.findCallWithNames(db, tenantOf(ctx), callId, scopeOf(ctx)),
  )
  if (!row) throw notFound('call')
  const { call } = row
  const outbound =
    call.direction === 'outbound'
      ? await read(ctx, (db) => findOutbound(db, tenantOf(ctx), callId))
      : undefined
  return {
    ...summaryOf(ctx, row),
    route: call.route,
    billingStatus: call.billingStatus,
    pricePerHourCents: seesMoney(ctx) ? call.pricePerHourCents : null,
    twilioCallSid: call.twilioCallSid,
    elevenLabsConversationId: call.elevenLabsConversationId,
    vendorSeconds: call.vendorSeconds,
    vendorSummary: call.vendorSummary,
    settledAt: call.settledAt,
    outbound: outbound
      ? {
          consentBasis: outbound.consentBasis,
          consentObtainedAt: outbound.consentObtainedAt,
          consentNote: outbound.consentNote,
          onMachine: outbound.onMachine,
          answeredBy: outbound.answeredBy,
        }
      : null,
    recording:
      row.recordingId && row.recordingStoredAt
        ? {
            durationMs: row.recordingDurationMs ?? 0,
            sizeBytes: row.recordingSizeBytes ?? 0,
            sha256: row.recordingSha256 ?? '',
            storedAt: row.recordingStoredAt,
            lostRecords: row.recordingLostRecords ?? 0,
            isTorn: row.recordingIsTorn ?? false,
          }
        : null,
  }
}

/** Throws as for a missing call where the actor may not see this one. */
export async function requireVisibleCall(ctx: Context, callId: string): Promise<queries.CallRow> {
  const row = await read(ctx, (db) =>
    lists.findCallWithNames(db, tenantOf(ctx), callId, scopeOf(ctx)),
  )
  if (!row) throw notFound('call')
  return row.call
}

export async function listCallEvents(
  ctx: Context,
  callId: string,
  query: Received<typeof contract.listCallEvents>['query'],
) {
  await requireVisibleCall(ctx, callId)
  const after = readCursor(query.cursor)
  const rows = await read(ctx, (db) =>
    timeline.listCallEvents(db, tenantOf(ctx), callId, {
      limit: query.limit + 1,
      ...(after && { after }),
    }),
  )
  const page = pageOfRows(rows, query.limit, ({ at, id }) => ({ at, id }))
  return { ...page, items: page.items.map(({ id, at, kind, data }) => ({ id, at, kind, data })) }
}

function summaryOf(
  ctx: Context,
  { call, agentName, recordingId }: lists.ListedCall,
): z.output<typeof contract.callSummary> {
  return {
    id: call.id,
    kind: call.kind,
    direction: call.direction,
    state: call.state,
    reason: call.reason,
    fromNumber: call.fromNumber,
    toNumber: call.toNumber,
    agentName,
    createdAt: call.createdAt,
    liveAt: call.liveAt,
    endedAt: call.endedAt,
    durationSeconds: call.billableSeconds,
    costCents: seesMoney(ctx) ? call.costCents : null,
    hasRecording: recordingId !== null,
  }
}
