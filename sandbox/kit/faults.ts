import type { Vendor } from './journal.ts'

export type FaultAction =
  | { type: 'latency'; ms: number }
  | { type: 'status'; status: number; body?: unknown; headers?: Record<string, string> }
  | { type: 'drop' }
  | { type: 'hang' }
  /** Waits until the rule is removed or released, then goes on as if nothing had been. */
  | { type: 'block' }
  | { type: 'reset'; afterBytes: number }
  | { type: 'close'; afterFrames: number; code?: number }
  | { type: 'silence'; afterFrames: number }
  | { type: 'flip'; frame: number }
  | { type: 'duplicate' }
  | { type: 'delay'; ms: number }
  | { type: 'reorder' }
  | { type: 'lose' }

export const faultTargets = ['request', 'socket', 'webhook'] as const
export type FaultTarget = (typeof faultTargets)[number]

export type FaultRule = {
  id?: string
  vendor: Vendor
  on: FaultTarget
  method?: string
  /** A part of the path, or a pattern written as /…/. */
  path?: string
  /** How often it fires; 1 when absent. */
  times?: number
  /** How many matches pass unharmed before it fires. */
  skip?: number
  action: FaultAction
}

export type StoredRule = FaultRule & { id: string; fired: number; seen: number }

const MAX_RULES = 200 // nobody sets so many by hand; a test that forgets to clear them finds out
const MAX_FIRINGS = 1_000_000 // "always", still a number

/** Fault rules, matched in the order they were added. A rule that has fired `times` times is spent. */
export class Faults {
  #rules: StoredRule[] = []
  #nextId = 1
  readonly #gates = new Map<string, { opened: Promise<void>; open: () => void }>()

  add(rule: FaultRule): StoredRule {
    if (this.#rules.length >= MAX_RULES) throw new RangeError(`more than ${MAX_RULES} fault rules`)
    if (rule.path !== undefined) matcher(rule.path) // a pattern that does not compile is refused here
    const id = rule.id ?? `fault-${this.#nextId++}`
    this.remove(id)
    const stored: StoredRule = { ...rule, id, fired: 0, seen: 0 }
    this.#rules.push(stored)
    return stored
  }

  list(): StoredRule[] {
    return [...this.#rules]
  }

  remove(id: string): void {
    this.release(id)
    this.#rules = this.#rules.filter((rule) => rule.id !== id)
  }

  clear(): void {
    for (const rule of this.list()) this.remove(rule.id)
  }

  /** Lets everything go on that a `block` rule holds. */
  release(id: string): void {
    this.#gates.get(id)?.open()
    this.#gates.delete(id)
  }

  take(vendor: Vendor, on: FaultTarget, method: string, path: string): FaultAction | undefined {
    return this.takeRule(vendor, on, method, path)?.action
  }

  takeRule(vendor: Vendor, on: FaultTarget, method: string, path: string): StoredRule | undefined {
    for (const rule of this.#rules) {
      if (rule.vendor !== vendor || rule.on !== on) continue
      if (rule.method && rule.method.toUpperCase() !== method.toUpperCase()) continue
      if (rule.path !== undefined && !matcher(rule.path)(path)) continue
      if (rule.fired >= Math.min(rule.times ?? 1, MAX_FIRINGS)) continue
      rule.seen++
      if (rule.seen <= (rule.skip ?? 0)) continue
      rule.fired++
      return rule
    }
    return undefined
  }

  /** Resolves when the `block` rule is released or removed. */
  opened(rule: StoredRule): Promise<void> {
    const known = this.#gates.get(rule.id)
    if (known) return known.opened
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#gates.set(rule.id, { opened: promise, open: resolve })
    return promise
  }
}

function matcher(path: string): (candidate: string) => boolean {
  const pattern = /^\/(.*)\/([a-z]*)$/s.exec(path)
  // "/Calls/" could be either; a pattern is only what a path cannot be.
  if (pattern && /[\\^$*+?()[\]{}|]/.test(pattern[1] ?? '')) {
    const expression = new RegExp(pattern[1] ?? '', pattern[2])
    return (candidate) => expression.test(candidate)
  }
  return (candidate) => candidate.includes(path)
}
