import { levelOf } from './audio/level.ts'
import { BYTES_PER_MS, payloadBytes, SILENCE } from './audio/mulaw.ts'
import type { MediaTimeline } from './audio/timeline.ts'
import type { BridgeLimits } from './bridge-types.ts'
import type { CallClock } from './call-clock.ts'
import type { Timer } from './clock.ts'
import { Playback } from './playback.ts'
import { framed, framedAround, type WireSocket } from './socket.ts'
import { tapeKind } from './tape/format.ts'
import type { AgentTurn, Turns } from './turns.ts'
import type { TwilioWriter } from './twilio/frames.ts'

const PIECE_BYTES = 8_000 // one second a frame: far below any peer's message limit
const NOTHING_INTERRUPTED = -1
// Between a broken-off sentence and the first of another conversation: the shortest pause that is heard as one.
const PAUSE_MS = 200
const PAUSE = new Uint8Array(PAUSE_MS * BYTES_PER_MS).fill(SILENCE)

export type NoticeOutcome = 'heard' | 'cut'
type Notice = { mark: string; timer: Timer; done: (outcome: NoticeOutcome) => void }
type Held = { eventId: number; payload: Buffer; turn: AgentTurn }

export type SpeakerParts = {
  twilio: WireSocket
  writer: TwilioWriter
  clock: CallClock
  timeline: MediaTimeline
  turns: Turns
  limits: BridgeLimits
}

/** What the caller hears: the agent's audio, notices between it, and the marks that tell what arrived at the ear. */
export class Speaker {
  framesDown = 0
  bytesDown = 0
  lateDropped = 0
  downDropped = 0
  marksSent = 0
  marksReturned = 0
  /** Agent audio waits, or is given up at the end: set once the call is being finished. */
  isHolding = false
  #twilio: WireSocket
  #writer: TwilioWriter
  #clock: CallClock
  #timeline: MediaTimeline
  #turns: Turns
  #limits: BridgeLimits
  #playback = new Playback()
  #interruptedId = NOTHING_INTERRUPTED
  #notice: Notice | undefined
  #held: Held[] = []
  #heldBytes = 0
  /** What comes next is another conversation's, and must not run into what is still playing. */
  #isPauseDue = false
  #level = 0

  constructor(parts: SpeakerParts) {
    this.#twilio = parts.twilio
    this.#writer = parts.writer
    this.#clock = parts.clock
    this.#timeline = parts.timeline
    this.#turns = parts.turns
    this.#limits = parts.limits
  }

  /** `raw` is what the tape keeps; the audio lies in `source`, the same buffer but for messages of an odd shape. */
  agentAudio(raw: Buffer, source: Buffer, start: number, end: number, eventId: number): void {
    if (eventId <= this.#interruptedId) {
      this.#clock.record(tapeKind.agentDropped, 0, raw)
      this.lateDropped++
      this.#turns.audioDropped(eventId)
      return
    }
    if (this.#notice || this.isHolding) {
      this.#clock.record(tapeKind.agentHeld, 0, raw)
      this.#hold(eventId, source.subarray(start, end))
      return
    }
    if (this.#twilio.bufferedBytes() > this.#limits.downUnsentBytes) {
      this.#clock.record(tapeKind.agentDropped, 0, raw)
      this.downDropped++
      this.#turns.audioDropped(eventId)
      return
    }
    if (this.#takesPause()) {
      // On the tape an input stands before what it causes, and here the silence goes out first.
      this.#clock.record(tapeKind.agentHeld, 0, raw)
      this.#playOwn(PAUSE, 'pause')
      this.#clock.record(tapeKind.agentHeldSent)
    } else this.#clock.record(tapeKind.agentSent, 0, raw)
    this.#play(source, start, end, eventId, this.#turns.forAudio(eventId, this.#atMs))
  }

