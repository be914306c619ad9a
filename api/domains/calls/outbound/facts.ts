import type { Tx } from '#api/core/context.ts'
import { tenantOf } from '#api/core/context.ts'
import { isDoNotCall } from '#api/domains/do-not-call/service.ts'
import { startOfDay } from './hours.ts'
import * as queries from './queries.ts'
import type { Asked } from './refusals.ts'

type Placed = {
  callId: string
  phoneNumberId: string | null
  agentId: string | null
  fromNumber: string
  toNumber: string
  consentObtainedAt: Date
}

/** What decides about one call, read in the transaction that acts on it. */
export async function readFacts(
  tx: Tx,
  call: Placed,
  outboundDailyMinutes: number,
): Promise<{ facts: queries.Facts; asked: Asked }> {
  const organizationId = tenantOf(tx)
  const now = tx.now()
  const zone = (await queries.findTimeZone(tx.db, organizationId)) ?? 'UTC'
  const facts = await queries.findFacts(tx.db, organizationId, {
    phoneNumberId: call.phoneNumberId,
    agentId: call.agentId,
    to: call.toNumber,
    callId: call.callId,
    dayBegan: startOfDay(zone, now),
  })
  if (!facts) throw new Error('a call out belongs to an organization that is not there')
  return {
    facts,
    asked: {
      to: call.toNumber,
      fromNumber: call.fromNumber,
      consentObtainedAt: call.consentObtainedAt,
      isDoNotCall: await isDoNotCall(tx, call.toNumber),
      dailyMinutes: outboundDailyMinutes,
      now,
    },
  }
}
