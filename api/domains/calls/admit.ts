import { createHash, randomUUIDv7 } from 'node:crypto'
import type { Context, Tx } from '#api/core/context.ts'
import { asPlatform, forOrganization, inTransaction } from '#api/core/context.ts'
import { DomainError } from '#api/core/errors.ts'
import { findRouteByNumber, type NumberRoute } from '#api/domains/phone-numbers/service.ts'
import { currentSettings } from '#api/domains/system/service.ts'
import {
  currentPrice,
  holdSlice,
  isInsufficient,
  tellExhausted,
} from '#api/domains/wallet/service.ts'
import { announcementFor } from './announcement.ts'
import { isOneCaller } from './caller.ts'
import * as errors from './errors.ts'
import { CALLER_RATE_PER_MINUTE, MAX_RESUMES, STREAM_TOKEN_SECONDS } from './limits.ts'
import * as queries from './queries.ts'
import { hasCallEvent } from './timeline-queries.ts'

class AdmittedMeanwhile extends Error {}

export type Admission = {
  organizationId: string
  callId: string
  /** Who carries the call's media. */
  route: queries.CallRow['route']
  /** The account it runs in; null where no carrier has it. */
  twilioAccountSid: string | null
  /** Single use; the media socket must present it within 60 seconds. */
  streamToken: string
  elevenLabsAgentId: string
  voiceId: string
  /** Said before anything is recorded; null where the organization has switched it off. */
  announcement: string | null
}

export type InboundCall = {
  from: string
  to: string
  twilioCallSid: string
  twilioAccountSid: string
  /** Present where ElevenLabs asks whether it may take the call, for the agent it names. */
  byElevenLabs?: { elevenLabsAgentId: string }
}

/**
 * Decides whether an inbound call is taken, in the order of THREATS 11: organization, limits, hold, call, token.
 * A refusal throws, costs nothing, leaves no hold and is on record. The carrier's second request for the same
 * call gets the first answer.
 */
