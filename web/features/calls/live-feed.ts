import { liveEvent } from '#contracts/calls'
import { ApiError } from '../../lib/api/api-error.ts'
import { reconnectPauseMs } from '../../lib/api/reachability.ts'
import { createStore, type Store } from '../../lib/store.ts'
import {
  applyLiveEvent,
  closeCall,
  initialLiveState,
  type LiveState,
  loseConnection,
} from './live-state.ts'

export const MAX_CONNECTS = 200 // At pauses of up to 30 seconds, more than the longest call we allow.
const SILENCE_MS = 20_000 // The meter ticks every second or so; a socket silent this long is dead without knowing it.
const NORMAL_CLOSE = 1000
const CLOSE_CALL_ENDED = 4410 // The gateway's word for: this call is over.

export type LiveFeedOptions = {
  /** A fresh one-time address each time: tickets are good for 30 seconds and one use. */
  createTicket(signal: AbortSignal): Promise<{ url: string }>
  nowMs?: () => number
  pauseMs?: (attempt: number) => number
}

/** One running call as its gateway tells it; connects again, where it left off, until the call ends or `stop`. */
export class LiveFeed {
  readonly state: Store<LiveState> = createStore(initialLiveState)
  readonly #options: LiveFeedOptions
  readonly #stopped = new AbortController()
  #socket: WebSocket | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #silence: ReturnType<typeof setTimeout> | undefined
  #connects = 0
  /** Failures since the last message, which is what pauses grow with. */
  #failures = 0

  constructor(options: LiveFeedOptions) {
    this.#options = options
  }

  start(): void {
    void this.#connect()
  }

  /** Tries at once instead of at the end of the pause. */
  retry(): void {
    this.#connects = 0
    this.#failures = 0
    this.#change({ ...this.state.get(), phase: 'connecting', error: null })
    void this.#connect()
  }

  stop(): void {
    this.#stopped.abort()
    this.#clear()
  }

  async #connect(): Promise<void> {
    this.#clear()
    if (this.#stopped.signal.aborted) return
    this.#connects += 1
    try {
      const { url } = await this.#options.createTicket(this.#stopped.signal)
      if (!this.#stopped.signal.aborted) this.#open(url)
    } catch (error) {
      this.#onTicketRefused(error)
    }
  }

  #open(url: string): void {
    const { sequence } = this.state.get()
    const address = new URL(url)
    if (sequence !== null) address.searchParams.set('after', String(sequence))
    const socket = new WebSocket(address)
    this.#socket = socket
    socket.onmessage = (message) => this.#onMessage(message.data)
    socket.onclose = ({ code }) => {
      if (this.#socket !== socket) return
      if (code === CLOSE_CALL_ENDED) this.#onOver()
      else this.#onLost()
    }
    this.#watchSilence()
  }

  #onMessage(data: unknown): void {
    this.#failures = 0
    this.#watchSilence()
    const event = parseLiveEvent(data)
    // A kind this build does not know yet comes from a newer gateway; the rest of the feed still counts.
    if (!event) return
    this.#change(applyLiveEvent(this.state.get(), event, this.#nowMs()))
    if (event.type === 'ended') this.#clear()
  }

  #onTicketRefused(error: unknown): void {
    if (this.#stopped.signal.aborted) return
    if (error instanceof ApiError && !error.isPassing && error.status !== 429) {
      this.#change({ ...loseConnection(this.state.get()), phase: 'unavailable', error })
      return
    }
    this.#onLost()
  }

  #onOver(): void {
    this.#clear()
    this.#change(closeCall(this.state.get()))
  }

  #onLost(): void {
    this.#clear()
    if (this.#stopped.signal.aborted || this.state.get().phase === 'ended') return
    this.#change(loseConnection(this.state.get()))
    if (this.#connects >= MAX_CONNECTS) {
      this.#change({ ...this.state.get(), phase: 'unavailable' })
      return
    }
    const pause = (this.#options.pauseMs ?? reconnectPauseMs)(this.#failures)
    this.#failures += 1
    this.#timer = setTimeout(() => void this.#connect(), pause)
  }

  #watchSilence(): void {
    clearTimeout(this.#silence)
    this.#silence = setTimeout(() => this.#onLost(), SILENCE_MS)
  }

  #clear(): void {
    clearTimeout(this.#timer)
    clearTimeout(this.#silence)
    const socket = this.#socket
    this.#socket = undefined
    socket?.close(NORMAL_CLOSE)
  }

  #nowMs(): number {
    return (this.#options.nowMs ?? Date.now)()
  }

  #change(next: LiveState): void {
    this.state.set(next)
  }
}

function parseLiveEvent(data: unknown) {
  if (typeof data !== 'string') return null
  try {
    return liveEvent.safeParse(JSON.parse(data)).data ?? null
  } catch {
    // Not JSON: nothing of ours sends that, and one bad message must not end the feed.
    return null
  }
}
