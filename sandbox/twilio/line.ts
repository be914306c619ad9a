import { FRAME_MS, frames } from '../speech/utterance.ts'
import type { Clock } from './clock.ts'
import { Playback, silentFrame } from './playback.ts'
import { StereoTape } from './tape.ts'

/** Takes every 20 ms of a line: what the person said and what the person heard. */
export type LineListener = (said: Uint8Array, heard: Uint8Array) => void

const POLL_MS = 10 // twice a frame, so a frame is late by half of one at most
const MAX_CATCH_UP_FRAMES = 50 // after a stall of more than a second the line goes on late, not in a burst
const GAP_FRAMES = 3 // silence after each utterance, so two never melt into one

/**
 * The audio of one leg, driven by the wall clock and not by counting timer ticks, which drift. Both
 * directions move in the same instant, a frame each, whether or not anybody speaks.
 */
export class Line {
  /** From the network into the person's ear. */
  readonly playback = new Playback()
  /** From the person's mouth into the network. */
  readonly speech = new Playback()
  readonly tape = new StereoTape()
  readonly #clock: Clock
  readonly #listeners = new Set<LineListener>()
  readonly #ear: (frame: Uint8Array) => void
  #partner: Line | undefined
  #stop: (() => void) | undefined
  #startedAt = 0
  #sentFrames = 0

  constructor(clock: Clock, ear: (frame: Uint8Array) => void) {
    this.#clock = clock
    this.#ear = ear
  }

  get isRunning(): boolean {
    return this.#stop !== undefined
  }

  start(): void {
    if (this.#stop) return
    this.#startedAt = this.#clock.now()
    this.#sentFrames = 0
    this.#stop = this.#clock.every(POLL_MS, () => this.#catchUp())
  }

  stop(): void {
    this.#stop?.()
    this.#stop = undefined
    this.unbridge()
    this.speech.clear()
    this.playback.clear()
  }

  listen(listener: LineListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Resolves when the last frame has gone out, or when the rest was dropped. */
  speak(audio: Uint8Array): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    let taken = true
    for (const frame of frames(audio)) taken &&= this.speech.add(frame)
    if (taken) taken = this.speech.mark(resolve)
    for (let i = 0; i < GAP_FRAMES; i++) taken &&= this.speech.add(silentFrame)
    if (!taken) reject(new RangeError('too much speech is waiting to be spoken'))
    return promise
  }

  /** Joins two lines: this one's clock then moves both, so that no frame waits for another clock. */
  bridge(partner: Line): void {
    partner.#stop?.()
    partner.#stop = () => undefined
    this.#partner = partner
    partner.#partner = undefined
  }

  unbridge(): void {
    this.#partner = undefined
  }

  #catchUp(): void {
    const due = Math.floor((this.#clock.now() - this.#startedAt) / FRAME_MS)
    const behind = due - this.#sentFrames
    if (behind > MAX_CATCH_UP_FRAMES) {
      this.#startedAt += (behind - MAX_CATCH_UP_FRAMES) * FRAME_MS
    }
    const frames = Math.min(behind, MAX_CATCH_UP_FRAMES)
    for (let i = 0; i < frames && this.#stop; i++) this.#tick()
  }

  #tick(): void {
    this.#sentFrames++
    const said = this.speech.take()
    const partner = this.#partner
    if (!partner) {
      this.#carry(said, this.playback.take())
      return
    }
    const saidThere = partner.speech.take()
    this.#carry(said, saidThere)
    partner.#carry(saidThere, said)
  }

  #carry(said: Uint8Array, heard: Uint8Array): void {
    this.tape.add(said, heard)
    this.#ear(heard)
    for (const listener of this.#listeners) listener(said, heard)
  }
}
