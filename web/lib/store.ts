import { useSyncExternalStore } from 'react'

/** A value outside React: what changes many times a second is read only by the part that shows it. */
export type Store<T> = {
  get(): T
  set(next: T): void
  subscribe(listener: () => void): () => void
}

export function createStore<T>(initial: T): Store<T> {
  let value = initial
  const listeners = new Set<() => void>()
  return {
    get: () => value,
    set(next) {
      if (Object.is(next, value)) return
      value = next
      for (const listener of listeners) listener()
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

/** Re-renders only when what `select` picks has changed; it must pick, not build. */
export function useStore<T, Picked>(store: Store<T>, select: (value: T) => Picked): Picked {
  const read = () => select(store.get())
  return useSyncExternalStore(store.subscribe, read, read)
}
