import { randomBytes, randomUUIDv7 } from 'node:crypto'
import { z } from 'zod'
import { can } from '#api/contract/permissions.ts'
import type { Context } from '#api/core/context.ts'
import { asPlatform, forOrganization, inTransaction, read, tenantOf } from '#api/core/context.ts'
import { notFound } from '#api/core/errors.ts'
import { findStanding } from '#api/domains/access/service.ts'
import { recordAudit } from '#api/domains/audit/service.ts'
import { carrierOfCall } from './carrier-of-call.ts'
import { END_REQUESTED, endUnstarted, lockToEnd } from './end.ts'
import * as errors from './errors.ts'
import * as leases from './lease-queries.ts'
import { LIVE_TICKET_SECONDS } from './limits.ts'
import * as queries from './queries.ts'
import * as timeline from './timeline-queries.ts'

const ticketBody = z.object({
  organizationId: z.uuid(),
  callId: z.uuid(),
  userId: z.uuid(),
  showsCost: z.boolean(),
  nonce: z.string(),
  expiresAt: z.number(),
})
export type LiveTicket = z.output<typeof ticketBody>

/** A ticket for the live feed of a running call, at the gateway that owns it. */
export async function createLiveTicket(
  ctx: Context,
  callId: string,
): Promise<{ url: string; expiresAt: Date }> {
  const organizationId = tenantOf(ctx)
  if (ctx.actor.kind !== 'user') throw notFound('call')
  const { userId, membership } = ctx.actor
  const lease = await read(ctx, async (db) => {
    const call = await queries.findCall(db, organizationId, callId)
    if (!call) throw notFound('call')
    const held = await leases.findLease(db, organizationId, callId)
    // What ElevenLabs carries is heard by no gateway.
    const isHere = call.state === 'live' && call.route === 'gateway'
    if (!isHere || !held || held.closedAt) throw errors.callNotRunning()
    return held
  })
  const expiresAt = new Date(ctx.now().getTime() + LIVE_TICKET_SECONDS * 1000)
  const body: LiveTicket = {
    organizationId,
    callId,
    userId,
    showsCost: membership !== null && can(membership.role, 'wallet.read'),
    nonce: randomBytes(12).toString('base64url'),
    expiresAt: expiresAt.getTime(),
  }
  const text = Buffer.from(JSON.stringify(body)).toString('base64url')
  const ticket = `${text}.${ctx.signer.sign('live-ticket', text)}`
  return { url: `${lease.address}/live?ticket=${ticket}`, expiresAt }
}

/** The ticket's content where it is genuine and in time; that it is used once is the gateway's part. */
export function readLiveTicket(ctx: Context, ticket: string): LiveTicket | null {
  const [text, signature] = ticket.split('.')
  if (!text || !signature || !ctx.signer.matches('live-ticket', text, signature)) return null
  const body = ticketBody.parse(JSON.parse(Buffer.from(text, 'base64url').toString()))
  return body.expiresAt >= ctx.now().getTime() ? body : null
}

/** What this person may still hear of calls of this organization; null where that is nothing. */
export async function findListener(
  ctx: Context,
  organizationId: string,
  userId: string,
): Promise<{ showsCost: boolean } | null> {
  const standing = await findStanding(ctx, userId)
  const mayListen =
    standing?.organizationId === organizationId &&
    standing.organizationStatus === 'active' &&
    can(standing.role, 'calls.listen')
  return mayListen ? { showsCost: can(standing.role, 'wallet.read') } : null
}

/**
 * Cuts the line of a running call, or of one that we place, at once; that it was done by hand, and by whom, is on
 * record first. One that is still waited for ends when the carrier says so, or here where it has none yet.
 */
export async function endCallByHand(
  ctx: Context,
  callId: string,
): Promise<{ state: queries.CallRow['state'] }> {
  const organizationId = tenantOf(ctx)
  const ending = await inTransaction(ctx, async (tx) => {
    // Its gateway reads it where the carrier has no line to cut.
    const call = await lockToEnd(tx, callId)
    if (!call) throw notFound('call')
    if (!canBeEnded(call)) throw errors.callNotRunning()
    if (!(await timeline.hasCallEvent(tx.db, organizationId, callId, END_REQUESTED))) {
      await recordAudit(tx, { action: 'calls.end', subject: `call:${callId}` })
      const id = randomUUIDv7()
      const note = { organizationId, id, callId, at: ctx.now(), kind: END_REQUESTED, data: {} }
      await timeline.insertCallEvents(tx.db, [note])
    }
    // What the carrier may place yet is hung up when it tells of it: the call is over then.
    if (call.state !== 'live' && !call.twilioCallSid) await endUnstarted(tx, call, 'operator')
    return call
  })
  if (ending.twilioCallSid) await (await carrierOfCall(ctx, ending)).endCall(ending.twilioCallSid)
  return { state: ending.twilioCallSid || ending.state === 'live' ? ending.state : 'settled' }
}

/** Whether somebody asked for its end, whoever was left to carry it out. */
export const wasEndedByHand = (ctx: Context, callId: string): Promise<boolean> =>
  read(ctx, (db) => timeline.hasCallEvent(db, tenantOf(ctx), callId, END_REQUESTED))

const canBeEnded = ({ state, direction, kind }: queries.CallRow): boolean =>
  // Both are ours to begin, so they can be given up before anybody is on the line.
  direction === 'outbound' || kind === 'test'
    ? ['created', 'authorized', 'ringing', 'live'].includes(state)
    : state === 'live'

/** For vendors' callbacks: the call a conversation belongs to. */
export async function findCallOfConversation(ctx: Context, conversationId: string) {
  const call = await asPlatform(ctx, (tx) => queries.findCallByConversation(tx.db, conversationId))
  return call
    ? {
        own: forOrganization(ctx, call.organizationId),
        organizationId: call.organizationId,
        callId: call.id,
        elevenLabsAgentId: call.elevenLabsAgentId,
      }
    : null
}

/** The conversation of a call that ElevenLabs carried; null for those of our gateways, whose turns are ours. */
export async function findCarriedConversation(
  ctx: Context,
  callId: string,
): Promise<{ conversationId: string; createdAt: Date } | null> {
  const call = await read(ctx, (db) => queries.findCall(db, tenantOf(ctx), callId))
  if (!call?.elevenLabsConversationId || call.route === 'gateway') return null
  return { conversationId: call.elevenLabsConversationId, createdAt: call.createdAt }
}

/** For vendors' callbacks: the agent at ElevenLabs that a call was held with. */
export const findAgentOfCall = (ctx: Context, callId: string): Promise<string | undefined> =>
  asPlatform(ctx, (tx) => queries.findAgentOfCall(tx.db, callId))
