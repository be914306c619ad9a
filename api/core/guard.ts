import type { Logger } from './log.ts'

type Guarded<Args extends unknown[]> = (...args: Args) => void

/**
 * The one place where a throw or a rejection of a socket message, timer, listener or job ends (THREATS 12):
 * logged once, then `onFailure` closes or fails that unit. The process goes on.
 */
export function guard<Args extends unknown[]>(
  log: Logger,
  unit: string,
  run: (...args: Args) => unknown,
  onFailure?: (error: unknown) => unknown,
): Guarded<Args> {
  return (...args) => {
    const failed = (error: unknown) => {
      log.error({ err: error, unit }, 'a unit of work failed')
      if (onFailure) settle(log, unit, () => onFailure(error))
    }
    try {
      const result = run(...args)
      if (isThenable(result)) result.then(undefined, failed)
    } catch (error) {
      failed(error)
    }
  }
}

/** Runs something to its end whether it fails or not; true where it did not fail. */
export async function attempt(log: Logger, unit: string, run: () => unknown): Promise<boolean> {
  try {
    await run()
    return true
  } catch (error) {
    log.error({ err: error, unit }, 'a unit of work failed')
    return false
  }
}

/**
 * What nobody guarded: state may be broken, so the process drains once and ends non-zero; the launcher
 * starts it again. `drain` gets a deadline, since what broke may be what draining needs.
 */
export function endOnUnknownFailure(
  log: Logger,
  drain: () => Promise<void>,
  deadlineMs = DRAIN_DEADLINE_MS,
): void {
  let ending = false
  const end = (error: unknown) => {
    log.fatal({ err: error }, 'an unguarded failure ends the process')
    if (ending) return
    ending = true
    setTimeout(() => process.exit(1), deadlineMs).unref()
    void attempt(log, 'drain', drain).then(() => process.exit(1))
  }
  process.on('uncaughtException', end)
  process.on('unhandledRejection', end)
}

const DRAIN_DEADLINE_MS = 30_000 // THREATS F26: 30 s after the drain

function settle(log: Logger, unit: string, run: () => unknown): void {
  const lost = (error: unknown) => log.error({ err: error, unit }, 'ending a failed unit failed')
  try {
    const result = run()
    if (isThenable(result)) result.then(undefined, lost)
  } catch (error) {
    lost(error)
  }
}

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
