import { randomUUIDv7 } from 'node:crypto'
import type { Answer, Received } from '#api/contract/endpoint.ts'
import type { Context } from '#api/core/context.ts'
import { inTransaction, tenantOf } from '#api/core/context.ts'
import { notFound } from '#api/core/errors.ts'
import { factsOfNumber } from '#api/core/number-plan.ts'
import { currentSettings } from '#api/domains/system/service.ts'
import type * as contract from '../contract.ts'
import { readFacts } from './facts.ts'
import { localTime, nextOpening } from './hours.ts'
import * as queries from './queries.ts'
import { hoursOf, refusalOf } from './refusals.ts'

/** Whether a call would be placed now, and what stands against it; nothing is held and nothing is written. */
export async function checkOutboundCall(
  ctx: Context,
  asked: Received<typeof contract.checkOutboundCall>['query'],
): Promise<Answer<typeof contract.checkOutboundCall>> {
  const { outboundDailyMinutes } = await currentSettings(ctx)
  return await inTransaction(ctx, async (tx) => {
    const { agent, number } = await queries.findAsked(tx.db, tenantOf(tx), {
      agentId: asked.agentId,
      phoneNumberId: asked.fromPhoneNumberId,
    })
    if (!agent) throw notFound('agent')
    if (!number) throw notFound('phone number')
    const now = tx.now()
    const call = {
      callId: randomUUIDv7(), // of none: nothing is left out of the counts
      phoneNumberId: number.id,
      agentId: agent.id,
      fromNumber: number.e164,
      toNumber: asked.to,
      consentObtainedAt: now,
    }
    const read = await readFacts(tx, call, outboundDailyMinutes)
    const refusal = refusalOf(read.facts, read.asked)
    const plan = factsOfNumber(asked.to)
    const isHours = refusal?.code === 'calls.outside_hours'
    return {
      isAllowed: refusal === null,
      reason: refusal?.code ?? null,
      country: plan?.country ?? null,
      localTimes: (plan?.zones ?? []).map((zone) => {
        const { minute } = localTime(zone, now)
        return { zone, minute }
      }),
      opensAt: isHours && plan ? nextOpening(plan.zones, hoursOf(read.facts), now) : null,
    }
  })
}
