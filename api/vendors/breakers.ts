import {
  type CircuitBreakerPolicy,
  CircuitState,
  circuitBreaker,
  handleWhenResult,
  type IBackoff,
  type IBreaker,
} from 'cockatiel'
import { VendorError } from '#api/core/errors.ts'
import type { Logger } from '#api/core/log.ts'
import type { BreakerReading, Breakers, VendorName } from '#api/core/vendors.ts'
import { BreakerOpen, codeOf } from './failure.ts'

/** What stands between a vendor's client and the wire. */
export type Breaker = {
  /** Sends one request; while the vendor is known not to answer, fails at once instead. */
  run<T>(operation: string, request: () => Promise<T>): Promise<T>
}

/** For requests whose failures say nothing of a vendor's health. */
export const unguarded: Breaker = { run: (_operation, request) => request() }

// Three of a vendor's longest usual answers (THREATS B7), so that one that hangs is seen as well as one that fails.
const WINDOW_MS = 30_000
// The start of a single call makes up to nine requests: one caller's bad luck must not refuse the others.
const FEWEST_REQUESTS = 10
const FAILED_SHARE = 0.5 // up to it, trying again helps more than it harms
const MOST_REQUESTS = 500 // looked back at; a busy process fills them long before the window is over
const HALF_OPEN_AFTER_MS = 15_000 // THREATS F27
const MAX_ACCOUNTS = 1_000 // of tenants, with a breaker each; the oldest starts afresh

/*
 * Sent whatever the breaker says: a call that cannot be ended, or whose limit cannot be moved, goes on costing
 * money, and one more request to a vendor that is ill costs nothing. Both run at most a few times a call, so they
 * are no hot loop. Signatures of webhooks are checked here, without a request, so no breaker is in their way.
 */
const ALWAYS_SENT = ['end-call', 'set-time-limit']

/** Of those that answer 429, these say that the vendor itself cannot, not that we ask too often. */
const UNWELL_CODES = ['system_busy', 'insufficient_quota']
const MISUSED_CONNECTION = 421 // SMTP's "not available"; other 4yz are about one mailbox

/** A breaker for each vendor in this process, and one for each account that a tenant brought. */
export class VendorBreakers implements Breakers {
  readonly #log: Logger | undefined
  readonly #nowMs: () => number
  readonly #platform = new Map<VendorName, VendorBreaker>()
  readonly #accounts = new Map<string, VendorBreaker>()

  constructor(options: { log?: Logger; nowMs?: () => number } = {}) {
    this.#log = options.log
    this.#nowMs = options.nowMs ?? (() => performance.now())
  }