export async function admitInboundCall(ctx: Context, asked: InboundCall): Promise<Admission> {
  const known = await asPlatform(ctx, (tx) =>
    queries.findCallByTwilioSid(tx.db, asked.twilioCallSid),
  )
  if (known) {
    // Any connected account may sign, so knowing a call's id makes it nobody's (THREATS T14).
    if (known.twilioAccountSid !== asked.twilioAccountSid) throw errors.numberNotInService()
    return answerAgain(forOrganization(ctx, known.organizationId), known)
  }

  const route = await findRouteByNumber(ctx, asked.to)
  if (!route || route.twilioAccountSid !== asked.twilioAccountSid) throw errors.numberNotInService()
  const own = forOrganization(ctx, route.organizationId)
  const settings = await currentSettings(own)
  const running = await asPlatform(ctx, (tx) => queries.countRunningCalls(tx.db))
  const callId = randomUUIDv7()
  try {
    // Saves the work where it is in vain; the slot at the end decides.
    if (running >= settings.platformMaxConcurrentCalls) throw errors.platformBusy()
    // Who called would hear silence; the number's fallback serves better (THREATS F27).
    if (!asked.byElevenLabs && ctx.vendors.isAway('elevenlabs')) throw errors.agentNotReached()
    return await inTransaction(own, async (tx) => {
      await queries.lockAdmissions(tx.db, route.organizationId)
      const facts = await queries.findAdmissionFacts(
        tx.db,
        route.organizationId,
        route.phoneNumberId,
        { number: asked.from, since: new Date(ctx.now().getTime() - 60_000) },
      )
      if (!facts) throw errors.numberNotInService()
      if (facts.organizationStatus !== 'active') throw errors.organizationNotActive()
      if (facts.isAgentCallsOff) throw errors.agentCallsOff()
      if (!facts.agentId || !facts.elevenLabsAgentId) throw errors.noAgentAssigned()
      const named = asked.byElevenLabs?.elevenLabsAgentId
      if (named !== undefined && named !== facts.elevenLabsAgentId) throw errors.noAgentAssigned()
      // Those who withhold their number are many: the number's and the organization's limits bound them.
      if (isOneCaller(asked.from) && facts.byCaller >= CALLER_RATE_PER_MINUTE)
        throw errors.callerTooOften()
      if (facts.onNumber >= facts.numberLimit) throw errors.numberBusy()
      if (facts.running >= facts.organizationLimit) throw errors.organizationBusy()

      const price = await currentPrice(tx, ctx.now(), 'agent')
      await holdSlice(tx, {
        callId,
        pricePerHourCents: price.pricePerHourCents,
        priceId: price.priceId,
        slice: 1,
        totalSeconds: settings.sliceSeconds,
        minimumSeconds: settings.minimumSliceSeconds,
      })
      const token = streamToken(ctx, callId, 0)
      const inserted = await queries.insertCall(tx.db, {
        organizationId: route.organizationId,
        id: callId,
        kind: 'agent',
        route: carriedBy(route, asked),
        direction: 'inbound',
        fromNumber: asked.from,
        toNumber: asked.to,
        phoneNumberId: route.phoneNumberId,
        agentId: facts.agentId,
        twilioAccountSid: asked.twilioAccountSid,
        twilioCallSid: asked.twilioCallSid,
        pricePerHourCents: price.pricePerHourCents,
      })
      // Asked twice at once: the other one has the call, and what this one held goes back with its transaction.
      if (!inserted) throw new AdmittedMeanwhile()
      await queries.updateCall(tx.db, route.organizationId, callId, {
        state: 'authorized',
        reason: 'funds_held',
        ...freshToken(token),
      })
      // Last of all: a slot's row may be waited for by others, so nothing is waited for once it is ours.
      if (!(await queries.takeSlot(tx.db, callId, settings.platformMaxConcurrentCalls)))
        throw errors.platformBusy()
      return {
        organizationId: route.organizationId,
        callId,
        route: inserted.route,
        twilioAccountSid: asked.twilioAccountSid,
        streamToken: token,
        elevenLabsAgentId: facts.elevenLabsAgentId,
        voiceId: facts.voiceId ?? '',
        announcement: announcementFor('inbound', facts),
      }
    })
  } catch (error) {
    if (error instanceof AdmittedMeanwhile) return admitInboundCall(ctx, asked)
    if (error instanceof DomainError) await recordRefusal(own, route, callId, asked, error.code)
    if (isInsufficient(error)) await tellExhausted(own)
    throw error
  }
}

/** A call that came to us is ours, also of a number that ElevenLabs should answer alone. */
function carriedBy(route: NumberRoute, { byElevenLabs }: InboundCall): NumberRoute['route'] {
  if (byElevenLabs) return 'native'
  return route.route === 'native' ? 'gateway' : route.route
}

export type Resumption =
  | { resumed: Admission; isAnnounced: boolean }
  | { resumed: null; why: string }

const AWAITED = ['authorized', 'ringing', 'live']

/**
 * The carrier asks what comes after a media stream. A call whose gateway died, be it before it could take the
 * stream, goes on under a new token, at most three times; everything else is over. What was not heard to its end of
 * the announcement is said anew (THREATS T51).
 */
export async function resumeCall(
  ctx: Context,
  asked: { twilioCallSid: string; twilioAccountSid: string | null },
): Promise<Resumption> {
  const known = await asPlatform(ctx, (tx) =>
    queries.findCallByTwilioSid(tx.db, asked.twilioCallSid),
  )
  if (!known || known.twilioAccountSid !== asked.twilioAccountSid)
    return { resumed: null, why: 'unknown_call' }
  const own = forOrganization(ctx, known.organizationId)
  return await inTransaction(own, async (tx) => {
    const call = await queries.lockCall(tx.db, known.organizationId, known.id)
    // What ElevenLabs carries has no stream of ours to come back to.
    if (!call || !AWAITED.includes(call.state) || call.route !== 'gateway')
      return { resumed: null, why: call?.reason ?? 'unknown_call' }
    if (call.resumes >= MAX_RESUMES) return { resumed: null, why: 'resumed_too_often' }
    const resumed = await issueToken(tx, call, call.resumes + 1)
    const ids = [call.organizationId, call.id] as const
    const isAnnounced = await hasCallEvent(tx.db, ...ids, 'announcement', { outcome: 'heard' })
    return { resumed, isAnnounced }
  })
}

