import type { Limit } from './limits.ts'

export const STEPS = 20 // of a window: after a burst the last of it frees up 5 % later than it strictly must
const UNREPORTED_SHARE = 0.05 // what a process may admit before it tells the others

export const stepMsOf = (limit: Limit): number => (limit.windowSeconds * 1000) / STEPS
/** Admitted without asking, between two reports; a limit below 40 is asked about every time. */
export const chunkOf = (limit: Limit): number =>
  Math.max(1, Math.floor(limit.count * UNREPORTED_SHARE))

/** What one process knows of one subject's use of one limit. */
export class Window {
  /** Requests whose turn it is to ask the database, in order. */
  readonly asking: ((granted: boolean) => void)[] = []
  /** Admitted here and not told yet. */
  unreported = 0
  /** Told just now; whether it counts is not answered yet. */
  inFlight = 0
  isReporting = false
  #steps: { startsMs: number; used: number }[] = []
  #touchedMs = 0
  readonly #limit: Limit
  constructor(limit: Limit) {
    this.#limit = limit
  }

  /** Forgets what lies further back than the window; the step that straddles its edge still counts. */
  slideTo(nowMs: number): void {
    const oldestMs = nowMs - (STEPS + 1) * stepMsOf(this.#limit)
    while (this.#steps[0] && this.#steps[0].startsMs <= oldestMs) this.#steps.shift()
    if (this.#touchedMs <= oldestMs) this.unreported = 0
    this.#touchedMs = nowMs
  }

  get used(): number {
    const told = this.#steps.reduce((sum, { used }) => sum + used, 0)
    return told + this.inFlight + this.unreported + this.asking.length
  }

  learn(steps: readonly { startsMs: number; used: number }[]): void {
    this.#steps = steps.toSorted((a, b) => a.startsMs - b.startsMs)
  }

  /** Until `more` further requests fit, as far as this process knows. */
  msUntilRoomFor(more: number, nowMs: number): number {
    const stepMs = stepMsOf(this.#limit)
    let excess = this.used + more - this.#limit.count
    for (const { startsMs, used } of this.#steps) {
      excess -= used
      if (excess <= 0) return Math.max(0, startsMs + (STEPS + 1) * stepMs - nowMs)
    }
    return this.#limit.windowSeconds * 1000
  }
}
