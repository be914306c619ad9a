import type { BridgeEvent, BridgeListener, Turn } from './bridge-types.ts'

// Long enough to gather a burst of tentative words, short enough that a reader takes it for live.
const BATCH_MS = 50
// Turns come at the pace of speech; this many untold items mean a vendor gone wild, and events are the ones to lose.
const MAX_WAITING = 1_000

type Item =
  | { ready: { conversationId: string; attempt: number; sinceStartMs: number } }
  | { turn: Turn }
  | { event: BridgeEvent }

/** Keeps the listener out of the frame handlers: what happened is told a moment later, in order, in one go. */
export class Outbox {
  #waiting: Item[] = []
  #tentative: { customer?: string; agent?: string } = {}
  #armed = false
  #lost = 0
  #listener: BridgeListener
  #after: (ms: number, run: () => void) => void
  #failed: (error: unknown) => void

  constructor(
    listener: BridgeListener,
    after: (ms: number, run: () => void) => void,
    failed: (error: unknown) => void,
  ) {
    this.#listener = listener
    this.#after = after
    this.#failed = failed
  }

  /** Events that found no room. */
  get lost(): number {
    return this.#lost
  }

  put(item: Item): void {
    if (this.#waiting.length >= MAX_WAITING && 'event' in item) {
      this.#lost++
      return
    }
    this.#waiting.push(item)
    this.#arm()
  }

  /** Only the newest guess of each speaker is told. */
  tentative(speaker: 'customer' | 'agent', text: string): void {
    this.#tentative[speaker] = text
    this.#arm()
  }

  flush(): void {
    this.#armed = false
    const waiting = this.#waiting
    const tentative = this.#tentative
    this.#waiting = []
    this.#tentative = {}
    for (const item of waiting) this.tell(() => this.#dispatch(item))
    for (const speaker of ['customer', 'agent'] as const) {
      const text = tentative[speaker]
      if (text !== undefined) this.tell(() => this.#listener.tentative({ speaker, text }))
    }
  }

  /** A listener that throws must not end a call. */
  tell(what: () => void): void {
    try {
      what()
    } catch (error) {
      this.#failed(error)
    }
  }

  #dispatch(item: Item): void {
    if ('turn' in item) this.#listener.turn(item.turn)
    else if ('event' in item) this.#listener.event(item.event)
    else this.#listener.ready(item.ready)
  }

  #arm(): void {
    if (this.#armed) return
    this.#armed = true
    this.#after(BATCH_MS, () => this.flush())
  }
}
