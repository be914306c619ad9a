import type { PhraseBook } from '../../speech/book.ts'
import type { Diagnosis } from '../../speech/diagnose.ts'
import { Ear, type Heard } from '../../speech/ear.ts'
import { BYTES_PER_MS } from '../../speech/mulaw.ts'
import type { Utterance } from '../../speech/utterance.ts'

/** A word with its place on the line, in milliseconds from the first byte heard. */
export type HeardWord = { text: string; startMs: number; endMs: number }

export type UserTurn = {
  text: string
  words: HeardWord[]
  /** Set when bytes arrived that nobody ever rendered. */
  damage?: { nearest: Diagnosis | undefined; bytes: number }
}

export type HearingOptions = {
  book: PhraseBook
  endOfTurnMs: number
  onStart: () => void
  onWords: (text: string) => void
  onTurn: (turn: UserTurn) => void
}

const MAX_SEGMENTS = 100 // of one turn; who speaks on without a pause is cut into turns

/** What the caller says, from nothing but the bytes on the line. Silence is counted in bytes as well,
 *  so a machine that stalls does not end a turn early. */
export class Hearing {
  readonly #ear: Ear
  readonly #options: HearingOptions
  #texts: string[] = []
  #words: HeardWord[] = []
  #damage: UserTurn['damage']
  #quietSinceByte: number | undefined
  #segmentStart = 0

  constructor(options: HearingOptions) {
    this.#options = options
    this.#ear = new Ear(options.book, (heard) => this.#heard(heard))
  }

  /** How long the caller has been speaking, 0 when silent. */
  get speechMs(): number {
    if (!this.#ear.isHearingSpeech) return 0
    return (this.#ear.heardBytes - this.#segmentStart) / BYTES_PER_MS
  }

  get isTurnOpen(): boolean {
    return this.#ear.isHearingSpeech || this.#texts.length > 0 || this.#damage !== undefined
  }

  hear(bytes: Uint8Array): void {
    this.#ear.hear(bytes)
    if (this.#quietSinceByte === undefined || this.#ear.isHearingSpeech) return
    const quietMs = (this.#ear.heardBytes - this.#quietSinceByte) / BYTES_PER_MS
    if (quietMs >= this.#options.endOfTurnMs) this.endTurn()
  }

  /** No more bytes come, so what was said stands. */
  endTurn(): void {
    this.#ear.flush()
    const text = this.#texts.join(' ')
    const words = this.#words
    const damage = this.#damage
    this.#texts = []
    this.#words = []
    this.#damage = undefined
    this.#quietSinceByte = undefined
    if (text || damage) this.#options.onTurn({ text, words, ...(damage ? { damage } : {}) })
  }

  #heard(heard: Heard): void {
    if (heard.kind === 'start') {
      this.#segmentStart = heard.atByte
      this.#options.onStart()
      return
    }
    if (heard.kind === 'words') {
      this.#options.onWords([...this.#texts, heard.text].join(' '))
      return
    }
    if (heard.kind === 'final')
      this.#add(heard.utterance.text, heard.utterance, heard.utterance.audio.length)
    else if (heard.kind === 'cut') this.#add(heard.text, heard.utterance, heard.bytes)
    else {
      this.#damage = { nearest: heard.nearest, bytes: heard.bytes }
      this.#quietSinceByte = heard.atByte + heard.bytes
    }
  }

  #add(text: string, utterance: Utterance, bytes: number): void {
    if (text && this.#texts.length < MAX_SEGMENTS) {
      this.#texts.push(text)
      for (const word of utterance.words.filter(({ end }) => end <= bytes))
        this.#words.push({
          text: word.text,
          startMs: (this.#segmentStart + word.start) / BYTES_PER_MS,
          endMs: (this.#segmentStart + word.end) / BYTES_PER_MS,
        })
    }
    this.#quietSinceByte = this.#segmentStart + bytes
  }
}
