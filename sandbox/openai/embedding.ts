const STEM_LETTERS = 5 // a longer word counts mostly by its beginning, so that "refund" is near "refunds"
const WHOLE_WORD_WEIGHT = 0.5
const COMMON_WEIGHT = 0.1
const MAX_KNOWN_FEATURES = 4_000 // about 25 MB of remembered directions
const FNV_OFFSET = 2_166_136_261
const FNV_PRIME = 16_777_619

// Words that say little about what a text is about.
const COMMON = new Set(
  'a an and are as at be by can do does for from have how i if in is it its me my not of on or our that the their they this to was we what when where which who will with you your der die das und ist ein eine zu in den von mit'.split(
    ' ',
  ),
)

/**
 * A vector of length 1: the sum of a fixed random direction for each word and word beginning. Texts that share
 * words are near each other, texts that share none are nearly at right angles, and every component carries
 * information, as with a real model.
 */
export function embed(text: string, dimensions: number): Float32Array {
  const sum = new Float32Array(dimensions)
  for (const [feature, weight] of features(text)) add(sum, direction(feature, dimensions), weight)
  return normalized(sum)
}

/** Each feature of the text with how much it counts; a repeated word counts less each time. */
function features(text: string): Map<string, number> {
  const counts = new Map<string, number>()
  for (const [word] of text.toLowerCase().matchAll(/[\p{L}\p{N}]+/gu))
    counts.set(word, (counts.get(word) ?? 0) + 1)
  const weights = new Map<string, number>()
  const give = (feature: string, weight: number) =>
    weights.set(feature, (weights.get(feature) ?? 0) + weight)
  for (const [word, count] of counts) {
    const weight = (1 + Math.log(count)) * (COMMON.has(word) ? COMMON_WEIGHT : 1)
    if (word.length <= STEM_LETTERS) give(word, weight)
    else {
      give(`${word.slice(0, STEM_LETTERS)}*`, weight)
      give(word, weight * WHOLE_WORD_WEIGHT)
    }
  }
  return weights
}

const known = new Map<string, Int8Array>()

/** One of many directions nearly at right angles to each other, always the same for a feature. */
function direction(feature: string, dimensions: number): Int8Array {
  const name = `${dimensions}:${feature}`
  const found = known.get(name)
  if (found) return found
  const signs = new Int8Array(dimensions)
  let state = hash(feature) || 1
  for (let i = 0; i < dimensions; i++) {
    // xorshift32
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    signs[i] = state & 0x10000 ? 1 : -1
  }
  const [oldest] = known.keys()
  if (known.size >= MAX_KNOWN_FEATURES && oldest !== undefined) known.delete(oldest)
  known.set(name, signs)
  return signs
}

function hash(text: string): number {
  let value = FNV_OFFSET
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), FNV_PRIME)
  return value | 0
}

function add(sum: Float32Array, signs: Int8Array, weight: number): void {
  for (let i = 0; i < sum.length; i++) sum[i]! += weight * signs[i]!
}

function normalized(vector: Float32Array): Float32Array {
  let squares = 0
  for (const component of vector) squares += component * component
  // A text without a word still has a place: the first axis.
  if (squares === 0) vector[0] = 1
  else {
    const length = Math.sqrt(squares)
    for (let i = 0; i < vector.length; i++) vector[i]! /= length
  }
  return vector
}
