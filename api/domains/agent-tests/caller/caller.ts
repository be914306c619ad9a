import { setTimeout as sleep } from 'node:timers/promises'
import { FRAME_MS, type MediaAddress } from '#api/contract/test-media.ts'
import { MediaLine } from './media-line.ts'
import { Playback, type Stretch } from './playback.ts'

const FRAME_BYTES = 160
const SILENCE = new Uint8Array(FRAME_BYTES).fill(0xff)
const MAX_LATE_MS = 2_000 // a process that stood still for longer goes on from now: the rest was silence
const CLOSE_NORMAL = 1000
const KEY_MS = 200 // from one key to the next, as fingers press them

/** A caller without a body: speaks what it is given, plays what it hears, and knows the call's clock. */
export class Caller {
  readonly #line: MediaLine
  readonly #playback: Playback
  readonly #timer: NodeJS.Timeout
  #startedMs = performance.now()
  #frames = 0
  #skippedMs = 0
  #speech: Uint8Array[] = []
  #hungUp = false

  private constructor(line: MediaLine, playback: Playback) {
    this.#line = line
    this.#playback = playback
    this.#timer = setInterval(() => this.#tick(), FRAME_MS)
  }

  /** Rejects where the gateway is not there or refuses. */
  static async call(address: MediaAddress, origin: string): Promise<Caller> {
    const playback = new Playback()
    let caller: Caller | undefined
    const nowMs = () => caller?.nowMs ?? 0
    const line = await MediaLine.open(address, origin, {
      onAudio: (bytes) => playback.add(bytes, nowMs()),
      onMark: (name) => playback.mark(name, nowMs()),
      onClear: () => playback.clear(nowMs()),
    })
    caller = new Caller(line, playback)
    return caller
  }

  /** On the call's timeline, whose zero is our first frame. */
  get nowMs(): number {
    return this.#frames * FRAME_MS
  }

  get isOver(): boolean {
    return this.#hungUp || this.#line.closeCode !== undefined
  }

  /** With which the gateway closed the line; undefined while it is open. */
  get closeCode(): number | undefined {
    return this.#line.closeCode
  }

  /** The gateway did not take the call: what it does with one that it took ends with a normal close. */
  get wasTurnedAway(): boolean {
    const code = this.#line.closeCode
    return code !== undefined && code !== CLOSE_NORMAL && this.#playback.stretch === undefined
  }

  /** The newest sound from the other side. */
  get heard(): Stretch | undefined {
    return this.#playback.stretch
  }

  get hearsSound(): boolean {
    return this.#playback.isPlaying(this.nowMs)
  }

  get quietMs(): number {
    return this.#playback.quietMs(this.nowMs)
  }

  /** Speaks at once, and resolves at the last word. */
  async say(audio: Uint8Array, signal: AbortSignal): Promise<Stretch> {
    const startMs = this.nowMs
    for (let from = 0; from < audio.length; from += FRAME_BYTES) {
      const frame = Uint8Array.from(SILENCE)
      frame.set(audio.subarray(from, from + FRAME_BYTES))
      this.#speech.push(frame)
    }
    while (this.#speech.length > 0 && !this.isOver) await sleep(FRAME_MS, undefined, { signal })
    return { startMs, endMs: this.nowMs }
  }

  async press(keys: string, signal: AbortSignal): Promise<void> {
    for (const key of keys) {
      this.#line.press(key)
      await sleep(KEY_MS, undefined, { signal })
    }
  }

  hangUp(): void {
    if (this.#hungUp) return
    this.#hungUp = true
    clearInterval(this.#timer)
    this.#line.hangUp()
  }

  #tick(): void {
    if (this.#line.closeCode !== undefined) {
      clearInterval(this.#timer)
      return
    }
    const sinceMs = performance.now() - this.#startedMs - this.#skippedMs
    if (sinceMs - this.nowMs > MAX_LATE_MS) this.#skippedMs += sinceMs - this.nowMs
    // A timer that came late makes up for it, as a sound card does.
    while (this.nowMs < performance.now() - this.#startedMs - this.#skippedMs) {
      this.#frames++
      this.#line.sendFrame(this.#speech.shift() ?? SILENCE)
    }
    for (const name of this.#playback.takeReached(this.nowMs)) this.#line.returnMark(name)
  }
}
