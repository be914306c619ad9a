import type { z } from 'zod'
import type { Context } from '#api/core/context.ts'
import { read, tenantOf } from '#api/core/context.ts'
import { notFound } from '#api/core/errors.ts'
import * as contract from './contract.ts'
import * as queries from './queries.ts'

export type PhoneNumber = z.output<typeof contract.phoneNumber>

const WEEK_MS = 7 * 24 * 3_600_000

/** From when calls count as those of the last seven days. */
export const weekBefore = (now: Date): Date => new Date(now.getTime() - WEEK_MS)

export async function getPhoneNumber(ctx: Context, phoneNumberId: string): Promise<PhoneNumber> {
  const row = await read(ctx, (db) =>
    queries.findListed(db, tenantOf(ctx), phoneNumberId, weekBefore(ctx.now())),
  )
  if (!row) throw notFound('phone number')
  return show(row)
}

export function show(listed: queries.ListedNumber): PhoneNumber {
  const { number, agentName, callsLast7Days } = listed
  return {
    id: number.id,
    e164: number.e164,
    label: number.label,
    route: number.route,
    agentId: number.agentId,
    agentName,
    carrierAccountId: number.carrierAccountId,
    capabilities: number.capabilities,
    state: number.state,
    step: stepOf(number.step),
    error: number.error,
    nextTryAt: number.nextTryAt,
    fallback: fallbackOf(number),
    maxConcurrentCalls: number.maxConcurrentCalls,
    callsLast7Days,
    health: healthOf(listed),
    drift: contract.phoneNumber.shape.drift.parse(number.drift),
    driftFoundAt: number.driftFoundAt,
    checkedAt: number.checkedAt,
    createdAt: number.createdAt,
  }
}

export function fallbackOf(number: queries.NumberRow): z.output<typeof contract.fallback> {
  const { fallbackKind, fallbackText, fallbackTo } = number
  switch (fallbackKind) {
    case 'message':
    case 'voicemail':
      return { kind: fallbackKind, text: fallbackText ?? '' }
    case 'forward':
      return { kind: fallbackKind, to: fallbackTo ?? '' }
    case 'none':
      return { kind: fallbackKind }
  }
}

const stepOf = (step: string | null) => contract.numberSteps.find((known) => known === step) ?? null

function healthOf({ number, agentName, elevenLabsAgentId }: queries.ListedNumber) {
  if (number.state === 'failed') return 'failed'
  if (number.state !== 'active') return 'working'
  if (number.drift.length > 0) return 'drifted'
  if (agentName === null) return 'no_agent'
  return elevenLabsAgentId ? 'ok' : 'agent_not_ready'
}
