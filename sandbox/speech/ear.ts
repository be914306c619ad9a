// Streaming recogniser for one direction of one call. It knows nothing but the bytes it is given and
// the phrase book: a text is recognised only when every byte of it arrived as it was rendered.
import { HEAD_BYTES, type PhraseBook } from './book.ts'
import { type Diagnosis, diagnose } from './diagnose.ts'
import { MINUS_ZERO, SILENCE } from './mulaw.ts'
import { FRAME_BYTES, type Utterance } from './utterance.ts'

export type Heard =
  | { kind: 'start'; atByte: number }
  /** Tentative, grows word by word. */
  | { kind: 'words'; atByte: number; text: string }
  /** Every byte as rendered. */
  | { kind: 'final'; atByte: number; utterance: Utterance }
  /** A clean beginning, which is what barge-in leaves behind; text holds the words heard in full. */
  | { kind: 'cut'; atByte: number; utterance: Utterance; text: string; bytes: number }
  | { kind: 'damaged'; atByte: number; bytes: number; nearest?: Diagnosis }

const END_BYTES = 2 * FRAME_BYTES // so much silence in a row ends a segment
const MIN_CUT_BYTES = 40 // a shorter beginning fits some utterance by chance, and would hide damage
const FIRST_BUFFER_BYTES = 16_384
const MAX_SEGMENT_BYTES = 120 * 8_000 // two minutes without one silent frame is noise: end it

export class Ear {
  #heardBytes = 0
  #segment = new Uint8Array(FIRST_BUFFER_BYTES)
  #length = 0
  #start = -1
  #silentBytes = 0
  #candidates: Utterance[] | undefined
  #shownWords = 0
  readonly #book: PhraseBook
  readonly #emit: (heard: Heard) => void

  constructor(book: PhraseBook, emit: (heard: Heard) => void) {
    this.#book = book
    this.#emit = emit
  }

  get isHearingSpeech(): boolean {
    return this.#start >= 0
  }

  get heardBytes(): number {
    return this.#heardBytes
  }

  /** Any chunk length, any alignment. */
  hear(chunk: Uint8Array): void {
    for (const raw of chunk) this.#take(raw === MINUS_ZERO ? SILENCE : raw)
  }

  /** The line is gone: what was being said ends here. */
  flush(): void {
    if (this.isHearingSpeech) this.#end()
  }

  #take(byte: number): void {
    if (byte !== SILENCE) {
      if (!this.isHearingSpeech) this.#begin()
      this.#silentBytes = 0
    } else if (this.isHearingSpeech) this.#silentBytes++
    if (this.isHearingSpeech) this.#push(byte)
    this.#heardBytes++
    if (!this.isHearingSpeech) return
    if (this.#silentBytes >= END_BYTES || this.#length >= MAX_SEGMENT_BYTES) this.#end()
  }

  #begin(): void {
    this.#start = this.#heardBytes
    this.#emit({ kind: 'start', atByte: this.#start })
  }

  #push(byte: number): void {
    if (this.#length === this.#segment.length) this.#grow()
    const i = this.#length++
    this.#segment[i] = byte
    if (this.#length === HEAD_BYTES)
      this.#candidates = this.#book.startingLike(this.#segment.subarray(0, HEAD_BYTES))
    else if (this.#candidates?.some((u) => (u.audio[i] ?? SILENCE) !== byte))
      this.#candidates = this.#candidates.filter((u) => (u.audio[i] ?? SILENCE) === byte)
    this.#showWords()
  }

  #showWords(): void {
    const likely = this.#candidates?.[0]
    if (!likely) return
    let done = this.#shownWords
    while (done < likely.words.length && likely.words[done]!.end <= this.#length) done++
    if (done === this.#shownWords) return
    this.#shownWords = done
    this.#emit({ kind: 'words', atByte: this.#heardBytes, text: textOf(likely, done) })
  }

  #end(): void {
    const body = this.#segment.slice(0, this.#length - this.#silentBytes)
    const atByte = this.#start
    this.#length = 0
    this.#start = -1
    this.#silentBytes = 0
    this.#candidates = undefined
    this.#shownWords = 0
    this.#emit(this.#judge(body, atByte))
  }

  #judge(body: Uint8Array, atByte: number): Heard {
    const exact = this.#book.exact(body)
    if (exact) return { kind: 'final', atByte, utterance: exact }
    const whole = this.#beginningOf(body)
    if (whole) {
      const text = textOf(whole, whole.words.filter((word) => word.end <= body.length).length)
      return { kind: 'cut', atByte, utterance: whole, text, bytes: body.length }
    }
    const nearest = diagnose(this.#book, body)
    return { kind: 'damaged', atByte, bytes: body.length, ...(nearest ? { nearest } : {}) }
  }

  #beginningOf(body: Uint8Array): Utterance | undefined {
    const isBeginning = (u: Utterance) => u.audio.length > body.length && startsWith(u.audio, body)
    if (body.length >= HEAD_BYTES) return this.#book.startingLike(body).find(isBeginning)
    if (body.length < MIN_CUT_BYTES) return undefined
    // Less than a frame was heard before the cut: no head to look up, so every utterance is asked.
    for (const utterance of this.#book) if (isBeginning(utterance)) return utterance
    return undefined
  }

  #grow(): void {
    const larger = new Uint8Array(this.#segment.length * 2)
    larger.set(this.#segment)
    this.#segment = larger
  }
}

function textOf(utterance: Utterance, words: number): string {
  return utterance.words
    .slice(0, words)
    .map((word) => word.text)
    .join(' ')
}

function startsWith(whole: Uint8Array, beginning: Uint8Array): boolean {
  for (let i = 0; i < beginning.length; i++) if (whole[i] !== beginning[i]) return false
  return true
}
