import type { BridgeLimits } from '../bridge-types.ts'
import type { Timer } from '../clock.ts'
import type { WireSocket } from '../socket.ts'

const NORMAL_CLOSE = 1000

export type LinkHooks = {
  connect(attempt: number, signal: AbortSignal): Promise<WireSocket>
  after(ms: number, run: () => void): Timer
  nowMs(): number
  /** The socket is open: the initiation goes out now. */
  opened(socket: WireSocket, attempt: number): void
  message(data: Buffer): void
  /** An opened socket closed. */
  closed(code: number): void
  /** A try came to nothing before it was live. */
  tryFailed(attempt: number, why: string): void
  /** A live conversation was lost; another is being tried. */
  lost(why: string): void
  /** The agent's side ended a live conversation. */
  hungUp(): void
  /** No agent can be had. */
  gaveUp(): void
}

/**
 * The life of the agent's side: tries, one live conversation at a time, tries again after a loss, gives up.
 * A try ends well with `becameLive`, called when the vendor's metadata is in.
 */
export class AgentLink {
  /** Set while a conversation is live: where the caller's audio goes. */
  live: WireSocket | undefined
  /** 0 until a live conversation was lost, then counting up. */
  attempt = 0
  #socket: WireSocket | undefined
  #hooks: LinkHooks
  #limits: BridgeLimits
  #abort: AbortController | undefined
  #timers: Timer[] = []
  #triesLeft: number
  #deadlineMs = Number.POSITIVE_INFINITY
  #liveSinceMs = 0
  #isClosed = false

  constructor(limits: BridgeLimits, hooks: LinkHooks) {
    this.#limits = limits
    this.#hooks = hooks
    this.#triesLeft = limits.startTries
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  start(): void {
    this.#deadlineMs = this.#hooks.nowMs() + this.#limits.startBudgetMs
    this.#try()
  }

  becameLive(): void {
    this.#clearTimers()
    this.live = this.#socket
    this.#liveSinceMs = this.#hooks.nowMs()
  }

  /** Gives the present conversation up as dead, live or not. */
  drop(why: string): void {
    if (this.#isClosed) return
    if (this.live) this.#lose(why)
    else this.#tryAgain(why)
  }

  close(): void {
    this.#isClosed = true
    this.#leave()
  }

  #try(): void {
    this.#triesLeft--
    const { attempt } = this
    const abort = new AbortController()
    this.#abort = abort
    const leftMs = this.#deadlineMs - this.#hooks.nowMs()
    const timeoutMs = Math.min(this.#limits.connectTimeoutMs, leftMs)
    this.#timers.push(this.#hooks.after(timeoutMs, () => this.#tryAgain('timeout')))
    this.#hooks.connect(attempt, abort.signal).then(
      (socket) => {
        if (this.#abort === abort) this.#opened(socket, attempt)
        else socket.close(NORMAL_CLOSE)
      },
      () => {
        if (this.#abort === abort) this.#tryAgain('refused')
      },
    )
  }

  #opened(socket: WireSocket, attempt: number): void {
    this.#socket = socket
    socket.onMessage((data) => {
      if (this.#socket === socket) this.#hooks.message(data)
    })
    socket.onClose((code) => {
      if (this.#socket === socket) this.#closed(code)
    })
    this.#hooks.opened(socket, attempt)
  }

  #closed(code: number): void {
    this.#hooks.closed(code)
    if (!this.live) this.#tryAgain('closed before it was live')
    else if (code === NORMAL_CLOSE) {
      this.close()
      this.#hooks.hungUp()
    } else this.#lose(`closed with ${code}`)
  }

  #lose(why: string): void {
    const heldMs = this.#hooks.nowMs() - this.#liveSinceMs
    this.#leave()
    if (this.attempt === 0 || heldMs >= this.#limits.stableMs)
      this.#triesLeft = this.#limits.reconnectTries
    this.#deadlineMs = Number.POSITIVE_INFINITY
    this.#hooks.lost(why)
    this.#next(0)
  }

  #tryAgain(why: string): void {
    const { attempt } = this
    this.#leave()
    this.#hooks.tryFailed(attempt, why)
    this.#next(this.#limits.retryDelayMs)
  }

  #next(delayMs: number): void {
    // The bridge may have ended in a hook.
    if (this.#isClosed) return
    if (this.#triesLeft <= 0 || this.#hooks.nowMs() + delayMs >= this.#deadlineMs) {
      this.close()
      this.#hooks.gaveUp()
      return
    }
    if (this.#deadlineMs === Number.POSITIVE_INFINITY) this.attempt++
    if (delayMs === 0) this.#try()
    else this.#timers.push(this.#hooks.after(delayMs, () => this.#try()))
  }

  #leave(): void {
    this.#clearTimers()
    this.#abort?.abort()
    this.#abort = undefined
    const socket = this.#socket
    this.#socket = undefined
    this.live = undefined
    socket?.close(NORMAL_CLOSE)
  }

  #clearTimers(): void {
    for (const timer of this.#timers) timer.cancel()
    this.#timers = []
  }
}
