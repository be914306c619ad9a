import { randomUUIDv7 } from 'node:crypto'
import type { Received } from '#api/contract/endpoint.ts'
import { can } from '#api/contract/permissions.ts'
import type { Context, Tx } from '#api/core/context.ts'
import { inTransaction, tenantOf, userIdOf } from '#api/core/context.ts'
import { DomainError, notFound } from '#api/core/errors.ts'
import { currentSettings } from '#api/domains/system/service.ts'
import {
  currentPrice,
  holdSlice,
  isInsufficient,
  tellExhausted,
} from '#api/domains/wallet/service.ts'
import { freshToken, streamToken } from '../admit.ts'
import type * as contract from '../contract.ts'
import * as errors from '../errors.ts'
import { callClaimed } from '../events.ts'
import * as calls from '../queries.ts'
import { dial } from './dial.ts'
import { readFacts } from './facts.ts'
import { PLACING_SECONDS } from './limits.ts'
import * as queries from './queries.ts'
import { refusalAgain, refusalOf } from './refusals.ts'

/**
 * Writes down that a call is wanted; nothing is decided, held or dialled yet. Whoever goes on with it may die: a job
 * of the same transaction takes it up again.
 */
export async function claimOutboundCall(
  ctx: Context,
  asked: Received<typeof contract.startCall>['body'],
): Promise<{ callId: string }> {
  return inTransaction(ctx, async (tx) => {
    const organizationId = tenantOf(tx)
    const { agent, number } = await queries.findAsked(tx.db, organizationId, {
      agentId: asked.agentId,
      phoneNumberId: asked.fromPhoneNumberId,
    })
    if (!agent) throw notFound('agent')
    if (!number) throw notFound('phone number')
    if (!maySendAgents(tx)) throw errors.agentsNotYours()
    const callId = randomUUIDv7()
    await calls.insertCall(tx.db, {
      organizationId,
      id: callId,
      kind: 'agent',
      direction: 'outbound',
      fromNumber: number.e164,
      toNumber: asked.to,
      phoneNumberId: number.id,
      agentId: agent.id,
      userId: userIdOf(tx),
      twilioAccountSid: number.twilioAccountSid,
      createdAt: tx.now(),
    })
    await queries.insertOutbound(tx.db, {
      organizationId,
      callId,
      consentBasis: asked.consent.basis,
      consentObtainedAt: asked.consent.obtainedAt,
      consentNote: asked.consent.note,
      variables: asked.variables,
      onMachine: asked.onMachine,
    })
    await tx.emit(callClaimed, { organizationId, callId })
    return { callId }
  })
}

/** An agent is chosen by those who see the agents; programs need the permission too. */
function maySendAgents({ actor }: Context): boolean {
  if (actor.kind === 'key') return actor.permissions.includes('agents.read')
  const role = actor.kind === 'user' ? actor.membership?.role : undefined
  return role !== undefined && can(role, 'agents.read')
}

/**
 * Admits a claimed call and dials it, once however often it is asked for: whoever moves the call from `created` is the
 * one who dials. A call that was refused refuses again.
 */
export async function placeOutboundCall(ctx: Context, callId: string): Promise<void> {
  if (await admit(ctx, callId)) await dial(ctx, callId)
  const found = await inTransaction(ctx, (tx) => calls.findCall(tx.db, tenantOf(tx), callId))
  const refusal = found?.settledAt && !found.liveAt ? refusalAgain(found.reason) : undefined
  if (refusal) throw refusal
}

/** False where somebody else decided already; a refusal is put on record. */
async function admit(ctx: Context, callId: string): Promise<boolean> {
  const settings = await currentSettings(ctx)
  try {
    return await inTransaction(ctx, (tx) => admitWithin(tx, callId, settings))
  } catch (error) {
    if (error instanceof DomainError) await recordRefusal(ctx, callId, error.code)
    if (isInsufficient(error)) await tellExhausted(ctx)
    if (error instanceof DomainError) return false
    throw error
  }
}

async function admitWithin(
  tx: Tx,
  callId: string,
  settings: Awaited<ReturnType<typeof currentSettings>>,
): Promise<boolean> {
  const organizationId = tenantOf(tx)
  await calls.lockAdmissions(tx.db, organizationId)
  const found = await queries.lockOutbound(tx.db, organizationId, callId)
  if (found?.call.state !== 'created') return false
  const { call, outbound } = found
  const about = { ...call, callId, consentObtainedAt: outbound.consentObtainedAt }
  const { facts, asked } = await readFacts(tx, about, settings.outboundDailyMinutes)
  const refusal = refusalOf(facts, asked)
  if (refusal) throw refusal
  // Whoever picked up would hear nobody (THREATS F27).
  if (tx.vendors.isAway('elevenlabs')) throw errors.agentNotReached()

  const price = await currentPrice(tx, tx.now(), 'agent')
  await holdSlice(tx, {
    callId,
    pricePerHourCents: price.pricePerHourCents,
    priceId: price.priceId,
    slice: 1,
    totalSeconds: settings.sliceSeconds,
    minimumSeconds: settings.minimumSliceSeconds,
  })
  await queries.updateOutbound(tx.db, organizationId, callId, { attempts: 1, dialledAt: tx.now() })
  await calls.updateCall(tx.db, organizationId, callId, {
    state: 'authorized',
    reason: 'funds_held',
    pricePerHourCents: price.pricePerHourCents,
    // Nobody is given it before the answer; until then its end says how long the call is waited for.
    ...freshToken(streamToken(tx, callId, 0), PLACING_SECONDS),
  })
  // Last of all: a slot's row may be waited for by others, so nothing is waited for once it is ours.
  if (!(await calls.takeSlot(tx.db, callId, settings.platformMaxConcurrentCalls)))
    throw errors.platformBusy()
  return true
}

/** A refusal is evidence too: the call is kept, settled at zero, with the reason. */
async function recordRefusal(ctx: Context, callId: string, code: string): Promise<void> {
  await inTransaction(ctx, async (tx) => {
    const organizationId = tenantOf(tx)
    const call = await calls.lockCall(tx.db, organizationId, callId)
    if (call?.state !== 'created') return
    const step = (set: Parameters<typeof calls.updateCall>[3]) =>
      calls.updateCall(tx.db, organizationId, callId, set)
    await step({ state: 'refused', reason: code, billingStatus: 'blocked', costCents: 0 })
    await step({ state: 'settled', billableSeconds: 0 })
  })
}
