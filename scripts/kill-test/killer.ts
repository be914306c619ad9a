import { setTimeout as sleep } from 'node:timers/promises'
import type { Stack } from '../stack.ts'

/** Every process whose sudden end the product promises to survive. */
export const victims = ['voice-1', 'voice-2', 'worker', 'api', 'postgres'] as const
export type Kill = { name: string; at: Date; atSeconds: number }

const FIRST_AFTER_MS = 4_000 // calls are up by then
const PAUSE_MS = 3_000 // at least; twice that at most
const LAST_LOOK_MS = 50

/** Kills one process after the other, at random moments, until asked to stop. */
export async function killAtRandom(
  stack: Stack,
  random: () => number,
  options: { until: AbortSignal; say(line: string): void },
): Promise<Kill[]> {
  const kills: Kill[] = []
  const startedMs = performance.now()
  const pause = (ms: number) => sleep(ms, undefined, { signal: options.until }).catch(ignoreAbort)
  await pause(FIRST_AFTER_MS)
  // Each once in a random order, then again: a short run meets all of them too.
  let next: string[] = []
  while (!options.until.aborted) {
    if (next.length === 0) next = shuffled(victims, random)
    const name = next.shift() ?? victims[0]
    const row = stack.processes().find((one) => one.name === name)
    if (row?.pid && row.state === 'ready') {
      const atSeconds = (performance.now() - startedMs) / 1000
      stack.kill(name, 'SIGKILL')
      kills.push({ name, at: new Date(), atSeconds })
      options.say(`${atSeconds.toFixed(1).padStart(6)} s  killed ${name}`)
    }
    await pause(PAUSE_MS + random() * PAUSE_MS)
  }
  return kills
}

/** Resolves when every process serves again. */
export async function allServe(stack: Stack, withinMs: number): Promise<void> {
  const deadlineMs = performance.now() + withinMs
  for (;;) {
    const down = stack.processes().filter(({ state }) => state !== 'ready')
    if (down.length === 0) return
    if (performance.now() > deadlineMs)
      throw new Error(`${down.map(({ name }) => name).join(', ')} did not come back`)
    await sleep(LAST_LOOK_MS)
  }
}

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

function shuffled(names: readonly string[], random: () => number): string[] {
  return names
    .map((name) => ({ name, at: random() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ name }) => name)
}

export function ignoreAbort(error: unknown): void {
  if (!(error instanceof Error && error.name === 'AbortError')) throw error
}
