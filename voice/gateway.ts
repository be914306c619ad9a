import { monitorEventLoopDelay } from 'node:perf_hooks'
import { type Context, forOrganization } from '#api/core/context.ts'
import type { Admission, LiveTicket, RunningCall } from '#api/domains/calls/service.ts'
import {
  callLimits,
  claimStream,
  endCall,
  findListener,
  renewLeases,
} from '#api/domains/calls/service.ts'
import { listTurnsOf } from '#api/domains/transcripts/service.ts'
import type { Turn } from '#contracts/transcripts'
import { Carriers } from './carriers.ts'
import type { Clock, Timer } from './clock.ts'
import type { Viewer } from './live/feed.ts'
import type { NoticeBook } from './notices.ts'
import { recoverPending } from './pending-recovery.ts'
import type { PendingSpool } from './pending-spool.ts'
import { RenewalPace } from './renewal-pace.ts'
import { Rounds } from './rounds.ts'
import { CallSession, type SessionDeps } from './session.ts'
import type { WireSocket } from './socket.ts'
import type { TapeCall } from './tape/format.ts'
import { TimelineWriter } from './timeline-writer.ts'
import { announcedIn, type TwilioStart } from './twilio/frames.ts'
import type { Verdict } from './twilio/gate.ts'

const ROUND_MS = 250 // each call is metered, and its levels are shown, four times a second
const ROUND_GROUPS = 10 // all calls at once would make every frame wait that comes meanwhile
const ROUNDS_A_METER = 4 // a console counts on by itself in between
const FLUSH_MS = 100 // turns reach the console this much later at most, in batches
const NOTES_MS = 1_000 // nobody waits for the timeline, so that many calls' notes gather
const VIEWER_CHECK_MS = 4_000 // THREATS T7: a removed member's socket closes within 5 s, the question included
const HANDOVER_STEP_MS = 3_000 // three times, of the 30 s that a shutdown has after its drain (THREATS F26)
const RECOVER_MS = 5_000 // what was left on disk; a database that is away is asked this often
const LOAD_WINDOW_MS = 1_000
const LOAD_SAMPLE_MS = 25 // each wakes the process; a delay worth shedding for is ten times as long
const PREFETCHED_URLS = 1_000 // one a call being set up; a URL that is never used is dropped by age
const PREFETCH_LIFE_MS = 60_000
const NEW_CALLS_SHARE = 0.9 // THREATS F12
const ANNOUNCEMENT_MS = 2_500 // of the four seconds that a stream may take to be let in
const EXPECTED_MS = 15_000 // an announcement and a connection; what has not come by then went to another gateway
const NONCES = 10_000 // tickets live 30 s; this many in that time is no human crowd

export const CLOSE_UNAUTHORIZED = 4401
export const CLOSE_DUPLICATE = 4409

export type GatewayDeps = {
  ctx: Context
  clock: Clock
  name: string
  /** Where browsers reach this very gateway, as a ws: or wss: address. */
  address: string
  notices: NoticeBook
  pending: PendingSpool
  settings: SessionDeps['settings']
  openTape(call: RunningCall): TapeCall
  /** The call's media on this gateway has ended and its records are written. */
  callOver(call: RunningCall): void
  openAgentSocket(
    url: string,
    signal: AbortSignal,
    /** A listener of the socket threw, which cost the socket. */
    onBroken: (error: unknown) => void,
  ): Promise<WireSocket>
  maxCalls: number
  /** Event-loop delay p99 above which no new call is taken (THREATS F12). */
  shedDelayMs: number
}

type Claimed = { call: RunningCall; claimedAtMs: number; earlier: Turn[] }

/** All calls of this process: takes them, meters them, keeps their leases, hands them over. */
export class Gateway {
  readonly carriers: Carriers
  readonly #deps: GatewayDeps
  readonly #timeline: TimelineWriter
  readonly #sessions = new Map<string, CallSession>()
  readonly #rounds: Rounds<CallSession>
  readonly #renewals = new RenewalPace()
  readonly #signedUrls = new Map<string, { url: Promise<string>; atMs: number }>()
  readonly #expected = new Map<string, number>()
  readonly #spentNonces = new Map<string, number>()
  readonly #claimed = new WeakMap<TwilioStart, Claimed>()
  readonly #dropped = new WeakMap<TwilioStart, { mayGoOn: boolean }>()
  readonly #delay: ReturnType<typeof monitorEventLoopDelay>
  readonly #timers: Timer[] = []
  #overloaded = false
  #draining = false
  #stopped = false
  #beating = false
  #isRecovering = false
  #emptied: (() => void) | null = null

