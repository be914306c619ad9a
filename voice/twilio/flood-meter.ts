// 50 frames a second is a phone's pace; the rest is room for marks and keys (X-ws).
export const FLOOD_PER_SECOND = 60
// After a stall of the network Twilio catches up at once: five seconds of frames.
export const FLOOD_BURST = 250

const COST_MS = 1_000 / FLOOD_PER_SECOND // how long the bucket takes to earn one message back
// Sums of fractions come out a little aside: half a message more than the burst lets none too many through.
const MAX_DEBT_MS = (FLOOD_BURST + 0.5) * COST_MS

/**
 * A token bucket over messages of one socket. Instead of its tokens it keeps when it will be full again, which time
 * passing does not change: an addition and two comparisons a message, and nothing to fill.
 */
export class FloodMeter {
  #fullAtMs: number

  constructor(nowMs: number) {
    this.#fullAtMs = nowMs
  }

  /** False when this message is one too many. */
  take(nowMs: number): boolean {
    const fullAtMs = Math.max(this.#fullAtMs, nowMs) + COST_MS
    if (fullAtMs - nowMs > MAX_DEBT_MS) return false
    this.#fullAtMs = fullAtMs
    return true
  }

  /** A message that we asked for costs nothing. */
  refund(): void {
    this.#fullAtMs -= COST_MS
  }
}
