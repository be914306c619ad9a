// 50 frames a second is a phone's pace; the rest is room for marks and keys (X-ws).
export const FLOOD_PER_SECOND = 60
// After a stall of the network Twilio catches up at once: five seconds of frames.
export const FLOOD_BURST = 250

/** A token bucket over messages of one socket. */
export class FloodMeter {
  #tokens: number = FLOOD_BURST
  #lastMs: number

  constructor(nowMs: number) {
    this.#lastMs = nowMs
  }

  /** False when this message is one too many. */
  take(nowMs: number): boolean {
    const refilled = this.#tokens + ((nowMs - this.#lastMs) * FLOOD_PER_SECOND) / 1_000
    this.#tokens = Math.min(refilled, FLOOD_BURST)
    this.#lastMs = nowMs
    if (this.#tokens < 1) return false
    this.#tokens--
    return true
  }

  /** A message that we asked for costs nothing. */
  refund(): void {
    this.#tokens++
  }
}