  constructor(deps: GatewayDeps) {
    this.#deps = deps
    this.#rounds = new Rounds({
      groups: ROUND_GROUPS,
      roundMs: ROUND_MS,
      nowMs: deps.clock.nowMs(),
    })
    this.carriers = new Carriers(deps.ctx, deps.clock)
    this.#timeline = new TimelineWriter(deps.ctx)
    this.#delay = monitorEventLoopDelay({ resolution: LOAD_SAMPLE_MS })
    this.#delay.enable()
    this.#every(ROUND_MS / ROUND_GROUPS, () => this.#meterAndShow())
    this.#every(FLUSH_MS, () => this.#flush((session) => session.hasUrgentRecords))
    this.#every(NOTES_MS, () => this.#flush((session) => session.hasRecords))
    this.#every(callLimits.HEARTBEAT_SECONDS * 1000, () => this.#heartbeat())
    this.#every(VIEWER_CHECK_MS, () => this.#checkViewers())
    this.#every(LOAD_WINDOW_MS, () => this.#watchLoad())
    this.#every(RECOVER_MS, () => this.#recover())
    this.#recover()
  }

  get callCount(): number {
    return this.#sessions.size
  }
  /** How many calls are on their way here, running, and waiting to be settled. */
  get callsByState(): { expected: number; live: number; ending: number } {
    const ending = [...this.#sessions.values()].filter(({ isOver }) => isOver).length
    return { expected: this.expectedCount, live: this.callCount - ending, ending }
  }
  get viewerCount(): number {
    return [...this.#sessions.values()].reduce((sum, one) => sum + one.feed.viewers.length, 0)
  }
  /** Streams whose turns wait on disk, and those whose turns the database will not take. */
  get pendingFiles(): { waiting: number; setAside: number } {
    const { pending } = this.#deps
    return { waiting: pending.depth, setAside: pending.setAsideCount }
  }
  get isDraining(): boolean {
    return this.#draining
  }
  /** Calls that were let in, and whose media is still to come. */
  get expectedCount(): number {
    return this.#expected.size
  }
  /** Whether a new call may be taken now: the last tenth is for those that were let in before (THREATS F12). */
  get hasRoom(): boolean {
    return this.#takesMore(this.#deps.maxCalls * NEW_CALLS_SHARE)
  }
  /** Whether a call that was let in once, or that we placed, may go on here. */
  get hasRoomForAdmitted(): boolean {
    return this.#takesMore(this.#deps.maxCalls)
  }
  #takesMore(most: number): boolean {
    const taken = this.#sessions.size + this.#expected.size
    return !this.#draining && !this.#overloaded && taken < most
  }

  find(callId: string): CallSession | undefined {
    return this.#sessions.get(callId)
  }

  /** While Twilio connects, the agent's door is asked for: that saves a round trip before the first word. */
  prefetch(admission: Admission): void {
    this.#expected.set(admission.callId, this.#deps.clock.nowMs())
    void this.#deps.notices.prepare(admission.voiceId)
    if (this.#signedUrls.size >= PREFETCHED_URLS) return
    const url = this.#deps.ctx.vendors.elevenLabs.signedUrl(admission.elevenLabsAgentId)
    url.catch((error: unknown) => {
      this.#signedUrls.delete(admission.callId)
      this.#deps.ctx.log.warn({ err: error, callId: admission.callId }, 'no signed URL in advance')
    })
    this.#signedUrls.set(admission.callId, { url, atMs: this.#deps.clock.nowMs() })
  }

  /** Whether a media socket brings a good token. Spends it, and takes the call's lease. */
  async verifyStream(start: TwilioStart, from: 'carrier' | 'browser'): Promise<Verdict> {
    const { organizationId = '', callId = '', token = '' } = start.start.customParameters
    if (!isUuid(organizationId) || !isUuid(callId)) return '4401'
    // A carrier's call was let in when it rang; a browser has asked no gateway before.
    if (from === 'browser' && !this.hasRoom) return '1013'
    const claimed = await claimStream(this.#deps.ctx, {
      organizationId,
      callId,
      token,
      ...(from === 'browser'
        ? { twilioCallSid: null }
        : { twilioCallSid: start.start.callSid, signedBy: start.start.accountSid }),
      owner: this.#deps.name,
      address: this.#deps.address,
    })
    if (claimed === 'refused') return '4401'
    if (claimed === 'used') return '4409'
    const claimedAtMs = this.#deps.clock.nowMs()
    const [earlier, canAnnounce] = await Promise.all([
      this.#earlierTurns(claimed),
      announcedIn(start) !== 'not_yet' || this.#canAnnounce(claimed),
    ])
    const dropped = this.#dropped.get(start)
    if (dropped) this.#leaveUnstarted(claimed, dropped)
    else if (!canAnnounce && from === 'carrier') return '1011'
    else this.#claimed.set(start, { call: claimed, claimedAtMs, earlier })
    return 'ok'
  }

  /** Another gateway may have answered the webhook: what it had at hand is read or made here (THREATS T51). */
  async #canAnnounce({ voiceId, announcement }: RunningCall): Promise<boolean> {
    const { notices } = this.#deps
    if (announcement === null || notices.find(voiceId, announcement)) return true
    await this.#isWithin(notices.warm(voiceId, announcement), ANNOUNCEMENT_MS)
    return notices.find(voiceId, announcement) !== undefined
  }

  /** What was said before this stream: the agent goes on from there, and who watches sees all of it. */
  async #earlierTurns(call: RunningCall): Promise<Turn[]> {
    if (call.resumes === 0) return []
    try {
      return await listTurnsOf(forOrganization(this.#deps.ctx, call.organizationId), call.callId)
    } catch (error) {
      // The token is spent: a caller whose agent remembers nothing is better off than one who is cut off.
      this.#deps.ctx.log.warn({ err: error, callId: call.callId }, 'earlier turns were not read')
      return []
    }
  }

  /** Starts the call of a verified socket; gives back what takes its further frames. */
  openStream(start: TwilioStart, twilio: WireSocket): (data: Buffer, isBinary: boolean) => void {
    const verified = this.#claimed.get(start)
    if (!verified) throw new Error('a stream was opened that was not verified')
    this.#claimed.delete(start)
    const { call: claimed, claimedAtMs, earlier } = verified
    this.#expected.delete(claimed.callId)
    this.#sessions.get(claimed.callId)?.abandon('lease_lost')
    const { ctx, clock, notices, pending, settings } = this.#deps
    const session = new CallSession(
      {
        ctx,
        clock,
        notices,
        pending,
        timeline: this.#timeline,
        carriers: this.carriers,
        settings,
        renewals: this.#renewals,
        connectAgent: (call, attempt, signal) => this.#connectAgent(call, attempt, signal),
        closed: (over) => this.#forget(over),
      },
      claimed,
      {
        streamSid: start.streamSid,
        twilio,
        tape: this.#deps.openTape(claimed),
        announced: announcedIn(start),
        traceparent: start.start.customParameters.traceparent,
        claimedAtMs,
        earlier,
      },
    )
    this.#sessions.set(claimed.callId, session)
    this.#rounds.add(session)
    return session.handleTwilio
  }

  /**
   * A socket that went away after its token was spent leaves a call that nobody runs: it is ended, or `mayGoOn` with
   * the stream that the carrier asks for next.
   */
  dropStream(start: TwilioStart, how: { mayGoOn: boolean }): void {
    this.#dropped.set(start, how)
    const claimed = this.#claimed.get(start)
    if (claimed) this.#leaveUnstarted(claimed.call, how)
  }

  #leaveUnstarted(call: RunningCall, { mayGoOn }: { mayGoOn: boolean }): void {
    if (mayGoOn) return
    endCall(this.#deps.ctx, call, {
      reason: 'caller_hung_up',
      mediaSeconds: call.mediaSecondsBefore,
    }).catch((error: unknown) => {
      this.#deps.ctx.log.warn({ err: error, callId: call.callId }, 'left to the sweep')
    })
  }

  /** A console's ticket opens its socket once. */
  admitViewer(ticket: LiveTicket): CallSession | 'used' | 'gone' {
    if (this.#spentNonces.has(ticket.nonce)) return 'used'
    const session = this.#sessions.get(ticket.callId)
    if (!session || session.call.organizationId !== ticket.organizationId) return 'gone'
    if (this.#spentNonces.size >= NONCES) this.#forgetNonces()
    this.#spentNonces.set(ticket.nonce, ticket.expiresAt)
    return session
  }

  /** No new calls; resolves when the last one has ended, or hands over what is left at the deadline. */
  async drain(deadlineMs: number): Promise<void> {
    this.#draining = true
    if (this.#sessions.size === 0) return
    const emptied = new Promise<void>((resolve) => {
      this.#emptied = resolve
    })
    if (await this.#isWithin(emptied, deadlineMs)) return
    // How far each call is goes on record first: whoever takes it over bills from there.
    const renewed = this.#renewAll().catch((error: unknown) => {
      this.#deps.ctx.log.warn({ err: error }, 'leases could not be renewed before the handover')
    })
    await this.#isWithin(renewed, HANDOVER_STEP_MS)
    for (const session of [...this.#sessions.values()]) session.abandon('shutdown')
    if (await this.#isWithin(emptied, HANDOVER_STEP_MS)) return
    this.#deps.ctx.log.warn({ calls: this.#sessions.size }, 'records are left on disk')
    const left = Promise.all([...this.#sessions.values()].map((session) => session.giveUp()))
    await this.#isWithin(left, HANDOVER_STEP_MS)
  }

  async #isWithin(step: Promise<unknown>, ms: number): Promise<boolean> {
    const late = Promise.withResolvers<boolean>()
    const timer = this.#deps.clock.after(ms, () => late.resolve(false))
    const isDone = await Promise.race([step.then(() => true), late.promise])
    timer.cancel()
    return isDone
  }

  stop(): void {
    this.#stopped = true
    for (const timer of this.#timers) timer.cancel()
    this.#delay.disable()
  }

  /** Stores what was left on disk: by an earlier life that died, or by a call that gave up waiting. */
  #recover(): void {
    const { ctx, pending } = this.#deps
    if (this.#isRecovering || pending.leftovers.size === 0) return
    this.#isRecovering = true
    recoverPending(ctx, pending)
      .then((turns) => ctx.log.info({ turns }, 'turns that were left on disk are stored'))
      .catch((error: unknown) => {
        ctx.log.warn({ err: error }, 'turns that were left on disk could not be stored yet')
      })
      .finally(() => {
        this.#isRecovering = false
      })
  }

  async #connectAgent(
    call: RunningCall,
    attempt: number,
    signal: AbortSignal,
  ): Promise<WireSocket> {
    const prefetched = this.#signedUrls.get(call.callId)
    this.#signedUrls.delete(call.callId)
    const isFresh =
      attempt === 0 &&
      prefetched !== undefined &&
      this.#deps.clock.nowMs() - prefetched.atMs < PREFETCH_LIFE_MS
    const url = isFresh
      ? await prefetched.url
      : await this.#deps.ctx.vendors.elevenLabs.signedUrl(call.elevenLabsAgentId)
    signal.throwIfAborted()
    return await this.#deps.openAgentSocket(url, signal, (error) => {
      const ids = { callId: call.callId, organizationId: call.organizationId }
      this.#deps.ctx.log.error({ err: error, ...ids }, 'an agent socket broke by our own fault')
    })
  }

  #forget(session: CallSession): void {
    if (this.#sessions.get(session.call.callId) === session)
      this.#sessions.delete(session.call.callId)
    this.#rounds.delete(session)
    this.#deps.callOver(session.call)
    if (this.#sessions.size === 0) this.#emptied?.()
  }

  #meterAndShow(): void {
    const now = this.#deps.clock.nowMs()
    for (const { member: session, round } of this.#rounds.due(now)) {
      session.meter(now)
      const { feed } = session
      if (!feed.watched) continue
      feed.show({ type: 'levels', ...session.levels() })
      if (round % ROUNDS_A_METER !== 0) continue
      feed.show({ type: 'meter', seconds: session.mediaSeconds, costCents: session.costCents })
    }
  }

  #flush(isDue: (session: CallSession) => boolean): void {
    for (const session of this.#sessions.values()) {
      if (!isDue(session)) continue
      session.flushRecords().catch((error: unknown) => {
        this.#deps.ctx.log.error({ err: error, callId: session.call.callId }, 'records not written')
      })
    }
  }

  #heartbeat(): void {
    if (this.#beating) return
    this.#beating = true
    this.#renewAll()
      .catch((error: unknown) => {
        // Calls go on without a database; whoever takes one over raises the epoch, and then our writes fail.
        this.#deps.ctx.log.warn({ err: error }, 'leases could not be renewed')
      })
      .finally(() => {
        this.#beating = false
      })
  }

  async #renewAll(): Promise<void> {
    const byOrganization = Map.groupBy(
      // A call whose media is over is still ours until it is settled.
      [...this.#sessions.values()].filter((session) => session.keepsLease),
      (session) => session.call.organizationId,
    )
    const renewals = [...byOrganization].map(([organizationId, sessions]) =>
      this.#renew(organizationId, sessions),
    )
    // One organization's trouble is not another's.
    const failed = (await Promise.allSettled(renewals)).find((one) => one.status === 'rejected')
    if (failed) throw failed.reason
  }

  async #renew(organizationId: string, sessions: readonly CallSession[]): Promise<void> {
    const held = sessions.map((session) => ({
      callId: session.call.callId,
      epoch: session.call.epoch,
      mediaSeconds: Math.ceil(session.mediaSeconds),
    }))
    const kept = await renewLeases(this.#deps.ctx, organizationId, held)
    const byCall = new Map(kept.map((lease) => [lease.callId, lease]))
    for (const session of sessions) {
      const lease = byCall.get(session.call.callId)
      if (lease?.isEndAsked) session.finish('operator')
      else if (!lease && !session.isOver) session.abandon('lease_lost')
    }
  }

  #checkViewers(): void {
    const watched = [...this.#sessions.values()].flatMap((session) =>
      session.feed.viewers.map((viewer) => ({ session, viewer })),
    )
    // One who watches a wall of calls is asked about once.
    const byPerson = Map.groupBy(
      watched,
      ({ session, viewer }) => `${session.call.organizationId} ${viewer.userId}`,
    )
    for (const watching of byPerson.values()) {
      this.#checkViewer(watching).catch((error: unknown) => {
        this.#deps.ctx.log.warn({ err: error }, 'a viewer could not be checked')
      })
    }
  }

  async #checkViewer(watching: readonly { session: CallSession; viewer: Viewer }[]): Promise<void> {
    const [one] = watching
    if (!one) return
    const { organizationId } = one.session.call
    const may = await findListener(this.#deps.ctx, organizationId, one.viewer.userId)
    for (const { session, viewer } of watching) {
      if (may) viewer.showsCost = may.showsCost
      else {
        session.feed.leave(viewer)
        viewer.close(CLOSE_UNAUTHORIZED, 'you may not listen any more')
      }
    }
  }

  #watchLoad(): void {
    this.#overloaded = this.#delay.percentile(99) / 1e6 > this.#deps.shedDelayMs
    this.#delay.reset()
    const now = this.#deps.clock.nowMs()
    for (const [callId, { atMs }] of this.#signedUrls)
      if (now - atMs > PREFETCH_LIFE_MS) this.#signedUrls.delete(callId)
    for (const [callId, atMs] of this.#expected)
      if (now - atMs > EXPECTED_MS) this.#expected.delete(callId)
  }

  #forgetNonces(): void {
    const now = this.#deps.ctx.now().getTime()
    for (const [nonce, expiresAt] of this.#spentNonces)
      if (expiresAt < now) this.#spentNonces.delete(nonce)
  }

  #every(ms: number, run: () => void): void {
    let timer: Timer
    const again = () => {
      if (this.#stopped) return
      try {
        run()
      } catch (error) {
        this.#deps.ctx.log.error({ err: error }, 'a gateway timer failed')
      }
      timer = this.#deps.clock.after(ms, again)
    }
    timer = this.#deps.clock.after(ms, again)
    this.#timers.push({ cancel: () => timer.cancel() })
  }
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const isUuid = (text: string): boolean => UUID.test(text)
