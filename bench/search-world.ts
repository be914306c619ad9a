const DIMENSIONS = 1_536
const TOPICS = 2_000
// What texts are about differs in few ways, as in a model's vectors; all the rest of a vector is chance.
const WAYS = 40
const SPREAD = 0.6 // how far what is said lies from its topic, of how far topics lie from each other
const CHANCE = 0.5 // the length of the part that is chance, of the length of the part that is not
const WORDS = 30_000
const WORDS_A_TOPIC = 40
const OWN_SHARE = 0.2 // of the words of a passage are its topic's own
const QUESTION_WORDS = 9
const ZIPF = 3 // the higher, the more of a text its most common words make up

export type Said = { text: string; vector: Float32Array }

/** Texts and vectors that look like a language's: common and rare words, and topics that lie together. Always the same. */
export class World {
  #state = 0x9e3779b9
  readonly #topics: Float32Array[]
  readonly #ways: Float32Array[]
  readonly #words: string[]

  constructor() {
    this.#topics = Array.from({ length: TOPICS }, () => this.#noise(WAYS))
    this.#ways = Array.from({ length: WAYS }, () => this.#noise(DIMENSIONS))
    this.#words = Array.from({ length: WORDS }, (_, n) => this.#word(n))
  }

  passage(words: number): Said {
    return this.#say(this.#below(TOPICS), words, SPREAD)
  }

  /** About a topic, in a few words of which some are common. */
  question(): Said {
    return this.#say(this.#below(TOPICS), QUESTION_WORDS, SPREAD)
  }

  #say(topic: number, count: number, spread: number): Said {
    const about = this.#noise(WAYS)
    for (let way = 0; way < WAYS; way++)
      about[way] = this.#topics[topic]![way]! + spread * about[way]!
    const vector = normalized(this.#noise(DIMENSIONS))
    const length = CHANCE / Math.sqrt(1 - CHANCE ** 2)
    const meant = this.#mix(about)
    for (let i = 0; i < DIMENSIONS; i++) vector[i] = meant[i]! + length * vector[i]!
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

  #mix(about: Float32Array): Float32Array {
    const sum = new Float32Array(DIMENSIONS)
    for (let way = 0; way < WAYS; way++) {
      const [share, axis] = [about[way]!, this.#ways[way]!]
      for (let i = 0; i < DIMENSIONS; i++) sum[i]! += share * axis[i]!
    }
    return normalized(sum)
  }

  #noise(size: number): Float32Array {
    const noise = new Float32Array(size)
    // The sum of two: near enough to a bell curve, and fast.
    for (let i = 0; i < size; i++) noise[i] = this.#random() + this.#random() - 1
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
