import type { z } from 'zod'
import type { liveEvent } from '#contracts/calls'
import type { Clock } from '../clock.ts'

type LiveEvent = z.input<typeof liveEvent>
type Sequenced = Extract<LiveEvent, { sequence: number }>
type Unsequenced<E> = E extends { sequence: number } ? Omit<E, 'sequence'> : never

/** A console's socket, as the feed needs it. */
export type Viewer = {
  userId: string
  showsCost: boolean
  send(text: string): void
  /** What was sent and has not left yet. */
  unsent(): { messages: number; bytes: number }
  close(code: number, reason: string): void
}

export const CLOSE_SLOW_VIEWER = 4408 // resumable: reconnect with `after`
export const CLOSE_CALL_ENDED = 4410
export const CLOSE_CALL_MOVED = 1012 // reconnect: the call goes on at another gateway, or ends
const MAX_UNSENT_BYTES = 1_048_576 // THREATS T19
const MAX_UNSENT_MESSAGES = 500 // THREATS T19
const MAX_KEPT_EVENTS = 500 // a call has a few a second at most; a resume reaches back for a minute
const MAX_EVENTS = 100 // as many as a console shows; the whole timeline is in the database
const RESUME_MS = 60_000 // THREATS T20
const EVENTS_A_STREAM = 10_000_000 // the next stream of a call counts on from here, so a resume cannot mix them up

/** The live feed of one call: what is said, measured and paid, to whoever watches. */
export class LiveFeed {
  readonly #viewers = new Set<Viewer>()
  readonly #kept: { event: Sequenced; atMs: number }[] = []
  /** What happened on the call beside its turns, which a snapshot carries. */
  readonly #events: Sequenced[] = []
  readonly #clock: Pick<Clock, 'nowMs'>
  #sequence: number

  /** `epoch` is that of the lease under which this gateway runs the call. */
  constructor(clock: Pick<Clock, 'nowMs'>, epoch: number) {
    this.#clock = clock
    this.#sequence = epoch * EVENTS_A_STREAM
  }

  get watched(): boolean {
    return this.#viewers.size > 0
  }
  get viewers(): readonly Viewer[] {
    return [...this.#viewers]
  }
  get sequence(): number {
    return this.#sequence
  }

  /** Events that must not be missed: numbered, and kept for a viewer that comes back. */
  publish(event: Unsequenced<Sequenced>): void {
    const numbered = { ...event, sequence: ++this.#sequence } as Sequenced
    this.#kept.push({ event: numbered, atMs: this.#clock.nowMs() })
    if (this.#kept.length > MAX_KEPT_EVENTS) this.#kept.shift()
    if (numbered.type === 'event') this.#events.push(numbered)
    if (this.#events.length > MAX_EVENTS) this.#events.shift()
    this.#sendAll(numbered)
  }

  /** Events of the moment: the next one replaces them, so nothing is kept. */
  show(event: Exclude<LiveEvent, Sequenced>): void {
    if (this.#viewers.size > 0) this.#sendAll(event)
  }

  /** Starts a viewer with a snapshot and the events so far, or with what it missed since `after` where that is still kept. */
  join(
    viewer: Viewer,
    after: number | null,
    snapshot: () => Omit<Extract<LiveEvent, { type: 'snapshot' }>, 'sequence'>,
  ): void {
    const since = this.#clock.nowMs() - RESUME_MS
    while (this.#kept[0] && this.#kept[0].atMs < since) this.#kept.shift()
    const first = this.#kept[0]?.event.sequence ?? this.#sequence + 1
    this.#viewers.add(viewer)
    if (after !== null && after >= first - 1 && after <= this.#sequence) {
      for (const { event } of this.#kept) if (event.sequence > after) this.#send(viewer, event)
      return
    }
    this.#send(viewer, { ...snapshot(), sequence: this.#sequence })
    for (const event of this.#events) this.#send(viewer, event)
  }

  leave(viewer: Viewer): void {
    this.#viewers.delete(viewer)
  }

  end(reason: string): void {
    this.publish({ type: 'ended', reason })
    this.#closeAll(CLOSE_CALL_ENDED, 'the call is over')
  }

  /** This gateway has the call no longer; who watches it may ask for another ticket. */
  move(): void {
    this.#closeAll(CLOSE_CALL_MOVED, 'the call has moved; reconnect')
  }

  #closeAll(code: number, reason: string): void {
    for (const viewer of this.#viewers) viewer.close(code, reason)
    this.#viewers.clear()
  }

  #sendAll(event: LiveEvent): void {
    for (const viewer of this.#viewers) this.#send(viewer, event)
  }

  #send(viewer: Viewer, event: LiveEvent): void {
    const { messages, bytes } = viewer.unsent()
    if (messages >= MAX_UNSENT_MESSAGES || bytes > MAX_UNSENT_BYTES) {
      this.#viewers.delete(viewer)
      viewer.close(CLOSE_SLOW_VIEWER, 'too slow to follow; reconnect to resume')
      return
    }
    const shown = 'costCents' in event && !viewer.showsCost ? { ...event, costCents: null } : event
    viewer.send(JSON.stringify(shown))
  }
}
