import { SILENCE } from '../speech/mulaw.ts'
import { FRAME_BYTES } from '../speech/utterance.ts'

type Item = { audio: Uint8Array; at: number } | { played: () => void }

const MAX_QUEUED_BYTES = 30 * 60 * 8_000 // half an hour of speech nobody has heard yet
const MAX_QUEUED_ITEMS = 50_000

export const silentFrame: Uint8Array = new Uint8Array(FRAME_BYTES).fill(SILENCE)

/**
 * What waits to be played into an ear, frame by frame. Audio of any length is joined without a gap; a
 * marker is told when everything before it was played, or at once when the queue is cleared.
 */
export class Playback {
  #items: Item[] = []
  #queuedBytes = 0
  /** Markers that stood within the frame that is being played now. */
  #passed: (() => void)[] = []

  get queuedBytes(): number {
    return this.#queuedBytes
  }

  /** Answers whether it was taken; a full queue takes nothing. */
  add(audio: Uint8Array): boolean {
    if (this.#queuedBytes + audio.length > MAX_QUEUED_BYTES || this.#isFull()) return false
    if (audio.length > 0) this.#items.push({ audio, at: 0 })
    this.#queuedBytes += audio.length
    return true
  }

  mark(played: () => void): boolean {
    if (this.#isFull()) return false
    this.#items.push({ played })
    return true
  }

  /** The next 20 ms. Markers reached since the last frame are told first: that frame has been heard. */
  take(): Uint8Array {
    this.#tellReached()
    if (this.#items.length === 0) return silentFrame
    const frame = new Uint8Array(FRAME_BYTES).fill(SILENCE)
    let filled = 0
    while (filled < FRAME_BYTES) {
      const item = this.#items[0]
      if (!item) break
      // A marker in the middle of a frame is told when the frame was played; the audio goes on behind it.
      if ('played' in item) {
        this.#passed.push(item.played)
        this.#items.shift()
        continue
      }
      const part = item.audio.subarray(item.at, item.at + FRAME_BYTES - filled)
      frame.set(part, filled)
      filled += part.length
      item.at += part.length
      if (item.at >= item.audio.length) this.#items.shift()
    }
    this.#queuedBytes -= filled
    return frame
  }

  clear(): void {
    const items = this.#items
    this.#items = []
    this.#queuedBytes = 0
    this.#tellPassed()
    for (const item of items) if ('played' in item) item.played()
  }

  #tellReached(): void {
    this.#tellPassed()
    for (let item = this.#items[0]; item && 'played' in item; item = this.#items[0]) {
      this.#items.shift()
      item.played()
    }
  }

  #tellPassed(): void {
    for (const played of this.#passed.splice(0)) played()
  }

  #isFull(): boolean {
    return this.#items.length >= MAX_QUEUED_ITEMS
  }
}
