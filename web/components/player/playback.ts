import { createStore, type Store } from '../../lib/store.ts'

export const speeds = [0.75, 1, 1.25, 1.5, 1.75, 2] as const
export type Speed = (typeof speeds)[number]

export const MAX_LINK_RENEWALS = 2 // A link lives five minutes; one that fails twice in a row is a real fault.

export type PlaybackState = {
  status: 'idle' | 'loading' | 'ready' | 'failed'
  isPlaying: boolean
  positionMs: number
  speed: Speed
  /** Why it failed; set with the status `failed` alone. */
  error: unknown
}

/** The part of an audio element that playing needs. */
export type Media = Pick<
  HTMLMediaElement,
  | 'src'
  | 'currentTime'
  | 'playbackRate'
  | 'error'
  | 'play'
  | 'pause'
  | 'load'
  | 'addEventListener'
  | 'removeAttribute'
>

type PlaybackOptions = {
  media: Media
  durationMs: number
  /** Opening a recording is audited, so its link is asked for at the first play and not before. */
  createLink(): Promise<string>
  startMs?: number
  /** Calls back before each repaint; gives what cancels it. */
  everyFrame(run: () => void): () => void
}

/** Plays one recording: seeks before it is loaded, goes on where it was when its link ran out. */
export class Playback {
  readonly state: Store<PlaybackState>
  readonly durationMs: number
  readonly #options: PlaybackOptions
  #stopFrames: (() => void) | undefined
  #renewals = 0
  #isDisposed = false

  constructor(options: PlaybackOptions) {
    this.#options = options
    this.durationMs = options.durationMs
    this.state = createStore<PlaybackState>({
      status: 'idle',
      isPlaying: false,
      positionMs: clamp(options.startMs ?? 0, options.durationMs),
      speed: 1,
      error: null,
    })
    const { media } = options
    media.addEventListener('playing', () => this.#onPlaying())
    media.addEventListener('pause', () => this.#onPause())
    media.addEventListener('ended', () => this.#onEnded())
    media.addEventListener('error', () => this.#onError())
    media.addEventListener('loadedmetadata', () => this.#restorePosition())
  }

  async play(): Promise<void> {
    const { status, positionMs } = this.state.get()
    if (status === 'loading') return
    if (positionMs >= this.durationMs) this.seek(0)
    if (status === 'ready') return this.#start()
    this.#renewals = 0
    await this.#load()
  }

  pause(): void {
    this.#options.media.pause()
  }

  toggle(): void {
    if (this.state.get().isPlaying) this.pause()
    else void this.play()
  }

  seek(ms: number): void {
    const positionMs = clamp(ms, this.durationMs)
    this.#change({ positionMs })
    if (this.state.get().status === 'ready') this.#options.media.currentTime = positionMs / 1000
  }

  skip(ms: number): void {
    this.seek(this.state.get().positionMs + ms)
  }

  setSpeed(speed: Speed): void {
    this.#options.media.playbackRate = speed
    this.#change({ speed })
  }

  stepSpeed(direction: 1 | -1): void {
    const next = speeds[speeds.indexOf(this.state.get().speed) + direction]
    if (next) this.setSpeed(next)
  }

  dispose(): void {
    this.#isDisposed = true
    this.#stopFrames?.()
    this.#options.media.pause()
    this.#options.media.removeAttribute('src')
    this.#options.media.load()
  }

  async #load(): Promise<void> {
    this.#change({ status: 'loading', error: null })
    try {
      const url = await this.#options.createLink()
      if (this.#isDisposed) return
      this.#options.media.src = url
    } catch (error) {
      this.#change({ status: 'failed', isPlaying: false, error })
      return
    }
    await this.#start()
  }

  async #start(): Promise<void> {
    try {
      await this.#options.media.play()
    } catch (error) {
      // A pause right after a play rejects it with AbortError; broken audio also fires `error`, which is handled there.
      if (!(error instanceof Error) || error.name !== 'AbortError') {
        this.#change({ isPlaying: false })
      }
    }
  }

  #restorePosition(): void {
    const { positionMs, speed } = this.state.get()
    this.#options.media.currentTime = positionMs / 1000
    this.#options.media.playbackRate = speed
    this.#change({ status: 'ready' })
  }

  #onPlaying(): void {
    this.#renewals = 0
    this.#change({ isPlaying: true, status: 'ready' })
    this.#stopFrames ??= this.#options.everyFrame(() => {
      this.#change({ positionMs: this.#options.media.currentTime * 1000 })
    })
  }

  #onPause(): void {
    this.#stopFrames?.()
    this.#stopFrames = undefined
    this.#change({ isPlaying: false })
  }

  #onEnded(): void {
    this.#onPause()
    this.#change({ positionMs: this.durationMs })
  }

  #onError(): void {
    if (this.#isDisposed) return
    this.#onPause()
    if (this.#renewals >= MAX_LINK_RENEWALS) {
      this.#change({ status: 'failed', error: this.#options.media.error })
      return
    }
    this.#renewals += 1
    void this.#load()
  }

  #change(part: Partial<PlaybackState>): void {
    this.state.set({ ...this.state.get(), ...part })
  }
}

const clamp = (ms: number, durationMs: number): number =>
  Math.min(durationMs, Math.max(0, Math.round(ms)))
