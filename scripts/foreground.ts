import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'

const ROOT = resolve(import.meta.dirname, '..')
const SAME_PRESS_MS = 1_500 // npm and the terminal both hand on one Ctrl-C
const STOP_WITHIN_MS = 60_000 // all tiers at their deadlines, one after the other

/** Where a stack keeps what outlives it, unless the environment says otherwise. */
export const defaultDataDir = (): string => resolve(process.env.DATA_DIR || join(ROOT, '.voxcalls'))

/** Settings of a developer's own, next to package.json; what is set in the shell wins. */
export function readEnvFile(): void {
  const file = join(ROOT, '.env')
  if (existsSync(file)) process.loadEnvFile(file)
}

/**
 * Aborts on Ctrl-C, on a signal, and when whoever started us is gone. Who waits too long for the end
 * may ask again: then the process exits at once, and its children follow it.
 */
export function interruption(say: (line: string) => void): AbortSignal {
  const asked = new AbortController()
  let askedAtMs = 0
  const interrupt = () => {
    const nowMs = performance.now()
    if (asked.signal.aborted) {
      if (nowMs - askedAtMs > SAME_PRESS_MS) process.exit(130)
      return
    }
    askedAtMs = nowMs
    say('Stopping …')
    setTimeout(() => process.exit(1), STOP_WITHIN_MS).unref()
    asked.abort()
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, interrupt)
  process.once('disconnect', interrupt)
  process.channel?.unref()
  return asked.signal
}

export const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
