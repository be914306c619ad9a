import {
  contextualUpdate,
  USER_ACTIVITY,
  USER_AUDIO_HEAD,
  USER_AUDIO_TAIL,
  userMessage,
} from './agent/frames.ts'
import { Keypad } from './agent/keypad.ts'
import { levelOf } from './audio/level.ts'
import { BYTES_PER_MS, payloadBytes } from './audio/mulaw.ts'
import { SpeechSpan } from './audio/speech-span.ts'
import type { MediaTimeline } from './audio/timeline.ts'
import type { BridgeLimits } from './bridge-types.ts'
import type { CallClock } from './call-clock.ts'
import { framed, framedAround, type WireSocket } from './socket.ts'
import { IN_PARTS, type TapeKind, tapeKind } from './tape/format.ts'
import { packMedia } from './tape/parts.ts'
import type { MediaShape } from './twilio/frames.ts'

const MAX_HELD_UPDATES = 16 // numbers typed before an agent answers
const MAX_HELD_MESSAGES = 16 // and sentences

export type EarParts = {
  clock: CallClock
  timeline: MediaTimeline
  limits: BridgeLimits
  /** Holds the caller's frame at hand, unless its shape is odd. */
  media: MediaShape
}

/** What the agent hears: the caller's audio and keys, kept for a while when there is no agent to hear them. */
export class Ear {
  framesUp = 0
  bytesUp = 0
  upDropped = 0
  level = 0
  /** Nobody will ever hear: nothing is kept. */
  isClosed = false
  readonly speech = new SpeechSpan()
  #agent: WireSocket | undefined
  #clock: CallClock
  #timeline: MediaTimeline
  #limits: BridgeLimits
  #media: MediaShape
  #keypad: Keypad
  #held: Buffer[] = []
  #heldUpdates = new Map<string, string>()
  #heldMessages: string[] = []

  constructor(parts: EarParts) {
    this.#clock = parts.clock
    this.#timeline = parts.timeline
    this.#limits = parts.limits
    this.#media = parts.media
    this.#keypad = new Keypad(parts.limits.keypadBatchMs)
  }

  /** `raw` is what the tape keeps; the audio lies in `source`, the same buffer but for frames of an odd shape. */
  customerAudio(raw: Buffer, source: Buffer, start: number, end: number, stampMs: number): void {
    const bytes = payloadBytes(source, start, end)
    this.framesUp++
    this.bytesUp += bytes
    this.#timeline.frame(stampMs, bytes / BYTES_PER_MS, this.#clock.nowMs)
    // Every other frame tells when speech began as well as every frame does.
    if ((this.framesUp & 1) === 1) this.#sense(source, start, end, bytes)

    const agent = this.#agent
    if (agent === undefined) {
      this.#hold(raw, source, start, end)
      return
    }
    if (agent.bufferedBytes() > this.#limits.upUnsentBytes) {
      this.upDropped++
      this.#record(tapeKind.customerDropped, raw, source)
      return
    }
    this.#record(tapeKind.customerSent, raw, source)
    agent.send(framedAround(agent, USER_AUDIO_HEAD, source, start, end, USER_AUDIO_TAIL))
  }

  keyPressed(digit: string): void {
    const { text, contextId } = this.#keypad.press(digit, this.#clock.nowMs)
    const update = contextualUpdate(text, contextId)
    if (this.#agent) {
      this.tell(this.#agent, update)
      return
    }
    if (this.isClosed) return
    if (this.#heldUpdates.size >= MAX_HELD_UPDATES && !this.#heldUpdates.has(contextId)) return
    this.#heldUpdates.set(contextId, update)
  }

  /** The caller is writing. */
  typing(): void {
    if (this.#agent) this.tell(this.#agent, USER_ACTIVITY)
  }

  /** Typed instead of spoken; false where nobody will read it any more. */
  typed(text: string): boolean {
    const message = userMessage(text)
    if (this.#agent) {
      this.tell(this.#agent, message)
      return true
    }
    if (this.isClosed || this.#heldMessages.length >= MAX_HELD_MESSAGES) return false
    this.#heldMessages.push(message)
    return true
  }

  /** The agent listens from now on, and first hears what was kept for it. */
  open(agent: WireSocket): void {
    this.#agent = agent
    for (const payload of this.#held) {
      this.#clock.record(tapeKind.customerHeldSent)
      agent.send(framedAround(agent, USER_AUDIO_HEAD, payload, 0, payload.length, USER_AUDIO_TAIL))
    }
    this.#held = []
    for (const update of this.#heldUpdates.values()) this.tell(agent, update)
    this.#heldUpdates.clear()
    for (const message of this.#heldMessages) this.tell(agent, message)
    this.#heldMessages = []
  }

  /** There is no agent for now. */
  shut(): void {
    this.#agent = undefined
  }

  tell(agent: WireSocket, text: string): void {
    const frame = framed(agent, text)
    this.#clock.record(tapeKind.agentOut, 0, frame.subarray(agent.headroom))
    agent.send(frame)
  }

  #record(kind: TapeKind, raw: Buffer, source: Buffer): void {
    const media = this.#media
    if (raw === source && media.isRegular)
      this.#clock.record(kind, IN_PARTS, packMedia(media, source))
    else this.#clock.record(kind, 0, raw)
  }

  #sense(source: Buffer, start: number, end: number, bytes: number): void {
    this.level = levelOf(source, start, end)
    const atMs = this.#timeline.at(this.#clock.nowMs)
    this.speech.sense(this.level, atMs - bytes / BYTES_PER_MS, atMs)
  }

  #hold(raw: Buffer, source: Buffer, start: number, end: number): void {
    if (this.isClosed) {
      this.upDropped++
      this.#record(tapeKind.customerDropped, raw, source)
      return
    }
    this.#record(tapeKind.customerHeld, raw, source)
    this.#held.push(Buffer.from(source.subarray(start, end)))
    if (this.#held.length <= this.#limits.heldSpeechFrames) return
    // The oldest goes: what was said last is what the agent must answer.
    this.#held.shift()
    this.upDropped++
    this.#clock.record(tapeKind.customerHeldDropped)
  }
}
