/** Whose audio a chunk is: told how much of it the caller heard. */
export type PlaybackOwner = {
  /** `cut`: the rest of the chunk was cleared away. */
  chunkDone(heardMs: number, endedAtMs: number, cut: boolean): void
}

type Chunk = {
  mark: string
  owner: PlaybackOwner | undefined
  startMs: number
  endMs: number
  cleared: boolean
}

// Marks come back as audio is played. This many outstanding is an hour of chunks, or a Twilio that returns none.
const MAX_OUTSTANDING = 1_024

/**
 * What Twilio holds of ours and when it plays. Twilio plays in order and without pause, so a chunk starts when it
 * arrives or when the one before ends; a mark that returns says for certain that everything before it was played,
 * unless we had cleared it.
 */
export class Playback {
  #chunks: Chunk[] = []
  #endsAtMs = 0

  /** Where the last audio ends, on the media timeline. */
  get endsAtMs(): number {
    return this.#endsAtMs
  }

  get outstanding(): number {
    return this.#chunks.length
  }

  /** Audio that Twilio has and the caller has not heard yet. */
  isPlaying(atMs: number): boolean {
    return this.#endsAtMs > atMs
  }

  add(mark: string, durationMs: number, atMs: number, owner?: PlaybackOwner): Chunk {
    const startMs = Math.max(atMs, this.#endsAtMs)
    const chunk: Chunk = { mark, owner, startMs, endMs: startMs + durationMs, cleared: false }
    this.#endsAtMs = chunk.endMs
    this.#chunks.push(chunk)
    if (this.#chunks.length > MAX_OUTSTANDING) finished(this.#chunks.shift()!, atMs)
    return chunk
  }

  /** A mark came back. Returns how many marks that settles, 0 for a name we do not wait for. */
  returned(mark: string, atMs: number): number {
    const index = this.#chunks.findIndex((chunk) => chunk.mark === mark)
    if (index < 0) return 0
    const played = this.#chunks.splice(0, index + 1)
    const last = played[index]!
    const endedMs = last.endMs
    for (const chunk of played) finished(chunk, atMs)
    if (!last.cleared) this.#shift(endedMs, atMs - endedMs)
    return index + 1
  }

  /** Twilio's queue was emptied at `atMs`. The marks of what it held still come back, and say nothing. */
  clear(atMs: number): void {
    for (const chunk of this.#chunks) {
      if (chunk.cleared) continue
      const duration = chunk.endMs - chunk.startMs
      const heardMs = Math.min(Math.max(0, atMs - chunk.startMs), duration)
      chunk.cleared = true
      chunk.owner?.chunkDone(
        heardMs,
        Math.min(chunk.endMs, chunk.startMs + heardMs),
        heardMs < duration,
      )
    }
    this.#endsAtMs = Math.min(this.#endsAtMs, atMs)
  }

  /** A mark shows how far the ear is from our reckoning: what plays without pause after it moves along. */
  #shift(fromMs: number, byMs: number): void {
    let joinMs = fromMs
    for (const chunk of this.#chunks) {
      if (chunk.cleared || chunk.startMs !== joinMs) return
      joinMs = chunk.endMs
      chunk.startMs += byMs
      chunk.endMs += byMs
      this.#endsAtMs = chunk.endMs
    }
  }
}

function finished(chunk: Chunk, atMs: number): void {
  if (chunk.cleared) return
  chunk.owner?.chunkDone(chunk.endMs - chunk.startMs, Math.min(chunk.endMs, atMs), false)
}
