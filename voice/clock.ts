export type Timer = { cancel(): void }

export type Clock = {
  /** Monotonic; its zero means nothing. */
  nowMs(): number
  after(ms: number, run: () => void): Timer
}

export const systemClock: Clock = {
  nowMs: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms)
    return { cancel: () => clearTimeout(timer) }
  },
}

export type HandWoundClock = Clock & {
  /** Moves time on, running what falls due in order, each at its own moment. */
  advance(ms: number): void
  pending(): number
}

type Due = { atMs: number; order: number; run: () => void }

// A timer that re-arms itself at zero delay would otherwise hang the test that winds the clock.
const MAX_TIMERS_PER_ADVANCE = 1_000_000

/** A clock that stands still until it is wound: for tests. */
export function handWoundClock(startMs = 0): HandWoundClock {
  let now = startMs
  let order = 0
  const due = new Set<Due>()

  const next = (untilMs: number): Due | undefined => {
    let first: Due | undefined
    for (const timer of due) {
      if (timer.atMs > untilMs) continue
      if (
        !first ||
        timer.atMs < first.atMs ||
        (timer.atMs === first.atMs && timer.order < first.order)
      )
        first = timer
    }
    return first
  }

  return {
    nowMs: () => now,
    after(ms, run) {
      const timer = { atMs: now + Math.max(0, ms), order: order++, run }
      due.add(timer)
      return { cancel: () => void due.delete(timer) }
    },
    advance(ms) {
      const until = now + ms
      for (let ran = 0; ; ran++) {
        if (ran > MAX_TIMERS_PER_ADVANCE) throw new Error('A timer re-arms itself without delay')
        const timer = next(until)
        if (!timer) break
        due.delete(timer)
        now = timer.atMs
        timer.run()
      }
      now = until
    },
    pending: () => due.size,
  }
}