  /** The caller speaks over the agent: silence at once, and nothing of this utterance any more. */
  interrupt(eventId: number): void {
    this.#interruptedId = Math.max(this.#interruptedId, eventId)
    // While a notice plays Twilio holds nothing of the agent's, and the notice itself must be heard.
    if (!this.#notice) this.clear()
    const late = this.#held.filter((held) => held.eventId <= eventId)
    if (late.length === 0) return
    // Ids rise, so what is late stands first, and the tape's queue of held audio is settled in its order.
    this.#held = this.#held.filter((held) => held.eventId > eventId)
    this.#heldBytes = this.#held.reduce((sum, held) => sum + held.payload.length, 0)
    for (const held of late) this.#giveUp(held)
    this.lateDropped += late.length
  }

  /** A new conversation counts its events from the start. */
  conversationLost(): void {
    this.#interruptedId = NOTHING_INTERRUPTED
    this.#isPauseDue = true
  }

  clear(): void {
    this.#send(this.#writer.clear)
    this.#playback.clear(this.#atMs)
  }

  /** Silences the agent, plays the notice and holds the agent back until it was heard. */
  playNotice(audio: Uint8Array, done: (outcome: NoticeOutcome) => void): void {
    this.#settleNotice('cut')
    // The notice stands between the two conversations.
    this.#isPauseDue = false
    if (this.#playback.outstanding > 0) this.clear()
    const durationMs = audio.length / BYTES_PER_MS
    const timer = this.#clock.after(durationMs + this.#limits.markSlackMs, () =>
      this.#noticeOver('cut'),
    )
    this.#notice = { mark: this.#playOwn(audio, 'notice'), timer, done }
  }

  /** Plays between whatever else there is, holding nothing back. */
  playFiller(audio: Uint8Array): void {
    this.#playOwn(audio, 'filler')
  }

  /** False when nobody waits for a mark of this name. */
  markReturned(name: string): boolean {
    if (this.#playback.returned(name, this.#atMs) === 0) return false
    this.marksReturned++
    if (name === this.#notice?.mark) this.#noticeOver('heard')
    return true
  }

  get isNoticePlaying(): boolean {
    return this.#notice !== undefined
  }

  /** Nothing of ours is left to be heard. */
  get isDrained(): boolean {
    return this.#playback.outstanding === 0 && (this.#held.length === 0 || this.isHolding)
  }

  /** How much is still to be heard. */
  get remainingMs(): number {
    return Math.max(0, this.#playback.endsAtMs - this.#atMs)
  }

  /** For how long the caller has heard nothing of us. */
  get silentMs(): number {
    return Math.max(0, this.#atMs - this.#playback.endsAtMs)
  }

  get level(): number {
    return this.#playback.isPlaying(this.#atMs) ? this.#level : 0
  }

  /** The stream is gone: what was not heard by now never will be. */
  stop(): void {
    this.#playback.clear(this.#atMs)
    this.#settleNotice('cut')
  }

  get #atMs(): number {
    return this.#timeline.at(this.#clock.nowMs)
  }

  #play(source: Buffer, start: number, end: number, eventId: number, turn: AgentTurn): void {
    const bytes = payloadBytes(source, start, end)
    const { mediaHead, mediaTail } = this.#writer
    // Read before sending: the codec may scribble over what it is given, and over nothing else.
    this.#level = levelOf(source, start, end)
    const twilio = this.#twilio
    twilio.cork()
    twilio.send(framedAround(twilio, mediaHead, source, start, end, mediaTail))
    const mark = this.#mark(String(eventId))
    twilio.uncork()
    this.framesDown++
    this.bytesDown += bytes
    const chunk = this.#playback.add(mark, bytes / BYTES_PER_MS, this.#atMs, turn)
    turn.chunkSent(chunk.startMs, chunk.endMs)
  }

  #playOwn(audio: Uint8Array, name: string): string {
    for (let from = 0; from < audio.length; from += PIECE_BYTES)
      this.#send(this.#writer.media(audio.subarray(from, from + PIECE_BYTES)))
    const mark = this.#mark(name)
    this.#playback.add(mark, audio.length / BYTES_PER_MS, this.#atMs)
    return mark
  }

  /** Nothing is added to a silence that is long enough already. */
  #takesPause(): boolean {
    if (!this.#isPauseDue) return false
    this.#isPauseDue = false
    const { endsAtMs } = this.#playback
    return endsAtMs > 0 && this.#atMs - endsAtMs < PAUSE_MS
  }

  #mark(name: string): string {
    const mark = `${name}.${this.marksSent++}`
    this.#send(this.#writer.mark(mark))
    return mark
  }

  #send(text: string): void {
    const frame = framed(this.#twilio, text)
    this.#clock.record(tapeKind.twilioOut, 0, frame.subarray(this.#twilio.headroom))
    this.#twilio.send(frame)
  }

  #hold(eventId: number, payload: Uint8Array): void {
    const turn = this.#turns.forAudio(eventId, this.#atMs)
    turn.chunkHeld()
    this.#held.push({ eventId, payload: Buffer.from(payload), turn })
    this.#heldBytes += payload.length
    while (this.#heldBytes > this.#limits.heldAgentBytes) {
      const oldest = this.#held.shift()!
      this.#heldBytes -= oldest.payload.length
      this.downDropped++
      this.#giveUp(oldest)
    }
  }

  #giveUp(held: Held): void {
    this.#clock.record(tapeKind.agentHeldDropped)
    held.turn.chunkReleased()
    this.#turns.audioDropped(held.eventId)
  }

  #noticeOver(outcome: NoticeOutcome): void {
    this.#settleNotice(outcome)
    if (this.isHolding || this.#notice) return
    const held = this.#held
    this.#held = []
    this.#heldBytes = 0
    if (held.length > 0 && this.#takesPause()) this.#playOwn(PAUSE, 'pause')
    for (const { eventId, payload, turn } of held) {
      this.#clock.record(tapeKind.agentHeldSent)
      turn.chunkReleased()
      this.#play(payload, 0, payload.length, eventId, turn)
    }
  }

  #settleNotice(outcome: NoticeOutcome): void {
    const notice = this.#notice
    if (!notice) return
    this.#notice = undefined
    notice.timer.cancel()
    notice.done(outcome)
  }
}
