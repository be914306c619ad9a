import { randomUUIDv7 } from 'node:crypto'
import type { Received } from '#api/contract/endpoint.ts'
import type { Context } from '#api/core/context.ts'
import { asPlatform, inTransaction, read, tenantOf } from '#api/core/context.ts'
import { pageOfRows, readCursor } from '#api/core/cursor.ts'
import type { NumberWebhooks } from '#api/core/vendors.ts'
import { getAgent } from '#api/domains/agents/service.ts'
import { recordAudit } from '#api/domains/audit/service.ts'
import type * as contract from './contract.ts'
import { numberTaken } from './errors.ts'
import * as queries from './queries.ts'
import { type PhoneNumber, show, weekBefore } from './show.ts'

export type NumberRoute = {
  organizationId: string
  phoneNumberId: string
  agentId: string | null
  route: 'gateway' | 'registered' | 'native'
  /** Its token signs what Twilio sends about this number. */
  twilioAccountSid: string
}

/** Whose number was dialled; null for one nobody has. For webhooks, which come without a tenant. */
export async function findRouteByNumber(ctx: Context, e164: string): Promise<NumberRoute | null> {
  const number = await asPlatform(ctx, (tx) => queries.findByE164(tx.db, e164))
  return (
    (number && {
      organizationId: number.organizationId,
      phoneNumberId: number.id,
      agentId: number.agentId,
      route: number.route,
      twilioAccountSid: number.twilioAccountSid,
    }) ??
    null
  )
}

/** Where Twilio turns to for our numbers: all of it lies on the gateways' public address. */
export const webhooksAt = (publicVoiceUrl: string): NumberWebhooks => ({
  voiceUrl: `${publicVoiceUrl}/twilio/voice`,
  voiceFallbackUrl: `${publicVoiceUrl}/twilio/fallback`,
  statusCallback: `${publicVoiceUrl}/twilio/status`,
})

/**
 * Gives a number to the organization and its calls to an agent: bought where the Twilio account does
 * not hold it yet, pointed at our gateways in any case. Doing it again changes the agent only.
 */
export async function connectNumber(
  ctx: Context,
  wanted: { e164: string; agentId: string; label: string },
  carrier: { twilioAccountSid: string; publicVoiceUrl: string },
): Promise<{ phoneNumberId: string }> {
  const organizationId = tenantOf(ctx)
  const agent = await getAgent(ctx, wanted.agentId)
  const route = await findRouteByNumber(ctx, wanted.e164)
  if (route && route.organizationId !== organizationId) throw numberTaken()

  // Before the row is written: a number that cannot be had is not ours, and asking twice is harmless.
  const webhooks = webhooksAt(carrier.publicVoiceUrl)
  const held = await ctx.vendors.twilio.findNumber(wanted.e164)
  const number = held
    ? await ctx.vendors.twilio.pointNumber(held.sid, webhooks)
    : await ctx.vendors.twilio.buyNumber(wanted.e164, webhooks)

  return inTransaction(ctx, async (tx) => {
    const inserted = await queries.insertNumber(tx.db, {
      organizationId,
      id: randomUUIDv7(),
      e164: wanted.e164,
      label: wanted.label,
      agentId: agent.id,
      twilioNumberSid: number.sid,
      twilioAccountSid: carrier.twilioAccountSid,
      createdAt: tx.now(),
    })
    const known = inserted ?? (await queries.findByE164(tx.db, wanted.e164))
    if (!known) throw numberTaken()
    const change = { agentId: agent.id, label: wanted.label, twilioNumberSid: number.sid }
    if (!inserted) await queries.updateNumber(tx.db, organizationId, known.id, change)
    if (inserted || known.agentId !== agent.id)
      await recordAudit(tx, {
        action: 'phone-numbers.connect',
        subject: known.id,
        ...(!inserted && { before: { agentId: known.agentId } }),
        after: { agentId: agent.id },
      })
    return { phoneNumberId: known.id }
  })
}

export async function listPhoneNumbers(
  ctx: Context,
  { cursor, limit, ...filters }: Received<typeof contract.listPhoneNumbers>['query'],
): Promise<{ items: PhoneNumber[]; nextCursor: string | null }> {
  const before = readCursor(cursor)
  const since = weekBefore(ctx.now())
  const rows = await read(ctx, (db) =>
    queries.listNumbers(db, tenantOf(ctx), { ...filters, before, since, limit: limit + 1 }),
  )
  const page = pageOfRows(rows, limit, ({ number }) => ({ at: number.createdAt, id: number.id }))
  return { ...page, items: page.items.map(show) }
}
