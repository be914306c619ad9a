import type { Clock } from './clock.ts'

const RETRY_MS = 3_000 // a renewal leaves thirty seconds, and the vendor's client tries by itself in between

/**
 * Keeps the carrier's own limit of one call behind what is funded. The newest is asked for, one request at a time,
 * until the carrier has taken it.
 */
export class CarrierLimit {
  readonly #clock: Pick<Clock, 'nowMs'>
  readonly #set: (mediaSecond: number) => Promise<void>
  /** Told when trouble begins and when it is over, not at each try. */
  readonly #tell: { refused(error: unknown): void; taken(): void }
  #due: number | null = null
  #isAsking = false
  #isRefused = false
  #nextAtMs = 0

  constructor(
    clock: Pick<Clock, 'nowMs'>,
    set: (mediaSecond: number) => Promise<void>,
    tell: { refused(error: unknown): void; taken(): void },
  ) {
    this.#clock = clock
    this.#set = set
    this.#tell = tell
  }

  /** The carrier shall let the call run to this second of its media; what was due before is not any more. */
  moveTo(mediaSecond: number): void {
    this.#due = mediaSecond
    void this.#ask()
  }

  /** Called again and again while the call runs. */
  retry(): void {
    if (this.#due !== null && this.#clock.nowMs() >= this.#nextAtMs) void this.#ask()
  }

  async #ask(): Promise<void> {
    if (this.#isAsking) return
    this.#isAsking = true
    for (let due = this.#due; due !== null; due = this.#due) {
      const isTaken = await this.#isTaken(due)
      if (this.#due !== due) continue
      if (isTaken) this.#due = null
      else {
        this.#nextAtMs = this.#clock.nowMs() + RETRY_MS
        break
      }
    }
    this.#isAsking = false
  }

  async #isTaken(due: number): Promise<boolean> {
    try {
      await this.#set(due)
    } catch (error) {
      if (!this.#isRefused) this.#tell.refused(error)
      this.#isRefused = true
      return false
    }
    if (this.#isRefused) this.#tell.taken()
    this.#isRefused = false
    return true
  }
}
