import type { PhraseBook } from '../speech/book.ts'
import type { LegEvent } from '../twilio/events.ts'
import type { Leg } from '../twilio/leg.ts'
import type { AnsweredBy, Party } from '../twilio/party.ts'
import { type SpokenTurn, Transcriber } from './transcriber.ts'

export type CallNews =
  | { type: 'turn'; turn: SpokenTurn }
  | { type: 'event'; event: LegEvent }
  | { type: 'status'; status: string; durationSeconds: number }

export type CallListener = {
  news(news: CallNews): void
  /** Every 20 ms, both directions in the same instant. */
  audio(said: Uint8Array, heard: Uint8Array): void
}

const MAX_LISTENERS = 20 // one an open page

/**
 * A person on the phone, driven by hand or by another party such as a script. Writes down what went
 * over the line in both directions.
 */
export class PhoneCall implements Party {
  readonly said: Transcriber
  readonly heard: Transcriber
  readonly answersAfterMs: number
  readonly answeredBy: AnsweredBy
  readonly #driver: Party | undefined
  readonly #onAttached: (call: PhoneCall) => void
  readonly #listeners = new Set<CallListener>()
  readonly #undo: (() => void)[] = []
  #leg: Leg | undefined

  constructor(options: {
    book: PhraseBook
    driver?: Party | undefined
    answersAfterMs?: number
    answeredBy?: AnsweredBy | undefined
    onAttached: (call: PhoneCall) => void
  }) {
    const tellTurn = (turn: SpokenTurn) => this.#tell({ type: 'turn', turn })
    this.said = new Transcriber(options.book, 'caller', tellTurn)
    this.heard = new Transcriber(options.book, 'agent', tellTurn)
    this.answersAfterMs = options.answersAfterMs ?? options.driver?.answersAfterMs ?? 200
    this.answeredBy = options.answeredBy ?? 'human'
    this.#driver = options.driver
    this.#onAttached = options.onAttached
  }

  get leg(): Leg {
    if (!this.#leg) throw new Error('the call has not been connected yet')
    return this.#leg
  }

  get turns(): SpokenTurn[] {
    return [...this.said.turns, ...this.heard.turns].toSorted((a, b) => a.atMs - b.atMs)
  }

  get damagedTurns(): number {
    return this.heard.turns.filter((turn) => turn.kind === 'damaged').length
  }

  attached(leg: Leg): void {
    this.#leg = leg
    this.#undo.push(
      leg.onEvent((event) => {
        this.#tell({ type: 'event', event })
        this.#tellStatus()
      }),
      leg.line.listen((said, heard) => {
        this.said.hear(said)
        this.heard.hear(heard)
        for (const listener of this.#listeners) listener.audio(said, heard)
      }),
    )
    this.#onAttached(this)
    this.#driver?.attached(leg)
  }

  hears(frame: Uint8Array): void {
    this.#driver?.hears(frame)
  }

  ended(status: string): void {
    this.said.end()
    this.heard.end()
    this.#driver?.ended(status)
    this.#tellStatus()
    for (const undo of this.#undo.splice(0)) undo()
  }

  listen(listener: CallListener): () => void {
    if (this.#listeners.size >= MAX_LISTENERS) throw new RangeError('too many listeners')
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #tellStatus(): void {
    const { status, durationSeconds } = this.leg
    this.#tell({ type: 'status', status, durationSeconds })
  }

  #tell(news: CallNews): void {
    for (const listener of this.#listeners) listener.news(news)
  }
}
