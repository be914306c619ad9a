import { type ConversationHooks, onAgentMessage } from './agent/conversation.ts'
import { AudioShape } from './agent/frames.ts'
import { AgentLink } from './agent/link.ts'
import { parseAgentMessage } from './agent/messages.ts'
import { MediaTimeline } from './audio/timeline.ts'
import {
  BRIDGE_LIMITS,
  type BridgeEvent,
  type BridgeLimits,
  type BridgeNotices,
  type BridgeOptions,
  type BridgeSummary,
  type EndReason,
} from './bridge-types.ts'
import { CallClock } from './call-clock.ts'
import { Counts } from './counts.ts'
import { Ear } from './ear.ts'
import { Outbox } from './outbox.ts'
import type { WireSocket } from './socket.ts'
import { type NoticeOutcome, Speaker } from './speaker.ts'
import { tapeKind } from './tape/format.ts'
import { Turns } from './turns.ts'
import { FloodMeter } from './twilio/flood-meter.ts'
import { MediaShape, markName, parseTwilioFrame, TwilioWriter } from './twilio/frames.ts'

export type * from './bridge-types.ts'

const TICK_MS = 250 // a quarter of a second of error is little against limits of seconds
const TICK_GROUPS = 10
const PING_MS = 15_000 // T18; keeps address translators on the way from forgetting a quiet socket
const FINISH_MS = 2_000 // a call that ends for want of money ends this soon
// Twilio's stamps decide what a call costs; they may not run ahead of our own clock by more than this.
const STAMP_SLACK_MS = 1_000
const NORMAL_CLOSE = 1000
const UNSUPPORTED_CLOSE = 1003
const POLICY_CLOSE = 1008
const TOO_BIG_CLOSE = 1009
const IS_BINARY = 1
const MAX_CONVERSATION_IDS = 32 // reconnects are few; a vendor that repeats its metadata is not followed for ever

/**
 * One live call: the caller's media stream, the agent's conversation, a clock, an end.
 *
 * Every input (frame, close, timer, command) enters through the call's clock and goes to the tape before it is acted
 * upon; nothing else decides what is sent. The ear carries the caller to the agent, the speaker the agent to the caller.
 */
export class Bridge {
  #options: BridgeOptions
  #limits: BridgeLimits
  #twilio: WireSocket
  #clock: CallClock
  #timeline = new MediaTimeline()
  #media: MediaShape
  #audio = new AudioShape()
  #ear: Ear
  #speaker: Speaker
  #link: AgentLink
  #turns: Turns
  #outbox: Outbox
  #flood: FloodMeter
  #counts = new Counts()
  #conversation: ConversationHooks
  #notices: BridgeNotices

  #startMs = 0
  #phaseMs = 0
  #firstMediaMs = -1
  #lastMediaMs = 0
  #lastAgentMs = 0
  #lastPingMs = 0
  /** An agent's answer is due: the caller's turn has come and no audio since. */
  #isAnswerDue = false
  /** The caller's turn that was not answered yet, and when it ended. */
  #question: { by: 'speech' | 'text'; endedMs: number } | undefined
  #malformed = 0
  #interruptions = 0
  #reconnects = 0
  #conversationIds: string[] = []
  /** The agent's socket, from its opening; live only once its metadata is in. */
  #agent: WireSocket | undefined
  #isLost = false
  #lostBySilence = false
  #finishing: EndReason | undefined
  #ended: EndReason | undefined

