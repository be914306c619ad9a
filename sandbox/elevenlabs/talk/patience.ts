import type { Timers } from './timers.ts'

export type PatienceOptions = {
  timers: Timers
  /** Until the agent speaks again; negative is never. */
  turnSeconds: number
  /** Until the call is ended; not positive is never. */
  endSeconds: number
  ask: () => void
  giveUp: () => void
}

const MAX_REPROMPTS = 20 // in a row; whoever is silent that long is not there

/** How long the agent waits for the caller before it asks again or hangs up. */
export class Patience {
  readonly #options: PatienceOptions
  #asked = 0

  constructor(options: PatienceOptions) {
    this.#options = options
  }

  /** The caller's turn begins when what is playing has been heard. */
  wait(playingMs: number): void {
    const { timers, turnSeconds, endSeconds, ask, giveUp } = this.#options
    if (endSeconds > 0 && this.#asked === 0)
      timers.set('silence', playingMs + endSeconds * 1_000, giveUp)
    if (turnSeconds < 0 || this.#asked >= MAX_REPROMPTS) return
    timers.set('turn', playingMs + turnSeconds * 1_000, () => {
      this.#asked++
      ask()
    })
  }

  /** The agent itself is about to speak. */
  pause(): void {
    this.#options.timers.stop('turn')
  }

  /** The caller is there. */
  renew(): void {
    this.#asked = 0
    this.#options.timers.stop('turn')
    this.#options.timers.stop('silence')
  }
}
