const DIMENSIONS = 1_536
const TOPICS = 2_000
// How far what is said lies from its topic: passages of one topic are at a cosine of about 0.6 to each other.
const SPREAD = 0.8
const WORDS = 30_000
const WORDS_A_TOPIC = 40
const OWN_SHARE = 0.2 // of the words of a passage are its topic's own
const QUESTION_WORDS = 9
const ZIPF = 3 // the higher, the more of a text its most common words make up

export type Said = { text: string; vector: Float32Array }

/** Texts and vectors that look like a language's: common and rare words, and topics that lie together. Always the same. */
export class World {
  #state = 0x9e3779b9
  readonly #centers: Float32Array[]
  readonly #words: string[]

  constructor() {
    this.#centers = Array.from({ length: TOPICS }, () => normalized(this.#noise()))
    this.#words = Array.from({ length: WORDS }, (_, n) => this.#word(n))
  }

  passage(words: number): Said {
    return this.#say(this.#below(TOPICS), words, SPREAD)
  }

  /** About a topic, in a few words of which some are common, and nearer to its middle than a passage. */
  question(): Said {
    return this.#say(this.#below(TOPICS), QUESTION_WORDS, SPREAD / 2)
  }

  #say(topic: number, count: number, spread: number): Said {
    const center = this.#centers[topic]!
    const vector = normalized(this.#noise())
    for (let i = 0; i < DIMENSIONS; i++) vector[i] = center[i]! + spread * vector[i]!
    const words = Array.from({ length: count }, () => this.#words[this.#wordOf(topic)]!)
    return { text: words.join(' '), vector: normalized(vector) }
  }

  #wordOf(topic: number): number {
    if (this.#random() < OWN_SHARE)
      return (topic * WORDS_A_TOPIC + this.#below(WORDS_A_TOPIC)) % WORDS
    return Math.floor(WORDS * this.#random() ** ZIPF)
  }

  #word(n: number): string {
    let word = ''
    for (let rest = n + 400; rest > 0; rest = Math.floor(rest / 20))
      word += 'bcdfghjklmnpqrstvwxz'[rest % 20]! + 'aeiou'[rest % 5]!
    return word
  }

  #noise(): Float32Array {
    const noise = new Float32Array(DIMENSIONS)
    // The sum of two: near enough to a bell curve, and fast.
    for (let i = 0; i < DIMENSIONS; i++) noise[i] = this.#random() + this.#random() - 1
    return noise
  }

  #below(most: number): number {
    return Math.floor(this.#random() * most)
  }

  /** xorshift32 */
  #random(): number {
    this.#state ^= this.#state << 13
    this.#state ^= this.#state >>> 17
    this.#state ^= this.#state << 5
    return (this.#state >>> 0) / 2 ** 32
  }
}

function normalized(vector: Float32Array): Float32Array {
  let squares = 0
  for (let i = 0; i < vector.length; i++) squares += vector[i]! * vector[i]!
  const length = Math.sqrt(squares)
  for (let i = 0; i < vector.length; i++) vector[i]! /= length
  return vector
}