  of(vendor: VendorName): Breaker {
    const known = this.#platform.get(vendor)
    if (known) return known
    const made = new VendorBreaker({ vendor, account: null }, this.#log, this.#nowMs)
    this.#platform.set(vendor, made)
    return made
  }

  /** A tenant's account has its own, so that one tenant's trouble stays theirs. */
  ofAccount(vendor: VendorName, account: string): Breaker {
    const key = `${vendor} ${account}`
    const known = this.#accounts.get(key)
    if (known) return known
    const [oldest] = this.#accounts.keys()
    if (oldest !== undefined && this.#accounts.size >= MAX_ACCOUNTS) this.#accounts.delete(oldest)
    const made = new VendorBreaker({ vendor, account }, this.#log, this.#nowMs)
    this.#accounts.set(key, made)
    return made
  }

  isAway(vendor: VendorName): boolean {
    return this.#platform.get(vendor)?.isAway ?? false
  }

  readings(): BreakerReading[] {
    return [...this.#platform.values(), ...this.#accounts.values()].map(({ reading }) => reading)
  }
}

type Whose = Pick<BreakerReading, 'vendor' | 'account'>
type Outcome<T> = { value: T } | { error: unknown }

class VendorBreaker implements Breaker {
  readonly #whose: Whose
  readonly #log: Logger | undefined
  readonly #nowMs: () => number
  readonly #policy: CircuitBreakerPolicy
  #openSinceMs: number | undefined
  #triesAgainAtMs = 0
  #openings = 0

  constructor(whose: Whose, log: Logger | undefined, nowMs: () => number) {
    this.#whose = whose
    this.#log = log
    this.#nowMs = nowMs
    this.#policy = circuitBreaker(handleWhenResult(saysUnwell), {
      breaker: new ShareOfLately(nowMs),
      halfOpenAfter: { next: () => this.#pause() },
    })
    this.#policy.onBreak(() => this.#opened())
    this.#policy.onReset(() => this.#closed())
  }

  async run<T>(operation: string, request: () => Promise<T>): Promise<T> {
    if (this.isAway) {
      if (ALWAYS_SENT.includes(operation)) return request()
      const { vendor } = this.#whose
      throw new VendorError(vendor, operation, { retryable: true, cause: new BreakerOpen() })
    }
    const outcome = await this.#policy.execute(() => outcomeOf(request))
    if ('error' in outcome) throw outcome.error
    return outcome.value
  }

  /** Nothing is sent now: it is open, or the one request that tries it is on its way. */
  get isAway(): boolean {
    const { state } = this.#policy
    if (state === CircuitState.HalfOpen) return true
    return state === CircuitState.Open && this.#nowMs() < this.#triesAgainAtMs
  }

  get reading(): BreakerReading {
    const isClosed = this.#policy.state === CircuitState.Closed
    const isWaiting = this.#policy.state === CircuitState.Open && this.isAway
    return {
      ...this.#whose,
      state: isClosed ? 'closed' : isWaiting ? 'open' : 'half_open',
      openings: this.#openings,
    }
  }

  /** The library waits by the wall clock, which jumps; asked for the wait, it is told whether that is over. */
  #pause(): IBackoff<unknown> {
    const triesAgainAtMs = this.#nowMs() + HALF_OPEN_AFTER_MS
    this.#triesAgainAtMs = triesAgainAtMs
    const isOver = () => this.#nowMs() >= triesAgainAtMs
    return {
      get duration() {
        return isOver() ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
      },
      next: () => this.#pause(),
    }
  }

  /** Also after each try that failed; only the first one is news. */
  #opened(): void {
    if (this.#openSinceMs !== undefined) return
    this.#openSinceMs = this.#nowMs()
    this.#openings += 1
    this.#log?.warn(this.#whose, 'a vendor does not answer: its breaker opened')
  }

  #closed(): void {
    const openMs = Math.round(this.#nowMs() - (this.#openSinceMs ?? this.#nowMs()))
    this.#openSinceMs = undefined
    this.#log?.info({ ...this.#whose, openMs }, 'a vendor answers again: its breaker closed')
  }
}

/** Any answer shows that the vendor is well, a refusal too; so the share is of all that was asked. */
async function outcomeOf<T>(request: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { value: await request() }
  } catch (error) {
    return { error }
  }
}

/** No answer, or one that admits trouble. Never a refusal of what was asked, and never our own fault. */
function saysUnwell(outcome: unknown): boolean {
  const { error } = outcome as Partial<{ error: unknown }> // the only results there are are outcomes
  if (!(error instanceof VendorError) || !error.retryable) return false
  const { status } = error
  if (status === undefined) return true
  if (status === 429) return UNWELL_CODES.includes(codeOf(error) ?? '')
  return status === 408 || status === MISUSED_CONNECTION || status >= 500
}

/** Opens at a share of failures over the last half minute. The library's own forgets nothing while nobody asks. */
class ShareOfLately implements IBreaker {
  state: { atMs: number; failed: boolean }[] = []
  readonly #nowMs: () => number

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs
  }

  success(state: CircuitState): void {
    if (state === CircuitState.HalfOpen) this.state = []
    this.#note(false)
  }

  failure(state: CircuitState): boolean {
    this.#note(true)
    if (state !== CircuitState.Closed) return true
    const failed = this.state.filter((request) => request.failed).length
    return this.state.length >= FEWEST_REQUESTS && failed > this.state.length * FAILED_SHARE
  }

  #note(failed: boolean): void {
    const atMs = this.#nowMs()
    const recent = this.state.filter((request) => request.atMs > atMs - WINDOW_MS)
    this.state = [...recent.slice(1 - MOST_REQUESTS), { atMs, failed }]
  }
}
