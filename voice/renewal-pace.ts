const BETWEEN_MS = 25 // each costs some milliseconds of the thread that forwards frames
const HURRY_SHARE = 0.5 // of the time that a renewal leaves: what is late by then waits for nobody

/**
 * When calls of one process may ask for their next slice. Calls that began together, as after a take-over, come due
 * together: they ask one after the other, so that no frame waits for hundreds of them.
 */
export class RenewalPace {
  #nextAtMs = Number.NEGATIVE_INFINITY

  /** Whether a call that is funded for `leftSeconds` more, and was due at `dueLeftSeconds`, asks now. */
  mayAsk(leftSeconds: number, dueLeftSeconds: number, nowMs: number): boolean {
    // In a hurry, and nobody's turn is taken: calls without money go on asking, and must not keep others waiting.
    if (leftSeconds <= dueLeftSeconds * HURRY_SHARE) return true
    if (nowMs < this.#nextAtMs) return false
    this.#nextAtMs = nowMs + BETWEEN_MS
    return true
  }
}
