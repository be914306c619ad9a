import type { Context } from '#api/core/context.ts'
import { forOrganization, inTransaction } from '#api/core/context.ts'
import { hashToken } from './admit.ts'
import { announcementFor } from './announcement.ts'
import { callStarted } from './events.ts'
import * as leases from './lease-queries.ts'
import { LEASE_SECONDS, MAX_CALL_SECONDS, TURNS_A_STREAM } from './limits.ts'
import * as queries from './queries.ts'

/** A call as the gateway that runs it needs to know it. */
export type RunningCall = {
  organizationId: string
  callId: string
  epoch: number
  /** Null where the caller is a browser: there is no carrier to limit, to ask or to go on with the call. */
  twilioCallSid: string | null
  /** The account it runs in; null where no carrier has it. */
  twilioAccountSid: string | null
  direction: 'inbound' | 'outbound'
  fromNumber: string
  toNumber: string
  /** What the agent is told about this call, beside what it is told about every one. */
  variables: Readonly<Record<string, string>>
  createdAt: Date
  /** How long ago the customer was answered when the stream was claimed, by the database's clock. */
  sinceLiveMs: number
  agentName: string
  elevenLabsAgentId: string
  voiceId: string
  prompt: string
  announcement: string | null
  /** The longest that the agent may talk, or any call last. */
  maxSeconds: number
  pricePerHourCents: number
  resumes: number
  /** Turn numbers, times and media seconds go on from here. */
  nextSeq: number
  timelineBeforeMs: number
  mediaSecondsBefore: number
  fundedSeconds: number
  slice: number
}

/**
 * Gives a media socket its call: the token is spent, the lease taken, the call live, in one transaction.
 * `refused` = the token fits no waiting call; `used` = somebody has the stream already.
 */
export function claimStream(
  ctx: Context,
  given: {
    organizationId: string
    callId: string
    token: string
    /** Null where the stream is a browser's. */
    twilioCallSid: string | null
    /** The account that signed for the stream; left out where no stream has to be believed. */
    signedBy?: string
    owner: string
    address: string
  },
): Promise<RunningCall | 'refused' | 'used'> {
  return inTransaction(forOrganization(ctx, given.organizationId), async (tx) => {
    const call = await queries.spendStreamToken(tx.db, given.organizationId, given.callId, {
      tokenHash: hashToken(given.token),
      twilioCallSid: given.twilioCallSid,
      signedBy: given.signedBy,
    })
    if (!call) {
      const known = await queries.findCall(tx.db, given.organizationId, given.callId)
      const fits = known?.streamTokenHash === hashToken(given.token)
      return fits && known?.streamTokenUsedAt ? 'used' : 'refused'
    }
    const facts = await queries.findCallToRun(tx.db, given.organizationId, given.callId)
    if (!facts?.elevenLabsAgentId || !facts.voiceId || facts.fundedSeconds === null)
      return 'refused'
    const lease = await leases.takeLease(tx.db, {
      organizationId: given.organizationId,
      callId: given.callId,
      owner: given.owner,
      address: given.address,
      seconds: LEASE_SECONDS,
    })
    if (call.state !== 'live') {
      await queries.updateCall(tx.db, given.organizationId, given.callId, {
        state: 'live',
        reason: 'media_started',
      })
      await tx.emit(callStarted, { organizationId: given.organizationId, callId: given.callId })
    }
    return {
      organizationId: given.organizationId,
      callId: given.callId,
      epoch: lease.epoch,
      twilioCallSid: given.twilioCallSid,
      twilioAccountSid: call.twilioAccountSid,
      direction: call.direction,
      fromNumber: call.fromNumber,
      toNumber: call.toNumber,
      variables: facts.variables ?? {},
      createdAt: call.createdAt,
      sinceLiveMs: facts.sinceLiveMs,
      agentName: facts.agentName ?? '',
      elevenLabsAgentId: facts.elevenLabsAgentId,
      voiceId: facts.voiceId,
      prompt: facts.prompt ?? '',
      announcement: announcementFor(call.direction, facts),
      maxSeconds: Math.min(facts.maxSeconds ?? MAX_CALL_SECONDS, MAX_CALL_SECONDS),
      pricePerHourCents: call.pricePerHourCents ?? 0,
      resumes: call.resumes,
      nextSeq: Math.max(facts.lastSeq + 1, (lease.epoch - 1) * TURNS_A_STREAM),
      // A gap between two gateways is part of the call's timeline, as it is of its recording.
      timelineBeforeMs: Math.max(facts.sinceLiveMs, facts.mediaSecondsBefore * 1000),
      mediaSecondsBefore: facts.mediaSecondsBefore,
      fundedSeconds: facts.fundedSeconds,
      slice: facts.slice ?? 1,
    }
  })
}

/** The agent's conversation of this call; a call that lost its agent has several, the last one counts. */
export async function linkConversation(
  ctx: Context,
  call: { organizationId: string; callId: string; epoch: number },
  conversationId: string,
): Promise<void> {
  await inTransaction(forOrganization(ctx, call.organizationId), async (tx) => {
    const lease = await leases.holdLease(tx.db, call.organizationId, call.callId, call.epoch)
    if (!lease) return
    await queries.updateCall(tx.db, call.organizationId, call.callId, {
      elevenLabsConversationId: conversationId,
    })
  })
}
