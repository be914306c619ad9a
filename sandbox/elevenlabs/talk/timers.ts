/** Named timers of one conversation; setting one replaces it, and all of them end together. */
export class Timers {
  readonly #timers = new Map<string, NodeJS.Timeout>()

  set(name: string, ms: number, run: () => void): void {
    this.stop(name)
    const timer = setTimeout(() => {
      this.#timers.delete(name)
      run()
    }, ms)
    this.#timers.set(name, timer)
  }

  stop(name: string): void {
    clearTimeout(this.#timers.get(name))
    this.#timers.delete(name)
  }

  stopAll(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer)
    this.#timers.clear()
  }
}
