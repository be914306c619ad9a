// The phrase book: every utterance rendered in this sandbox, findable by how it begins.
import { createHash } from 'node:crypto'
import { canonical, idOf, type SpeechEngine, type Utterance } from './utterance.ts'

/** So many first bytes find the candidates: one frame. */
export const HEAD_BYTES = 160

const MAX_UTTERANCES = 20_000 // about 400 MB of speech: a sandbox that says more is a runaway loop
const MAX_TEXT_CHARACTERS = 4_000 // one turn; longer texts are split into sentences by who speaks

export class PhraseBook {
  readonly engine: SpeechEngine
  readonly #byText = new Map<string, Promise<Utterance>>()
  readonly #byHead = new Map<string, Utterance[]>()
  readonly #byId = new Map<string, Utterance>()

  constructor(engine: SpeechEngine) {
    this.engine = engine
  }

  /** Renders a text once for each voice; saying it again gives the same utterance. */
  say(text: string, voice: string): Promise<Utterance> {
    const key = `${this.engine.name}\0${voice}\0${text}`
    const known = this.#byText.get(key)
    if (known) return known
    const made = this.#render(text, voice)
    this.#byText.set(key, made)
    // A failed rendering is forgotten, so the next one to ask tries again; the caller sees the error.
    made.catch(() => this.#byText.delete(key))
    return made
  }

  add(utterance: Utterance): Utterance {
    const same = this.#byId.get(utterance.id)
    if (same) return same
    if (this.#byId.size >= MAX_UTTERANCES) throw new RangeError('the phrase book is full')
    this.#byId.set(utterance.id, utterance)
    const head = headOf(utterance.audio)
    this.#byHead.set(head, [...(this.#byHead.get(head) ?? []), utterance])
    return utterance
  }

  startingLike(bytes: Uint8Array): Utterance[] {
    return this.#byHead.get(headOf(bytes)) ?? []
  }

  exact(bytes: Uint8Array): Utterance | undefined {
    return this.#byId.get(idOf(bytes))
  }

  *[Symbol.iterator](): Generator<Utterance> {
    yield* this.#byId.values()
  }

  get size(): number {
    return this.#byId.size
  }

  async #render(text: string, voice: string): Promise<Utterance> {
    if (text.length > MAX_TEXT_CHARACTERS)
      throw new RangeError(`an utterance has at most ${MAX_TEXT_CHARACTERS} characters`)
    const utterance = canonical(text, voice, await this.engine.render(text, voice))
    if (utterance.audio.length === 0) throw new RangeError('there is nothing to say in this text')
    return this.add(utterance)
  }
}

function headOf(bytes: Uint8Array): string {
  return createHash('sha1').update(bytes.subarray(0, HEAD_BYTES)).digest('base64')
}
