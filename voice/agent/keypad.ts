// A card number and its PIN with room to spare; keys beyond that are noise.
const MAX_KEYS = 32

/**
 * Tells the agent each key at once and yet a number as a whole: every key repeats the ones shortly before it under the
 * same context id, and an update with the same id takes the earlier one's place.
 */
export class Keypad {
  #keys = ''
  #batch = 0
  #lastMs = Number.NEGATIVE_INFINITY
  #batchMs: number

  constructor(batchMs: number) {
    this.#batchMs = batchMs
  }

  press(key: string, nowMs: number): { text: string; contextId: string } {
    if (nowMs - this.#lastMs > this.#batchMs || this.#keys.length >= MAX_KEYS) {
      this.#keys = ''
      this.#batch++
    }
    this.#lastMs = nowMs
    this.#keys += key
    return {
      text: `The caller pressed ${this.#keys} on the keypad.`,
      contextId: `keypad-${this.#batch}`,
    }
  }
}
