import type { Context } from '#api/core/context.ts'
import { type OpenSpan, openSpan } from '#api/core/tracing.ts'
import {
  callLimits,
  carrierLimitSeconds,
  endCall,
  extendSlice,
  type RunningCall,
} from '#api/domains/calls/service.ts'
import type { Turn as StoredTurn } from '#contracts/transcripts'
import {
  Bridge,
  type BridgeEvent,
  type BridgeNotices,
  type BridgeSummary,
  type EndReason,
  type Turn,
} from './bridge.ts'
import { CarrierLimit } from './carrier-limit.ts'
import type { Carriers } from './carriers.ts'
import type { Clock } from './clock.ts'
import { type HeldSocket, holdClose } from './held-socket.ts'
import { LiveFeed } from './live/feed.ts'
import { type NoticeBook, noticeTexts } from './notices.ts'
import type { PendingSpool } from './pending-spool.ts'
import { CallRecords } from './records.ts'
import type { RenewalPace } from './renewal-pace.ts'
import type { WireSocket } from './socket.ts'
import type { TapeCall } from './tape/format.ts'
import type { TimelineWriter } from './timeline-writer.ts'
import type { Announced } from './twilio/frames.ts'

const EXTEND_RETRY_MS = 2_000 // a wallet may be topped up, a database come back, while the last slice runs
// Twilio asks what comes next the moment its stream closes: by then the call must stand as ended, or it is resumed.
const HOLD_CLOSE_MS = 2_000
const SETTLE_RETRY_MS = 1_000
const SETTLE_TRIES = 600 // ten minutes; then the sweep settles from the last heartbeat
const NOTICE_MARGIN_MS = 500 // from the end of the spoken notice to the last funded second
const WARNING_SECONDS = 60 // before the last second there is money for (SPEC 2)
const WARN_NOT_BEFORE_SECONDS = 15 // the announcement and the greeting are heard out
const WARN_NOT_AFTER_SECONDS = 10 // before the end, where the farewell says it anyway
const BYTES_PER_MS = 8
// What an operator looks for in traces; the rest are ends somebody wanted.
const FAILED: ReadonlySet<EndReason> = new Set([
  'agent_lost',
  'agent_start_failed',
  'agent_silent',
  'media_idle',
  'protocol_violation',
  'internal_error',
])
const VENDOR_GRACE_SECONDS = 30 // the spoken end, and what ElevenLabs may count beyond media

export type SessionDeps = {
  ctx: Context
  clock: Clock
  notices: NoticeBook
  pending: PendingSpool
  timeline: TimelineWriter
  carriers: Pick<Carriers, 'ofCall'>
  settings: { sliceSeconds: number; minimumSliceSeconds: number; renewWhenLeftSeconds: number }
  renewals: RenewalPace
  connectAgent(call: RunningCall, attempt: number, signal: AbortSignal): Promise<WireSocket>
  /** The session is over and its records are written. */
  closed(session: CallSession): void
}

/** One call on this gateway: its bridge, its money, its records, its watchers. */
export class CallSession {
  readonly call: RunningCall
  readonly feed: LiveFeed
  readonly #deps: SessionDeps
  readonly #bridge: Bridge
  readonly #twilio: HeldSocket
  readonly #records: CallRecords
  readonly #turns: StoredTurn[]
  readonly #span: OpenSpan
  readonly #carrierLimit: CarrierLimit
  readonly #claimedAtMs: number
  #slice: number
  #fundedSeconds: number
  #extending = false
  #nextExtendAtMs = 0
  #exhausted = false
  /** The last second there is money for, as far as the wallet said; null while nobody knows. */
  #lastSecond: number | null = null
  #warning: 'none' | 'asked' | 'said' = 'none'
  #databaseAwaySinceMs: number | null = null
  #finishing = false
  #over: BridgeSummary | null = null
  #handedOver = false
  #settled = false
  #isGivenUp = false

