// Line noise of a phone stays below 1 % of full scale; speech at a whisper is above it.
const SPEECH_LEVEL = 0.01
// A pause inside a sentence is shorter; after a longer one, what was before was a noise that became no words.
const PAUSE_MS = 2_000

/** From when to when the caller spoke since the last transcript: a vendor's transcript carries no times. */
export class SpeechSpan {
  #startMs = -1
  #endMs = -1

  sense(level: number, fromMs: number, toMs: number): void {
    if (level < SPEECH_LEVEL) return
    if (this.#startMs < 0 || fromMs - this.#endMs > PAUSE_MS) this.#startMs = fromMs
    this.#endMs = toMs
  }

  /** Hands the span over and starts a new one. Without speech it is the moment itself. */
  take(atMs: number): { startMs: number; endMs: number } {
    const span =
      this.#startMs < 0
        ? { startMs: atMs, endMs: atMs }
        : { startMs: this.#startMs, endMs: this.#endMs }
    this.#startMs = -1
    return span
  }
}
