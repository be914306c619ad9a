// A frame that came late must not shift the timeline, one that came early may: the smallest delay seen is the truth.
// It may grow by this much a millisecond, so that a vendor's clock that runs slower than ours is followed (1,000 ppm).
const LEAK_PER_MS = 0.001
// A stamp so far ahead of its arrival is a fault: a stream that stalls for longer is given up (X-ws).
const AHEAD_MS = 30_000

/**
 * Our clock told in the caller's media time. Twilio stamps each frame with its own clock; frames arrive with jitter and
 * the two clocks drift apart, so neither arrival times nor the count of frames is a timeline for an hour.
 */
export class MediaTimeline {
  #offsetMs = 0
  #firstMs = -1
  #endMs = 0
  #lastNowMs = 0

  /** A frame of `durationMs` stamped `timestampMs` arrived at `nowMs`. False when that cannot be, and is not followed. */
  frame(timestampMs: number, durationMs: number, nowMs: number): boolean {
    const end = timestampMs + durationMs
    const offset = nowMs - end
    if (this.#firstMs < 0) {
      this.#firstMs = timestampMs
      this.#offsetMs = offset
    } else {
      if (offset < this.#offsetMs - AHEAD_MS) return false
      const leaked = this.#offsetMs + (nowMs - this.#lastNowMs) * LEAK_PER_MS
      this.#offsetMs = Math.min(offset, leaked)
    }
    if (end > this.#endMs) this.#endMs = end
    this.#lastNowMs = nowMs
    return true
  }

  get started(): boolean {
    return this.#firstMs >= 0
  }

  /** Milliseconds of media since the first frame, by the vendor's stamps; never falls. */
  get mediaMs(): number {
    return this.started ? this.#endMs - this.#firstMs : 0
  }

  /** Where `nowMs` lies on the media timeline, whose zero is the start of the first frame. */
  at(nowMs: number): number {
    if (!this.started) return 0
    return Math.max(0, nowMs - this.#offsetMs - this.#firstMs)
  }
}
