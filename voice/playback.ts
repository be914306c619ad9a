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
    if (this.#chunks.length > MAX_OUTSTANDING) finished(this.#chunks.shift()!)
    return chunk
  }

  /** A mark came back. Returns how many marks that settles, 0 for a name we do not wait for. */
  returned(mark: string): number {
    const index = this.#chunks.findIndex((chunk) => chunk.mark === mark)
    if (index < 0) return 0
    for (const chunk of this.#chunks.splice(0, index + 1)) finished(chunk)
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
}

function finished(chunk: Chunk): void {
  if (!chunk.cleared) chunk.owner?.chunkDone(chunk.endMs - chunk.startMs, chunk.endMs, false)
}
