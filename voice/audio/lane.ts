import { BYTES_PER_MS, DECODE, SILENCE } from './mulaw.ts'

const FIRST_BYTES = 60_000 * BYTES_PER_MS
const FULL_SCALE = 32_124

/** One side of a recording: mu-law audio put where it belongs, silence everywhere else. */
export class Lane {
  #bytes = new Uint8Array(FIRST_BYTES).fill(SILENCE)
  #maxBytes: number

  constructor(longestMs: number) {
    this.#maxBytes = longestMs * BYTES_PER_MS
  }

  get bytes(): Uint8Array {
    return this.#bytes
  }

  put(audio: Uint8Array, atMs: number): void {
    const from = Math.round(atMs * BYTES_PER_MS)
    const to = Math.min(from + audio.length, this.#maxBytes)
    if (from < 0 || to <= from) return
    this.#grow(to)
    this.#bytes.set(audio.subarray(0, to - from), from)
  }

  /** Silence between two moments. */
  cut(fromMs: number, toMs: number): void {
    this.#bytes.fill(SILENCE, Math.round(fromMs * BYTES_PER_MS), Math.ceil(toMs * BYTES_PER_MS))
  }

  /** The loudest sample of each of `count` equal stretches, 0 to 1. */
  peaks(samples: number, count: number): number[] {
    return Array.from({ length: count }, (_, index) => {
      const from = Math.floor((index * samples) / count)
      const to = Math.min(Math.floor(((index + 1) * samples) / count), this.#bytes.length)
      let peak = 0
      for (let at = from; at < to; at++) peak = Math.max(peak, Math.abs(DECODE[this.#bytes[at]!]!))
      return Math.round((peak / FULL_SCALE) * 1_000) / 1_000
    })
  }

  #grow(bytes: number): void {
    if (bytes <= this.#bytes.length) return
    const grown = new Uint8Array(Math.min(this.#maxBytes, Math.max(bytes, this.#bytes.length * 2)))
    grown.set(this.#bytes)
    grown.fill(SILENCE, this.#bytes.length)
    this.#bytes = grown
  }
}