  constructor(
    deps: SessionDeps,
    call: RunningCall,
    media: {
      streamSid: string
      twilio: WireSocket
      tape: TapeCall
      announced: Announced
      /** Of the session's clock, when the call became ours. */
      claimedAtMs: number
      /** What was said before this stream. */
      earlier: readonly StoredTurn[]
      /** Of the webhook that this stream comes from, where traces are sent. */
      traceparent: string | undefined
    },
  ) {
    this.call = call
    this.#deps = deps
    this.feed = new LiveFeed(deps.clock, call.epoch)
    this.#turns = [...media.earlier]
    this.#claimedAtMs = media.claimedAtMs
    this.#fundedSeconds = call.fundedSeconds
    this.#slice = call.slice
    this.#span = openSpan('call', {
      kind: 'call',
      traceparent: media.traceparent,
      facts: {
        'voxcalls.call_id': call.callId,
        'voxcalls.organization_id': call.organizationId,
        'voxcalls.direction': call.direction,
        'voxcalls.resumes': call.resumes,
      },
    })
    this.#records = new CallRecords(
      deps.ctx,
      call,
      { spool: deps.pending, timeline: deps.timeline, clock: deps.clock },
      {
        committed: (turns) => this.#show(turns),
        pending: ({ speaker, text }) => this.feed.show({ type: 'tentative', speaker, text }),
      },
    )
    this.#carrierLimit = new CarrierLimit(
      deps.clock,
      (mediaSecond) => this.#limitCarrier(mediaSecond),
      {
        refused: (error) => this.#limitRefused(error),
        taken: () => this.#noteDown('carrier.limit_moved', { fundedSeconds: this.#fundedSeconds }),
      },
    )
    this.#twilio = holdClose(media.twilio, deps.clock, HOLD_CLOSE_MS)
    this.#bridge = new Bridge({
      callId: call.callId,
      streamSid: media.streamSid,
      twilio: this.#twilio,
      clock: deps.clock,
      connectAgent: (attempt, signal) =>
        this.#span.within(() => deps.connectAgent(call, attempt, signal)),
      initiation: (_attempt, history) => this.#initiation(history),
      tape: media.tape,
      notices: this.#spokenNotices(),
      takesText: call.twilioCallSid === null,
      failed: (error) => {
        const ids = { callId: call.callId, organizationId: call.organizationId }
        deps.ctx.log.error({ err: error, ...ids }, 'a call failed by our own fault')
      },
      listener: {
        ready: (info) => this.#agentReady(info.conversationId, info.attempt, info.sinceStartMs),
        turn: (turn) => this.#records.addTurn(this.#onCallTimeline(turn)),
        tentative: (heard) => this.feed.show({ type: 'tentative', ...heard }),
        event: (event) => this.#note(event),
        ended: (summary) => {
          this.#ended(summary).catch((error: unknown) => {
            deps.ctx.log.error({ err: error, callId: call.callId }, 'a call did not end properly')
          })
        },
      },
    })
    this.#bridge.start()
    this.#awaitNotices()
    const announcement = call.announcement
      ? deps.notices.find(call.voiceId, call.announcement)
      : undefined
    if (call.announcement !== null && media.announced === 'by_carrier')
      this.#noteDown('announcement', { outcome: 'heard', by: 'carrier' })
    else if (announcement && media.announced === 'not_yet')
      void this.#bridge
        .playNotice(announcement, 'announcement')
        .then((outcome) => this.#noteDown('announcement', { outcome }))
    this.#noteDown('media.started', { resumes: call.resumes, epoch: call.epoch })
    this.#carrierLimit.moveTo(this.#fundedSeconds)
  }

  #spokenNotices(): BridgeNotices {
    const reconnecting = this.#deps.notices.find(this.call.voiceId, noticeTexts.reconnecting)
    const farewell = this.#deps.notices.find(this.call.voiceId, noticeTexts.farewell)
    return { ...(reconnecting && { reconnecting }), ...(farewell && { farewell }) }
  }

  /** A voice's first call begins before its notices are spoken, and may need them before it ends. */
  #awaitNotices(): void {
    const known = Object.keys(this.#spokenNotices()).length
    void this.#deps.notices.prepare(this.call.voiceId).then(() => {
      const notices = this.#spokenNotices()
      if (Object.keys(notices).length > known) this.#bridge.takeNotices(notices)
    })
  }

  /** Media seconds of the call, over all its streams. */
  get mediaSeconds(): number {
    return this.call.mediaSecondsBefore + this.#bridge.mediaMs / 1000
  }

  get costCents(): number {
    const seconds = Math.min(Math.ceil(this.mediaSeconds), this.#fundedSeconds)
    return Math.ceil((this.call.pricePerHourCents * seconds) / 3600)
  }

  get turns(): readonly StoredTurn[] {
    return this.#turns
  }

  get isOver(): boolean {
    return this.#over !== null
  }

  /** Whether the call is ours to end: it runs here, or waits here for a database that takes its end. */
  get keepsLease(): boolean {
    return !this.#handedOver && !this.#settled && !this.#mayResume(this.#over)
  }

  readonly handleTwilio = (data: Buffer, isBinary = false): void =>
    this.#bridge.handleTwilio(data, isBinary)

  levels(): { customer: number; agent: number } {
    return this.#bridge.levels()
  }

  /** Called a few times a second: renews what is paid for, and ends what is not. */
  meter(nowMs: number): void {
    if (this.#over) return
    this.#carrierLimit.retry()
    if (this.#finishing) return
    const used = this.mediaSeconds
    const { renewals, settings } = this.#deps
    const { renewWhenLeftSeconds } = settings
    if (used >= this.call.maxSeconds) {
      this.finish('max_duration')
      return
    }
    const left = this.#fundedSeconds - used
    if (this.#isRenewalDue(left, nowMs) && renewals.mayAsk(left, renewWhenLeftSeconds, nowMs))
      void this.#extend(nowMs)
    this.#warn(used, nowMs)
    const grace = this.#databaseAwaySinceMs === null ? 0 : callLimits.DATABASE_AWAY_GRACE_SECONDS
    if (!this.#exhausted && grace === 0 && left > 0) return
    const notice = this.#deps.notices.find(this.call.voiceId, noticeTexts.fundsExhausted)
    const noticeMs = (notice ? notice.length / BYTES_PER_MS : 0) + NOTICE_MARGIN_MS
    if ((left + grace) * 1000 <= noticeMs) this.finish('funds_exhausted')
  }

  #isRenewalDue(leftSeconds: number, nowMs: number): boolean {
    const isLeft = leftSeconds <= this.#deps.settings.renewWhenLeftSeconds
    return isLeft && !this.#extending && nowMs >= this.#nextExtendAtMs
  }

  /**
   * Tells the caller once that the call is about to end. Money may have come since the wallet was asked, so it is
   * asked again first; whoever is funded again is told again when that ends too.
   */
  #warn(used: number, nowMs: number): void {
    if (this.#extending) return
    if (this.#lastSecond === null || this.#lastSecond - used > WARNING_SECONDS) {
      this.#warning = 'none'
      return
    }
    if (used < WARN_NOT_BEFORE_SECONDS || this.#lastSecond - used < WARN_NOT_AFTER_SECONDS) return
    if (this.#warning === 'none') {
      this.#warning = 'asked'
      void this.#extend(nowMs)
      return
    }
    if (this.#warning === 'said') return
    this.#warning = 'said'
    const notice = this.#deps.notices.find(this.call.voiceId, noticeTexts.fundsLow)
    const leftSeconds = Math.round(this.#lastSecond - used)
    this.#noteDown('funds.warning', { leftSeconds, spoken: notice !== undefined })
    if (notice) void this.#bridge.playNotice(notice, 'funds-low')
  }

  /** Ends the call politely: says why where there is something to say, then hangs up. */
  finish(reason: EndReason): void {
    if (this.#finishing || this.#over) return
    this.#finishing = true
    const text =
      reason === 'funds_exhausted'
        ? noticeTexts.fundsExhausted
        : reason === 'max_duration'
          ? noticeTexts.maxDuration
          : null
    this.#bridge.finish(reason, text ? this.#deps.notices.find(this.call.voiceId, text) : undefined)
  }

  /** Another process runs the call now: stop without touching money or carrier. */
  abandon(reason: 'lease_lost' | 'shutdown'): void {
    this.#handedOver = true
    this.#bridge.end(reason)
  }

  /** Waits for the database no longer: what is not written stays on disk. */
  async giveUp(): Promise<void> {
    this.#isGivenUp = true
    await this.#records.leave()
  }

  get hasRecords(): boolean {
    return this.#records.waiting
  }

  get hasUrgentRecords(): boolean {
    return this.#records.isUrgent
  }

  async flushRecords(): Promise<void> {
    await this.#records.flush()
  }

  async #extend(nowMs: number): Promise<void> {
    this.#extending = true
    try {
      const next = {
        slice: this.#slice + 1,
        totalSeconds: this.#fundedSeconds + this.#deps.settings.sliceSeconds,
        minimumSeconds: this.#deps.settings.minimumSliceSeconds,
      }
      const extension = await extendSlice(this.#deps.ctx, this.call, next)
      this.#databaseAwaySinceMs = null
      if (extension.outcome === 'extended') {
        this.#slice = next.slice
        this.#fundedSeconds = extension.fundedSeconds
        this.#lastSecond = extension.affordableSeconds
        this.#exhausted = false
        this.#noteDown('slice.extended', {
          slice: next.slice,
          fundedSeconds: extension.fundedSeconds,
        })
        this.#carrierLimit.moveTo(this.#fundedSeconds)
      } else if (extension.outcome === 'exhausted') {
        if (!this.#exhausted) this.#noteDown('funds.low', { fundedSeconds: this.#fundedSeconds })
        this.#exhausted = true
        this.#lastSecond = this.#fundedSeconds
        this.#nextExtendAtMs = nowMs + EXTEND_RETRY_MS
      } else if (extension.outcome === 'organization_paused') this.finish('organization_paused')
      else this.abandon('lease_lost')
    } catch (error) {
      this.#nextExtendAtMs = nowMs + EXTEND_RETRY_MS
      if (this.#databaseAwaySinceMs === null) {
        this.#databaseAwaySinceMs = nowMs
        this.#deps.ctx.log.warn(
          { err: error, callId: this.call.callId },
          'a slice could not be renewed',
        )
        this.#carrierLimit.moveTo(this.#fundedSeconds + callLimits.DATABASE_AWAY_GRACE_SECONDS)
      }
    } finally {
      this.#extending = false
    }
  }

  /** The carrier counts from the answer, we count media: what is still left of it is added to the carrier's clock. */
  async #limitCarrier(mediaSecond: number): Promise<void> {
    const { twilioCallSid } = this.call
    if (twilioCallSid === null) return
    const sinceAnswer =
      (this.call.sinceLiveMs + this.#deps.clock.nowMs() - this.#claimedAtMs) / 1000
    const left = mediaSecond - this.mediaSeconds
    const limit = Math.max(1, Math.ceil(carrierLimitSeconds(sinceAnswer + left)))
    const carrier = await this.#deps.carriers.ofCall(this.call)
    await carrier.setTimeLimit(twilioCallSid, limit)
  }

  #limitRefused(error: unknown): void {
    const { callId } = this.call
    this.#deps.ctx.log.warn({ err: error, callId }, 'the carrier limit was not moved')
    this.#noteDown('carrier.limit_not_moved', { fundedSeconds: this.#fundedSeconds })
  }

  #agentReady(conversationId: string, attempt: number, sinceStartMs: number): void {
    this.#noteDown('agent.ready', {
      attempt,
      sinceStartMs: Math.round(sinceStartMs),
      conversationId,
    })
    this.#records.addConversation(conversationId)
  }

  #initiation(history: readonly Turn[]): object {
    const earlier = [
      ...this.#turns.map((turn) => ({ speaker: turn.speaker, text: turn.heardText ?? turn.text })),
      ...history,
    ]
    // An agent of whom nothing was heard yet begins as ever.
    const isContinuation = earlier.length > 0
    const agent = isContinuation
      ? {
          first_message: noticeTexts.resumed,
          prompt: { prompt: `${this.call.prompt}\n\n${contextOf(earlier)}` },
        }
      : undefined
    return {
      type: 'conversation_initiation_client_data',
      conversation_config_override: {
        ...(agent && { agent }),
        // Above our own limit, which says goodbye first.
        conversation: {
          max_duration_seconds: Math.min(
            this.call.maxSeconds + VENDOR_GRACE_SECONDS,
            callLimits.MAX_CALL_SECONDS,
          ),
        },
      },
      dynamic_variables: {
        ...this.call.variables,
        call_id: this.call.callId,
        call_sid: this.call.twilioCallSid ?? '',
        // The customer's, also where it was we who called.
        caller_number:
          this.call.direction === 'inbound' ? this.call.fromNumber : this.call.toNumber,
      },
      user_id: this.call.organizationId,
    }
  }

  #onCallTimeline(turn: Turn): StoredTurn {
    const offsetMs = this.call.timelineBeforeMs
    return {
      seq: this.call.nextSeq + turn.seq,
      speaker: turn.speaker,
      text: turn.text,
      heard: turn.heard,
      heardText: turn.heardText ?? null,
      startMs: Math.round(turn.startMs) + offsetMs,
      endMs: Math.max(Math.round(turn.startMs), Math.round(turn.endMs)) + offsetMs,
    }
  }

  #show(turns: readonly StoredTurn[]): void {
    for (const turn of turns) {
      const known = this.#turns.findIndex((one) => one.seq === turn.seq)
      if (known >= 0) this.#turns[known] = turn
      else this.#turns.push(turn)
      this.feed.publish({ type: 'turn', turn })
    }
  }

  #note(event: BridgeEvent): void {
    this.#noteDown(event.kind, { atMs: Math.round(event.atMs), ...event.data })
    this.feed.publish({
      type: 'event',
      kind: event.kind,
      atMs: Math.round(event.atMs),
      data: event.data ?? {},
    })
  }

  async #ended(summary: BridgeSummary): Promise<void> {
    this.#over = summary
    this.#noteDown('media.ended', { ...summary })
    const mayResume = this.#handedOver || this.#mayResume(summary)
    if (mayResume) this.#twilio.letGo()
    try {
      await this.#span.within(() => this.#writeWhatIsLeft(mayResume ? null : summary))
    } finally {
      this.#endSpan(summary)
      this.#twilio.letGo()
      this.#settled = true
      if (mayResume) this.feed.move()
      else this.feed.end(summary.reason)
      this.#deps.closed(this)
    }
  }

  #noteDown(kind: string, data?: Record<string, unknown>): void {
    this.#records.addNote(kind, data)
    this.#span.note(kind)
  }

  #endSpan(summary: BridgeSummary): void {
    this.#span.set({
      'voxcalls.end_reason': summary.reason,
      'voxcalls.media_ms': Math.round(summary.mediaMs),
      'voxcalls.interruptions': summary.interruptions,
      'voxcalls.agent_reconnects': summary.agentReconnects,
      'voxcalls.dropped_frames': summary.upDropped,
    })
    if (FAILED.has(summary.reason)) this.#span.fail(summary.reason)
    this.#span.end()
  }

  /** A stream that broke may be the carrier's hiccup: it asks what comes next, and the call goes on elsewhere. */
  #mayResume(over: BridgeSummary | null): boolean {
    return over?.reason === 'stream_lost' && this.call.twilioCallSid !== null
  }

  async #writeWhatIsLeft(settle: BridgeSummary | null): Promise<void> {
    for (let tries = 0; tries < SETTLE_TRIES && !this.#isGivenUp; tries++) {
      if (await this.#records.flush()) {
        if (!settle || (await this.#settle(settle))) return
      }
      await new Promise<void>((resolve) => this.#deps.clock.after(SETTLE_RETRY_MS, resolve))
    }
    if (!this.#isGivenUp) await this.giveUp()
  }

  async #settle(summary: BridgeSummary): Promise<boolean> {
    try {
      const mediaSeconds = this.call.mediaSecondsBefore + summary.mediaMs / 1000
      await endCall(this.#deps.ctx, this.call, { reason: summary.reason, mediaSeconds })
      return true
    } catch (error) {
      this.#deps.ctx.log.warn(
        { err: error, callId: this.call.callId },
        'a call could not be settled yet',
      )
      return false
    }
  }
}

const MAX_CONTEXT_CHARACTERS = 8_000 // the last few minutes of a call; the model's window is not the limit, delay is

function contextOf(history: readonly { speaker: string; text: string }[]): string {
  const lines = history.map(
    (turn) => `${turn.speaker === 'agent' ? 'You' : 'Caller'}: ${turn.text}`,
  )
  return `The connection was lost for a moment. Do not greet again. What was said so far:\n${lines.join('\n').slice(-MAX_CONTEXT_CHARACTERS)}`
}
