// 50 frames a second is a phone's pace; the rest is room for marks and keys (X-ws).
export const FLOOD_PER_SECOND = 60
// After a stall of the network Twilio catches up at once: five seconds of frames.
export const FLOOD_BURST = 250

/** A token bucket over messages of one socket, filled again only when it runs empty: no arithmetic a message. */
export class FloodMeter {
  #tokens: number = FLOOD_BURST
  #filledAtMs: number

  constructor(nowMs: number) {
    this.#filledAtMs = nowMs
  }

  /** False when this message is one too many. */
  take(nowMs: number): boolean {
    if (this.#tokens < 1) this.#fill(nowMs)
    if (this.#tokens < 1) return false
    this.#tokens--
    return true
  }

  /** A message that we asked for costs nothing. */
  refund(): void {
    this.#tokens++
  }

  #fill(nowMs: number): void {
    const earned = Math.floor(((nowMs - this.#filledAtMs) * FLOOD_PER_SECOND) / 1_000)
    if (earned < 1) return
    this.#tokens = Math.min(earned, FLOOD_BURST)
    this.#filledAtMs = nowMs
  }
}
