import type { Clock, Timer } from './clock.ts'
import { type TapeCall, type TapeKind, tapeKind } from './tape/format.ts'

const TIMER_NUMBERS = 65_536 // a record's argument has 16 bits; far fewer timers of a call wait at once

/**
 * Time as one call sees it. Every input enters here: the clock is read once for it, and everything it causes happens at
 * that moment and is on the tape under it. Timers are inputs too. Hence a tape can be played back to the byte.
 */
export class CallClock {
  nowMs = 0
  #clock: Clock
  #tape: TapeCall
  #nowUs = 0
  #timers = new Set<Timer>()
  #timerNumber = 0

  constructor(clock: Clock, tape: TapeCall) {
    this.#clock = clock
    this.#tape = tape
    this.enter()
  }

  /** An input has arrived. */
  enter(): void {
    // Whole microseconds, as the tape stores them: a playback sees the very same numbers.
    this.#nowUs = Math.round(this.#clock.nowMs() * 1_000)
    this.nowMs = this.#nowUs / 1_000
  }

  record(kind: TapeKind, arg = 0, data?: Uint8Array): void {
    this.#tape.write(kind, arg, this.#nowUs, data)
  }

  after(ms: number, run: () => void): Timer {
    const number = this.#timerNumber++ % TIMER_NUMBERS
    const timer = this.#clock.after(ms, () => {
      this.#timers.delete(timer)
      this.enter()
      this.record(tapeKind.timer, number)
      run()
    })
    this.#timers.add(timer)
    return {
      cancel: () => {
        timer.cancel()
        this.#timers.delete(timer)
      },
    }
  }

  stop(): void {
    for (const timer of this.#timers) timer.cancel()
    this.#timers.clear()
    this.#tape.end()
  }
}