/** The token of a call: derived, so that a repeated webhook hands out the same one. */
export const streamToken = (ctx: Context, callId: string, resumes: number) =>
  ctx.signer.sign('stream', `${callId}:${resumes}`)

export const hashToken = (token: string) => createHash('sha256').update(token).digest('hex')

export const freshToken = (token: string, seconds = STREAM_TOKEN_SECONDS) => ({
  streamTokenHash: hashToken(token),
  streamTokenExpiresAt: queries.inSeconds(seconds),
  streamTokenUsedAt: null,
})

/** A token for a media stream of the call, with what its gateway has to know. */
export async function issueToken(
  tx: Tx,
  call: queries.CallRow,
  resumes: number,
): Promise<Admission> {
  const facts = await queries.findCallToRun(tx.db, call.organizationId, call.id)
  if (!facts?.elevenLabsAgentId) throw errors.noAgentAssigned()
  const token = streamToken(tx, call.id, resumes)
  await queries.updateCall(tx.db, call.organizationId, call.id, {
    resumes,
    ...freshToken(token),
  })
  return {
    organizationId: call.organizationId,
    callId: call.id,
    route: call.route,
    twilioAccountSid: call.twilioAccountSid,
    streamToken: token,
    elevenLabsAgentId: facts.elevenLabsAgentId,
    voiceId: facts.voiceId ?? '',
    announcement: announcementFor(call.direction, facts),
  }
}

async function answerAgain(own: Context, known: queries.CallRow): Promise<Admission> {
  const facts = await inTransaction(own, (tx) =>
    queries.findCallToRun(tx.db, known.organizationId, known.id),
  )
  // One that ElevenLabs carries is live as soon as we answered; the carrier may not have heard it.
  const isAwaited =
    known.state === 'authorized' || (known.state === 'live' && known.route === 'registered')
  if (!isAwaited || !facts?.elevenLabsAgentId) throw errors.callNotRunning()
  return {
    organizationId: known.organizationId,
    callId: known.id,
    route: known.route,
    twilioAccountSid: known.twilioAccountSid,
    streamToken: streamToken(own, known.id, known.resumes),
    elevenLabsAgentId: facts.elevenLabsAgentId,
    voiceId: facts.voiceId ?? '',
    announcement: announcementFor(known.direction, facts),
  }
}

/** A refusal is evidence too: the call is kept, settled at zero, with the reason. */
async function recordRefusal(
  own: Context,
  route: NumberRoute,
  callId: string,
  asked: InboundCall,
  code: string,
): Promise<void> {
  await inTransaction(own, async (tx) => {
    const inserted = await queries.insertCall(tx.db, {
      organizationId: route.organizationId,
      id: callId,
      kind: 'agent',
      route: carriedBy(route, asked),
      direction: 'inbound',
      fromNumber: asked.from,
      toNumber: asked.to,
      phoneNumberId: route.phoneNumberId,
      twilioAccountSid: asked.twilioAccountSid,
      twilioCallSid: asked.twilioCallSid,
    })
    if (!inserted) return
    const refused = { state: 'refused', reason: code, billingStatus: 'blocked' } as const
    await queries.updateCall(tx.db, route.organizationId, callId, { ...refused, costCents: 0 })
    await queries.updateCall(tx.db, route.organizationId, callId, {
      state: 'settled',
      billableSeconds: 0,
    })
  })
}
