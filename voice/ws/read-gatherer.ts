const PAUSE_MS = 1 // at most: a twentieth of a frame's length, which nobody hears
const ENOUGH_READS = 16 // the price of a turn, shared by so many, is small against their own
const SELDOM_MS = 4 // between turns: so few reads that the next millisecond brings none
const RATE_MS = 50 // over so long it is told how many reads come: many turns, and few of a call's frames

export type GathererParts = {
  nowMs(): number
  /** Stops the thread. */
  pause(ms: number): void
  /** Runs once the event loop has handled all that had come. */
  afterTurn(run: () => void): void
}

/**
 * Lets reads of many sockets gather. A frame at a time, the event loop's turn, the kernel's wait and its wake-up cost a
 * fifth of what a frame costs; so a turn that brought few frames is followed by a pause of the thread, until enough
 * will have come, and a turn that brought many is not: then frames gather while others are handled.
 */
export class ReadGatherer {
  #parts: GathererParts
  #reads = 0
  #readsPerMs = 0
  #lastTurnMs = Number.NEGATIVE_INFINITY
  #turnOver: () => void

  constructor(parts: GathererParts = systemParts) {
    this.#parts = parts
    this.#turnOver = () => this.#rest()
  }

  /** A socket was read, and what came is handled. */
  read(): void {
    if (this.#reads++ === 0) this.#parts.afterTurn(this.#turnOver)
  }

  #rest(): void {
    const reads = this.#reads
    const nowMs = this.#parts.nowMs()
    const sinceMs = nowMs - this.#lastTurnMs
    this.#reads = 0
    this.#lastTurnMs = nowMs
    this.#watchRate(reads, sinceMs)
    if (reads < ENOUGH_READS && sinceMs < SELDOM_MS)
      this.#parts.pause(Math.min(PAUSE_MS, ENOUGH_READS / this.#readsPerMs))
  }

  /** An average in which what was longer ago than `RATE_MS` hardly counts. */
  #watchRate(reads: number, sinceMs: number): void {
    const known = RATE_MS / (RATE_MS + sinceMs)
    this.#readsPerMs = known * this.#readsPerMs + reads / (RATE_MS + sinceMs)
  }
}

const neverChanged = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))

const systemParts: GathererParts = {
  nowMs: () => performance.now(),
  pause: (ms) => void Atomics.wait(neverChanged, 0, 0, ms),
  afterTurn: setImmediate,
}
