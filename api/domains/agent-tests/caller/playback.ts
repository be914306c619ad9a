const BYTES_PER_MS = 8 // mu-law at 8 kHz
const JOIN_MS = 400 // a shorter silence belongs to what is being said

/** A stretch of sound, on the clock of the call. */
export type Stretch = { startMs: number; endMs: number }

/** What a telephone does with what it is sent: plays in order and without pause, and says when it got to a mark. */
export class Playback {
  #endsAtMs = 0
  #stretch: Stretch | undefined
  #isCut = false
  #marks: { name: string; atMs: number }[] = []

  /** The newest sound; goes on growing while more of it comes. */
  get stretch(): Stretch | undefined {
    return this.#stretch
  }

  add(bytes: number, nowMs: number): void {
    const startMs = Math.max(nowMs, this.#endsAtMs)
    this.#endsAtMs = startMs + bytes / BYTES_PER_MS
    const joins = this.#stretch && startMs - this.#stretch.endMs <= JOIN_MS && !this.#isCut
    this.#isCut = false
    if (this.#stretch && joins) this.#stretch.endMs = this.#endsAtMs
    else this.#stretch = { startMs, endMs: this.#endsAtMs }
  }

  mark(name: string, nowMs: number): void {
    this.#marks.push({ name, atMs: Math.max(nowMs, this.#endsAtMs) })
  }

  /** Silence at once; the marks of what was not heard come back too. */
  clear(nowMs: number): void {
    this.#endsAtMs = Math.min(this.#endsAtMs, nowMs)
    this.#isCut = true
    if (this.#stretch) this.#stretch.endMs = Math.min(this.#stretch.endMs, nowMs)
    for (const mark of this.#marks) mark.atMs = Math.min(mark.atMs, nowMs)
  }

  /** Marks that were got to since this was last asked, in order. */
  takeReached(nowMs: number): string[] {
    const reached = this.#marks.filter(({ atMs }) => atMs <= nowMs)
    this.#marks = this.#marks.filter(({ atMs }) => atMs > nowMs)
    return reached.map(({ name }) => name)
  }

  isPlaying(nowMs: number): boolean {
    return this.#endsAtMs > nowMs
  }

  /** How long nothing has been heard. */
  quietMs(nowMs: number): number {
    return Math.max(0, nowMs - this.#endsAtMs)
  }
}
