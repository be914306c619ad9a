export interface Clock {
  now(): number
  after(ms: number, run: () => void): () => void
  every(ms: number, run: () => void): () => void
}

export const wallClock: Clock = {
  now: () => performance.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms)
    return () => clearTimeout(timer)
  },
  every: (ms, run) => {
    const timer = setInterval(run, ms)
    return () => clearInterval(timer)
  },
}

type Alarm = { at: number; every: number | undefined; run: () => void }

/** A clock wound by hand, for tests: time passes only in `advance`. */
export class HandClock implements Clock {
  #now = 0
  readonly #alarms = new Set<Alarm>()

  now(): number {
    return this.#now
  }

  after(ms: number, run: () => void): () => void {
    return this.#set({ at: this.#now + ms, every: undefined, run })
  }

  every(ms: number, run: () => void): () => void {
    return this.#set({ at: this.#now + ms, every: ms, run })
  }

  advance(ms: number): void {
    const until = this.#now + ms
    for (let next = this.#next(until); next; next = this.#next(until)) {
      this.#now = next.at
      if (next.every === undefined) this.#alarms.delete(next)
      else next.at += next.every
      next.run()
    }
    this.#now = until
  }

  #set(alarm: Alarm): () => void {
    this.#alarms.add(alarm)
    return () => this.#alarms.delete(alarm)
  }

  #next(until: number): Alarm | undefined {
    let first: Alarm | undefined
    for (const alarm of this.#alarms)
      if (alarm.at <= until && (!first || alarm.at < first.at)) first = alarm
    return first
  }
}

/** The wall clock at a multiple of its speed, for tests and load runs. */
export function fastClock(speed: number): Clock {
  return {
    now: () => wallClock.now() * speed,
    after: (ms, run) => wallClock.after(ms / speed, run),
    every: (ms, run) => wallClock.every(ms / speed, run),
  }
}
