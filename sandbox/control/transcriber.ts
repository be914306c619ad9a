import type { PhraseBook } from '../speech/book.ts'
import { Ear, type Heard } from '../speech/ear.ts'
import { BYTES_PER_MS } from '../speech/mulaw.ts'

export type Speaker = 'caller' | 'agent'

/** Why speech could not be understood: how it differs from what was rendered. */
export type Damage = {
  bytes: number
  meant?: string
  goodBlocks?: number
  blocks?: number
  firstBadMs?: number
  note: string
}

/** One stretch of speech on the line. `speaking` grows word by word; the others are final. */
export type SpokenTurn = {
  id: string
  speaker: Speaker
  kind: 'speaking' | 'final' | 'cut' | 'damaged'
  text: string
  /** Since the call was answered. */
  atMs: number
  /** Of a cut or damaged turn: everything that was to be said. */
  whole?: string
  damage?: Damage
}

const MAX_TURNS = 2_000 // several hours of talk; older turns are forgotten

/** Writes down one direction of a line, from nothing but its bytes. */
export class Transcriber {
  readonly turns: SpokenTurn[] = []
  readonly #ear: Ear
  readonly #speaker: Speaker
  readonly #tell: (turn: SpokenTurn) => void
  #open: SpokenTurn | undefined
  #count = 0

  constructor(book: PhraseBook, speaker: Speaker, tell: (turn: SpokenTurn) => void) {
    this.#speaker = speaker
    this.#tell = tell
    this.#ear = new Ear(book, (heard) => this.#heard(heard))
  }

  hear(frame: Uint8Array): void {
    this.#ear.hear(frame)
  }

  end(): void {
    this.#ear.flush()
  }

  #heard(heard: Heard): void {
    if (heard.kind === 'start') {
      this.#begin(heard.atByte)
      return
    }
    const turn = this.#open
    if (!turn) return
    Object.assign(turn, changeOf(heard))
    if (heard.kind !== 'words') this.#open = undefined
    this.#tell({ ...turn })
  }

  #begin(atByte: number): void {
    this.#open = {
      id: `${this.#speaker}-${++this.#count}`,
      speaker: this.#speaker,
      kind: 'speaking',
      text: '',
      atMs: Math.round(atByte / BYTES_PER_MS),
    }
    this.turns.push(this.#open)
    if (this.turns.length > MAX_TURNS) this.turns.shift()
    this.#tell({ ...this.#open })
  }
}

function changeOf(heard: Exclude<Heard, { kind: 'start' }>): Partial<SpokenTurn> {
  switch (heard.kind) {
    case 'words':
      return { text: heard.text }
    case 'final':
      return { kind: 'final', text: heard.utterance.text }
    case 'cut':
      return { kind: 'cut', text: heard.text, whole: heard.utterance.text }
    case 'damaged': {
      const { nearest, bytes } = heard
      if (!nearest)
        return {
          kind: 'damaged',
          text: '',
          damage: { bytes, note: 'nothing like it was ever rendered' },
        }
      const { utterance, goodBlocks, blocks, firstBadMs, note } = nearest
      return {
        kind: 'damaged',
        whole: utterance.text,
        damage: { bytes, meant: utterance.text, goodBlocks, blocks, firstBadMs, note },
      }
    }
  }
}