  constructor(options: BridgeOptions) {
    this.#options = options
    this.#twilio = options.twilio
    this.#notices = options.notices
    const limits = { ...BRIDGE_LIMITS, ...options.limits }
    this.#limits = limits
    const clock = new CallClock(options.clock, options.tape)
    this.#clock = clock
    this.#flood = new FloodMeter(clock.nowMs)
    const after = (ms: number, run: () => void) => clock.after(ms, run)
    this.#outbox = new Outbox(options.listener, after, () => this.#counts.add('listener failed'))
    this.#turns = new Turns({
      turn: (turn) => this.#outbox.put({ turn }),
      wordless: (startMs, endMs) => this.#event('agent-wordless', { startMs, endMs }),
    })
    this.#media = new MediaShape(options.streamSid)
    this.#ear = new Ear({ clock, timeline: this.#timeline, limits, media: this.#media })
    this.#speaker = new Speaker({
      twilio: options.twilio,
      writer: new TwilioWriter(options.streamSid),
      clock,
      timeline: this.#timeline,
      turns: this.#turns,
      limits,
    })
    this.#conversation = this.#conversationHooks()
    this.#link = new AgentLink(limits, {
      connect: (attempt, signal) => this.#connect(attempt, signal),
      after,
      nowMs: () => clock.nowMs,
      opened: (socket, attempt) => this.#agentOpened(socket, attempt),
      message: (data) => this.#handleAgent(data),
      closed: (code) => this.#agentClosed(code),
      tryFailed: (attempt, why) => this.#tryFailed(attempt, why),
      lost: (why) => this.#agentLost(why),
      hungUp: () => this.#agentHungUp(),
      gaveUp: () => this.#agentGaveUp(),
    })
  }

  start(): void {
    const clock = this.#clock
    clock.enter()
    this.#startMs = clock.nowMs
    this.#phaseMs = (Math.floor(clock.nowMs) % TICK_GROUPS) * (TICK_MS / TICK_GROUPS)
    this.#lastMediaMs = clock.nowMs
    this.#lastPingMs = clock.nowMs
    clock.record(tapeKind.setup, 0, json(this.#setup()))
    this.#twilio.onClose((code) => this.#twilioClosed(code))
    this.#armTick()
    this.#link.start()
  }

  /** A message of the media stream, after its `start`. */
  handleTwilio(data: Buffer, isBinary = false): void {
    if (this.#ended) return
    this.#clock.enter()
    try {
      if (isBinary || data.length > this.#limits.messageBytes) {
        this.#refuse(data, isBinary ? UNSUPPORTED_CLOSE : TOO_BIG_CLOSE)
        return
      }
      if (!this.#flood.take(this.#clock.nowMs)) {
        this.#refuse(data, POLICY_CLOSE)
        return
      }
      if (!this.#media.read(data)) {
        this.#twilioControl(data)
        return
      }
      const { payloadStart, payloadEnd, timestampMs, outbound } = this.#media
      // Only a stream of both tracks has these, and the agent's calls have one.
      if (outbound) this.#clock.record(tapeKind.twilioIn, 0, data)
      else this.#customerAudio(data, data, payloadStart, payloadEnd, timestampMs)
    } catch (error) {
      this.#failed(error)
    }
  }

  /** Milliseconds of the caller's media since its first frame; never falls. */
  get mediaMs(): number {
    if (this.#firstMediaMs < 0) return 0
    const elapsedMs = this.#lastMediaMs - this.#firstMediaMs
    return Math.round(Math.min(this.#timeline.mediaMs, elapsedMs + STAMP_SLACK_MS))
  }

  /** Loudness of either side just now, 0 to 1. */
  levels(): { customer: number; agent: number } {
    return { customer: this.#ear.level, agent: this.#speaker.level }
  }

  /** Speech that was not at hand yet when the call began. */
  takeNotices(notices: BridgeNotices): void {
    if (this.#ended) return
    this.#command({ command: 'notices', ...spoken(notices) })
    this.#notices = notices
  }

  /** Silences the agent, plays the notice, then lets the agent go on. */
  playNotice(audio: Uint8Array, name: string): Promise<NoticeOutcome> {
    return new Promise((resolve) => {
      if (this.#ended || this.#finishing) return resolve('cut')
      this.#command({ command: 'notice', name, audio: base64(audio) })
      this.#event('notice', { name })
      this.#speaker.playNotice(audio, (outcome) => {
        this.#event('notice-over', { name, outcome })
        resolve(outcome)
      })
    })
  }

  /** Ends politely: what the caller is to hear is played first, for as long as that may take. */
  finish(reason: EndReason, notice?: Uint8Array): void {
    if (this.#ended || this.#finishing) return
    this.#command({ command: 'finish', reason, ...(notice && { audio: base64(notice) }) })
    this.#finish(reason, notice)
  }

  end(reason: EndReason): void {
    if (this.#ended) return
    this.#command({ command: 'end', reason })
    this.#end(reason)
  }

  // ---- the caller's side

  #customerAudio(raw: Buffer, source: Buffer, start: number, end: number, stampMs: number): void {
    const { nowMs } = this.#clock
    if (this.#firstMediaMs < 0) this.#firstMediaMs = nowMs
    this.#lastMediaMs = nowMs
    this.#ear.customerAudio(raw, source, start, end, stampMs)
  }

  #twilioControl(data: Buffer): void {
    const returned = markName(data)
    if (returned !== undefined) {
      this.#clock.record(tapeKind.twilioIn, 0, data)
      this.#markReturned(returned)
      return
    }
    const frame = parseTwilioFrame(data)
    if (frame?.event === 'media' && frame.media.track === 'inbound') {
      this.#counts.add('media of an odd shape')
      const payload = Buffer.from(frame.media.payload, 'latin1')
      this.#customerAudio(data, payload, 0, payload.length, frame.media.timestamp)
      return
    }
    this.#clock.record(tapeKind.twilioIn, 0, data)
    if (!frame) {
      this.#malformed++
      if (this.#malformed > this.#limits.malformedFrames)
        this.#end('protocol_violation', UNSUPPORTED_CLOSE)
      return
    }
    switch (frame.event) {
      case 'mark':
        this.#markReturned(frame.mark.name)
        break
      case 'dtmf':
        this.#event('dtmf', { digit: frame.dtmf.digit })
        this.#ear.keyPressed(frame.dtmf.digit)
        break
      case 'typing':
        if (this.#options.takesText) this.#ear.typing()
        else this.#countUnknown('twilio typing')
        break
      case 'text':
        if (this.#options.takesText) this.#customerTyped(frame.text)
        else this.#countUnknown('twilio text')
        break
      case 'stop':
        this.#end(this.#finishing ?? 'caller_hung_up')
        break
      case 'media':
        break
      case 'unknown':
        this.#countUnknown(`twilio ${frame.name}`)
        break
      default:
        this.#counts.add(`twilio ${frame.event} again`)
    }
  }

  #customerTyped(text: string): void {
    if (!this.#ear.typed(text)) {
      this.#counts.add('typed to nobody')
      return
    }
    const atMs = this.#atMs
    this.#turns.customer(text, atMs, atMs, undefined)
    this.#isAnswerDue = true
    this.#question = { by: 'text', endedMs: atMs }
  }

  /**
   * What was spoken is answered by sound; what was typed by words, since sound of the utterance that it interrupts may
   * still be on its way.
   */
  #answered(by: 'speech' | 'text'): void {
    const question = this.#question
    if (question?.by !== by) return
    this.#question = undefined
    const latencyMs = Math.max(0, Math.round(this.#atMs - question.endedMs))
    this.#event('agent-answered', { latencyMs, to: by })
  }

  #markReturned(name: string): void {
    if (!this.#speaker.markReturned(name)) {
      this.#counts.add('mark nobody waits for')
      return
    }
    // Twilio answers our own marks, all at once after a clear: that is no flood.
    this.#flood.refund()
    if (this.#finishing && this.#speaker.isDrained) this.#end(this.#finishing)
  }

  #refuse(data: Buffer, code: number): void {
    const arg = code === UNSUPPORTED_CLOSE ? IS_BINARY : 0
    this.#clock.record(tapeKind.twilioIn, arg, data.subarray(0, this.#limits.messageBytes + 1))
    this.#end('protocol_violation', code)
  }

  #twilioClosed(code: number): void {
    if (this.#ended) return
    this.#clock.enter()
    this.#clock.record(tapeKind.twilioClosed, code)
    this.#end(this.#finishing ?? 'stream_lost')
  }

  // ---- the agent's side

  async #connect(attempt: number, signal: AbortSignal): Promise<WireSocket> {
    try {
      return await this.#options.connectAgent(attempt, signal)
    } finally {
      this.#clock.enter()
    }
  }

  #agentOpened(socket: WireSocket, attempt: number): void {
    this.#clock.record(tapeKind.agentOpened, attempt)
    this.#agent = socket
    const initiation = this.#options.initiation(attempt, this.#turns.history())
    this.#ear.tell(socket, JSON.stringify(initiation))
  }

  #handleAgent(data: Buffer): void {
    if (this.#ended) return
    this.#clock.enter()
    this.#lastAgentMs = this.#clock.nowMs
    try {
      if (!this.#audio.read(data)) {
        this.#agentControl(data)
        return
      }
      const { payloadStart, payloadEnd, eventId } = this.#audio
      this.#agentAudio(data, data, payloadStart, payloadEnd, eventId)
    } catch (error) {
      this.#failed(error)
    }
  }

  #agentAudio(raw: Buffer, source: Buffer, start: number, end: number, eventId: number): void {
    this.#isAnswerDue = false
    this.#answered('speech')
    this.#speaker.agentAudio(raw, source, start, end, eventId)
  }

  #agentControl(data: Buffer): void {
    const read = parseAgentMessage(data)
    const message = read && 'message' in read ? read.message : undefined
    if (message?.type === 'audio' && message.audio_event.audio_base_64 !== '') {
      this.#oddAudio(data, message.audio_event)
      return
    }
    this.#clock.record(tapeKind.agentIn, 0, data)
    if (message?.type === 'audio') this.#counts.add('audio without sound')
    else if (message) onAgentMessage(message, this.#turns, this.#conversation)
    else if (read && 'counted' in read) this.#countUnknown(read.counted)
    else this.#counts.add('malformed message')
  }

  #oddAudio(data: Buffer, audio: { audio_base_64: string; event_id: number }): void {
    this.#counts.add('audio of an odd shape')
    const payload = Buffer.from(audio.audio_base_64, 'latin1')
    this.#agentAudio(data, payload, 0, payload.length, audio.event_id)
  }

  #conversationHooks(): ConversationHooks {
    return {
      toAgent: (text) => {
        if (this.#agent) this.#ear.tell(this.#agent, text)
      },
      interrupt: (eventId) => this.#interrupt(eventId),
      live: (conversationId) => this.#agentLive(conversationId),
      wrongFormat: (format) => {
        this.#event('agent-wrong-format', { format })
        this.#end('agent_start_failed')
      },
      customerSaid: (text, eventId) => {
        const { startMs, endMs } = this.#ear.speech.take(this.#atMs)
        this.#turns.customer(text, startMs, endMs, eventId)
        this.#isAnswerDue = true
        this.#question = { by: 'speech', endedMs: endMs }
      },
      agentSaid: () => this.#answered('text'),
      tentative: (speaker, text) => this.#outbox.tentative(speaker, text),
      event: (kind, data) => this.#event(kind, data),
      atMs: () => this.#atMs,
    }
  }

  #interrupt(eventId: number): void {
    this.#speaker.interrupt(eventId)
    this.#turns.interrupted()
    this.#interruptions++
    this.#event('interruption', { eventId })
  }

  #agentLive(conversationId: string): void {
    if (this.#link.live || !this.#agent) {
      this.#counts.add('metadata again')
      return
    }
    this.#link.becameLive()
    this.#lastAgentMs = this.#clock.nowMs
    if (this.#conversationIds.length < MAX_CONVERSATION_IDS)
      this.#conversationIds.push(conversationId)
    const { attempt } = this.#link
    const sinceStartMs = Math.round(this.#clock.nowMs - this.#startMs)
    this.#outbox.put({ ready: { conversationId, attempt, sinceStartMs } })
    if (this.#isLost) {
      this.#isLost = false
      this.#reconnects++
      this.#event('agent-regained', { attempt, conversationId })
    }
    this.#ear.open(this.#agent)
  }

  #tryFailed(attempt: number, why: string): void {
    this.#agent = undefined
    if (why === 'refused') this.#clock.record(tapeKind.agentFailed, attempt)
    this.#event('agent-try-failed', { attempt, why })
  }

  #agentClosed(code: number): void {
    this.#clock.enter()
    this.#clock.record(tapeKind.agentClosed, code)
  }

  #agentLost(why: string): void {
    this.#agentGone('broken off')
    this.#isLost = true
    this.#lostBySilence = why === 'silent'
    this.#event('agent-lost', { why })
  }

  #agentGone(how: 'broken off' | 'ended'): void {
    this.#agent = undefined
    this.#ear.shut()
    this.#turns.conversationLost(how)
    this.#speaker.conversationLost()
  }

  #agentHungUp(): void {
    this.#agentGone('ended')
    this.#event('agent-hung-up')
    if (!this.#finishing) this.#drain('agent_hung_up', this.#limits.drainMs)
  }

  #agentGaveUp(): void {
    const reason = this.#lostBySilence ? 'agent_silent' : 'agent_lost'
    this.#finish(this.#isLost ? reason : 'agent_start_failed', this.#notices.farewell)
  }

  // ---- time

  #tick(): void {
    const { nowMs } = this.#clock
    if (nowMs - this.#lastMediaMs >= this.#limits.idleMediaMs) {
      this.#end('media_idle')
      return
    }
    const agentAgeMs = nowMs - this.#lastAgentMs
    if (this.#link.live && agentAgeMs >= this.#limits.agentSilentMs) this.#link.drop('silent')
    if (this.#ended) return
    if (this.#isFillerDue(agentAgeMs)) this.#fill()
    this.#turns.settle(this.#atMs)
    if (nowMs - this.#lastPingMs >= PING_MS) {
      this.#lastPingMs = nowMs
      this.#twilio.ping()
      this.#agent?.ping()
    }
    this.#armTick()
  }

  /**
   * Bridges tick in groups, by when they began: a thousand timers each on its own would cost a turn of the event loop
   * each, and all in one turn would keep the frames of that moment waiting.
   */
  #armTick(): void {
    const sinceMs = (this.#clock.nowMs + this.#phaseMs) % TICK_MS
    this.#clock.after(TICK_MS - Math.floor(sinceMs), () => this.#tick())
  }

  /** Silence is no fault while the agent is well and listens; it is when the agent is away or owes an answer. */
  #isFillerDue(agentAgeMs: number): boolean {
    if (this.#finishing || this.#speaker.silentMs < this.#limits.fillerAfterMs) return false
    return !this.#link.live || this.#isAnswerDue || agentAgeMs >= this.#limits.agentStaleMs
  }

  #fill(): void {
    const filler = this.#notices.reconnecting
    if (!filler) return
    this.#speaker.playFiller(filler)
    this.#event('filler')
  }

  // ---- the end

  #finish(reason: EndReason, notice: Uint8Array | undefined): void {
    if (this.#ended || this.#finishing) return
    if (!notice) {
      this.#drain(reason, FINISH_MS)
      return
    }
    this.#stopListening(reason)
    this.#speaker.isHolding = true
    this.#speaker.playNotice(notice, (outcome) => {
      this.#event('notice-over', { name: 'farewell', outcome })
      this.#end(reason)
    })
  }

  /** Lets the caller hear what the agent has already said, within bounds, and ends. */
  #drain(reason: EndReason, longestMs: number): void {
    this.#stopListening(reason)
    if (this.#speaker.isDrained) this.#end(reason)
    else this.#awaitDrain(reason, this.#clock.nowMs + longestMs)
  }

  /** The last mark ends the call sooner; this is for marks that do not come. */
  #awaitDrain(reason: EndReason, untilMs: number): void {
    const leftMs = untilMs - this.#clock.nowMs
    const waitMs = Math.min(this.#speaker.remainingMs + this.#limits.markSlackMs, leftMs)
    this.#clock.after(waitMs, () => {
      // Speech that a notice had held back may have begun meanwhile.
      if (this.#speaker.remainingMs > 0 && this.#clock.nowMs < untilMs)
        this.#awaitDrain(reason, untilMs)
      else this.#end(reason)
    })
  }

  #stopListening(reason: EndReason): void {
    this.#finishing = reason
    this.#ear.shut()
    this.#ear.isClosed = true
    this.#agent = undefined
    this.#link.close()
  }

  /** The one place where a call ends on this path. */
  #end(reason: EndReason, closeCode: number = NORMAL_CLOSE): void {
    if (this.#ended) return
    this.#ended = reason
    this.#stopListening(reason)
    this.#speaker.stop()
    this.#turns.finish()
    this.#twilio.close(closeCode)
    const summary = this.#summary(reason)
    this.#clock.record(tapeKind.end, 0, json(summary))
    this.#clock.stop()
    this.#outbox.flush()
    this.#outbox.tell(() => this.#options.listener.ended(summary))
  }

  /** Our own fault: it must cost this call and no other. */
  #failed(error: unknown): void {
    this.#options.failed?.(error)
    this.#event('internal-error', {
      message: error instanceof Error ? error.message : String(error),
    })
    this.#end('internal_error')
  }

  // ---- small things

  get #atMs(): number {
    return this.#timeline.at(this.#clock.nowMs)
  }

  #event(kind: string, data?: BridgeEvent['data']): void {
    const atMs = Math.round(this.#atMs)
    this.#outbox.put({ event: data === undefined ? { kind, atMs } : { kind, atMs, data } })
  }

  #countUnknown(name: string): void {
    if (this.#counts.add(name) === 1) this.#event('unknown-message', { name })
  }

  #command(command: Record<string, unknown>): void {
    this.#clock.enter()
    this.#clock.record(tapeKind.command, 0, json(command))
  }

  #setup(): Record<string, unknown> {
    const { callId, streamSid, notices, takesText } = this.#options
    return {
      callId,
      streamSid,
      limits: this.#limits,
      ...(takesText && { takesText }),
      ...spoken(notices),
    }
  }

  #summary(reason: EndReason): BridgeSummary {
    const { framesUp, bytesUp, upDropped } = this.#ear
    const speaker = this.#speaker
    if (this.#outbox.lost > 0) this.#counts.add('events lost')
    return {
      reason,
      mediaMs: this.mediaMs,
      framesUp,
      framesDown: speaker.framesDown,
      bytesUp,
      bytesDown: speaker.bytesDown,
      lateDropped: speaker.lateDropped,
      upDropped,
      downDropped: speaker.downDropped,
      marksSent: speaker.marksSent,
      marksReturned: speaker.marksReturned,
      interruptions: this.#interruptions,
      agentReconnects: this.#reconnects,
      conversationIds: this.#conversationIds,
      unknownEvents: this.#counts.toRecord(),
    }
  }
}

const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value))
const spoken = ({ reconnecting, farewell }: BridgeNotices) => ({
  ...(reconnecting && { reconnecting: base64(reconnecting) }),
  ...(farewell && { farewell: base64(farewell) }),
})
const base64 = (audio: Uint8Array): string => Buffer.from(audio).toString('base64')
