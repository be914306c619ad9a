import { createStore, type Store } from '../store.ts'

export type Reachability = {
  isReachable: boolean
  /** When the API last answered anything at all; null before the first answer. */
  lastAnswerAt: Date | null
}

export const createReachability = (): Store<Reachability> =>
  createStore<Reachability>({ isReachable: true, lastAnswerAt: null })

export function noteAnswer(store: Store<Reachability>, isReachable: boolean, now: Date): void {
  const before = store.get()
  if (isReachable) store.set({ isReachable: true, lastAnswerAt: now })
  else if (before.isReachable) store.set({ ...before, isReachable: false })
}

const FIRST_PAUSE_MS = 1_000 // A restarted API is back within a second or two.
const LONGEST_PAUSE_MS = 30_000 // Beyond this people reload by hand.

/** How long to wait before the next try: 1, 2, 4 … 30 seconds. */
export const reconnectPauseMs = (attempt: number): number =>
  Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(attempt, 10))
