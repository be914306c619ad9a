import { askedTermsOf, type Sentence, termsOf } from './words.ts'

export type Passage = { text: string; score: number }

type Indexed = { text: string; weights: Map<string, number>; length: number }

const HEADING_WEIGHT = 0.5 // a heading says what a sentence is about, less surely than its own words
const MEMORY_WEIGHT = 0.4 // what was asked just before, for "and on Saturday?"
/** Share of what was asked that a sentence must hold: below it "I do not know" is more honest. */
export const QUESTION_SHARE = 0.34
export const STATEMENT_SHARE = 0.55 // a remark that merely shares a word is no question about it
const LENGTH_PENALTY = 0.002 // among equals the shorter sentence wins

/** Finds the sentence that shares most of the rare words of a question. */
export class Index {
  readonly #sentences: Indexed[]
  readonly #spread = new Map<string, number>()

  constructor(sentences: Sentence[]) {
    this.#sentences = sentences.map(({ text, heading }) => {
      const weights = new Map<string, number>()
      for (const term of termsOf(heading)) weights.set(term, HEADING_WEIGHT)
      for (const term of termsOf(text)) weights.set(term, 1)
      return { text, weights, length: text.length }
    })
    for (const { weights } of this.#sentences)
      for (const term of weights.keys()) this.#spread.set(term, (this.#spread.get(term) ?? 0) + 1)
  }

  best(question: string, leastShare: number, before = ''): Passage | undefined {
    const asked = askedTermsOf(question)
    if (asked.length === 0 && !before) return undefined
    const remembered = askedTermsOf(before).filter((term) => !asked.includes(term))
    const weightAsked = asked.reduce((sum, term) => sum + this.#rarity(term), 0)
    let best: Passage | undefined
    for (const { text, weights, length } of this.#sentences) {
      const own = asked.reduce((sum, t) => sum + this.#rarity(t) * (weights.get(t) ?? 0), 0)
      const share = weightAsked === 0 ? 0 : own / weightAsked
      if (share < leastShare) continue
      const extra = remembered.reduce((sum, t) => sum + this.#rarity(t) * (weights.get(t) ?? 0), 0)
      const score = own + MEMORY_WEIGHT * extra - LENGTH_PENALTY * length
      if (!best || score > best.score) best = { text, score }
    }
    return best
  }

  /** Inverse document frequency; a word that no sentence has counts like the rarest. */
  #rarity(term: string): number {
    const spread = this.#spread.get(term) ?? 0
    return Math.log(1 + (this.#sentences.length + 1) / (spread + 0.5))
  }
}
