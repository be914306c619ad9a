import { BYTES_PER_MS, SILENCE } from '../../speech/mulaw.ts'

const MAX_MS = 4 * 3_600_000 // no call here lasts longer; what comes after is not recorded
const JITTER_MS = 400 // audio this little late or early belongs right behind what came before
const FIRST_BYTES = 60_000 * BYTES_PER_MS

/** Both directions of one call on one timeline, for the recording. */
export class Tracks {
  readonly #user = new Track()
  readonly #agent = new Track()

  user(atMs: number, audio: Uint8Array): void {
    const isContinuous = Math.abs(atMs - this.#user.endMs) < JITTER_MS
    this.#user.write(isContinuous ? this.#user.endMs : atMs, audio)
  }

  agent(atMs: number, audio: Uint8Array): void {
    this.#agent.write(atMs, audio)
  }

  /** What would have played after this moment never did. */
  cutAgent(atMs: number): void {
    this.#agent.truncate(atMs)
  }

  /** Caller first, agent second, both as long as the call was. */
  recording(durationMs: number): Uint8Array {
    const length = Math.round(Math.min(durationMs, MAX_MS) * BYTES_PER_MS)
    return Buffer.concat([this.#user.bytes(length), this.#agent.bytes(length)])
  }
}

class Track {
  #bytes = new Uint8Array(FIRST_BYTES).fill(SILENCE)
  #length = 0

  get endMs(): number {
    return this.#length / BYTES_PER_MS
  }

  write(atMs: number, audio: Uint8Array): void {
    const at = Math.max(0, Math.round(atMs * BYTES_PER_MS))
    const end = at + audio.length
    if (end > MAX_MS * BYTES_PER_MS) return
    if (end > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(end, this.#bytes.length * 2)).fill(SILENCE)
      larger.set(this.#bytes)
      this.#bytes = larger
    }
    this.#bytes.set(audio, at)
    this.#length = Math.max(this.#length, end)
  }

  truncate(atMs: number): void {
    const at = Math.max(0, Math.round(atMs * BYTES_PER_MS))
    if (at >= this.#length) return
    this.#bytes.fill(SILENCE, at, this.#length)
    this.#length = at
  }

  bytes(length: number): Uint8Array {
    const out = new Uint8Array(length).fill(SILENCE)
    out.set(this.#bytes.subarray(0, Math.min(this.#length, out.length)))
    return out
  }
}
