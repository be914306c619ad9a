import { setTimeout as sleep } from 'node:timers/promises'
import type { Received } from '#api/contract/endpoint.ts'
import type { Context } from '#api/core/context.ts'
import { asPlatform, inTransaction, read, tenantOf } from '#api/core/context.ts'
import { pageOfRows, readCursor } from '#api/core/cursor.ts'
import { recordAudit } from '#api/domains/audit/service.ts'
import { claimForPlatform, requireAgent } from './claim.ts'
import type * as contract from './contract.ts'
import { converge } from './converge.ts'
import { checkDrift } from './drift.ts'
import { notInService, numberTaken } from './errors.ts'
import * as queries from './queries.ts'
import { fallbackOf, getPhoneNumber, type PhoneNumber, show, weekBefore } from './show.ts'

export { INITIATION_HEADER, initiationWebhook } from './set-up.ts'

const SET_UP_WITHIN_MS = 30_000 // a worker needs a second; with a vendor that stumbles it tries again
const LOOK_MS = 100

export type NumberRoute = {
  organizationId: string
  phoneNumberId: string
  agentId: string | null
  route: 'gateway' | 'registered' | 'native'
  /** Its token signs what Twilio sends about this number. */
  twilioAccountSid: string
  /** What a caller gets whose call is not taken. */
  fallback: PhoneNumber['fallback']
}

/** Whose number was dialled; null for one nobody has. For webhooks, which come without a tenant. */
export async function findRouteByNumber(ctx: Context, e164: string): Promise<NumberRoute | null> {
  const number = await asPlatform(ctx, (tx) => queries.findByE164(tx.db, e164))
  return number && number.state !== 'releasing' ? routeOf(number) : null
}

const routeOf = (number: queries.NumberRow): NumberRoute => ({
  organizationId: number.organizationId,
  phoneNumberId: number.id,
  agentId: number.agentId,
  route: number.route,
  twilioAccountSid: number.twilioAccountSid,
  fallback: fallbackOf(number),
})

/**
 * Gives a number of the platform's account to the organization and its calls to an agent: bought where the account
 * does not hold it yet, pointed at our gateways in any case. Doing it again changes the agent only.
 */
export async function connectNumber(
  ctx: Context,
  wanted: { e164: string; agentId: string; label: string },
): Promise<{ phoneNumberId: string }> {
  const { agentId, label } = wanted
  await inTransaction(ctx, (tx) => requireAgent(tx, agentId, 'gateway'))
  const known = await findRouteByNumber(ctx, wanted.e164)
  if (known && known.organizationId !== tenantOf(ctx)) throw numberTaken()
  const phoneNumberId = known?.phoneNumberId ?? (await claimForPlatform(ctx, wanted))
  await inTransaction(ctx, async (tx) => {
    const before = await queries.lockNumber(tx.db, tenantOf(tx), phoneNumberId)
    if (!before) throw numberTaken()
    await queries.updateNumber(tx.db, tenantOf(tx), phoneNumberId, {
      agentId,
      label,
      revision: before.revision + 1,
      ...(before.state === 'active' && { state: 'changing' }),
    })
    if (before.agentId === agentId) return
    await recordAudit(tx, {
      action: 'phone-numbers.connect',
      subject: phoneNumberId,
      before: { agentId: before.agentId },
      after: { agentId },
    })
  })
  const { state, error } = await setUpNow(ctx, phoneNumberId)
  if (state !== 'active') throw new Error(`${wanted.e164} is ${state}: ${error?.message ?? ''}`)
  return { phoneNumberId }
}

/** Sets a number up; where a worker took it first, waits for that one. */
async function setUpNow(ctx: Context, phoneNumberId: string): Promise<PhoneNumber> {
  const deadlineMs = performance.now() + SET_UP_WITHIN_MS
  for (;;) {
    await converge(ctx, phoneNumberId)
    const number = await getPhoneNumber(ctx, phoneNumberId)
    const isUnderWay = number.state === 'importing' || number.state === 'changing'
    if (!isUnderWay || performance.now() > deadlineMs) return number
    await sleep(LOOK_MS)
  }
}

/** Compares a number with what the vendors hold now. */
export async function compareWithVendors(
  ctx: Context,
  phoneNumberId: string,
): Promise<PhoneNumber> {
  const wasCompared = await checkDrift(ctx, phoneNumberId)
  const number = await getPhoneNumber(ctx, phoneNumberId)
  if (!wasCompared && number.state !== 'active') throw notInService()
  return number
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
