// A peer that invents names must not grow the table without end.
const MAX_NAMES = 32

/** Small counters by name, for what is seen but not acted upon. */
export class Counts {
  #byName = new Map<string, number>()

  /** Returns the new count. */
  add(name: string): number {
    const known = this.#byName.has(name) || this.#byName.size < MAX_NAMES ? name : 'other'
    const count = (this.#byName.get(known) ?? 0) + 1
    this.#byName.set(known, count)
    return count
  }

  toRecord(): Record<string, number> {
    return Object.fromEntries(this.#byName)
  }
}
