import { GENESIS, hashLink, type Link, type PlatformLink } from './chain.ts'

export type Head = { sequence: number; hash: string }
export type Linked = (Link | PlatformLink) & { previousHash: string; hash: string }
/** The hash an entry had on a day, as it was written down outside the database. */
export type Anchor = { day: string; sequence: number; hash: string }
/** The first entry that does not fit, and why. */
export type Problem = { sequence: number; problem: string }

/** Follows one chain from its first entry to `head`; what was added after the head was read is left out. */
export class ChainWalk {
  checked = 0
  /** The highest entry seen beyond the head: the head must have moved on since. */
  beyond = 0
  readonly #head: Head
  readonly #anchors: ReadonlyMap<number, Anchor>
  readonly #furthest: Anchor | undefined
  #last: Head = { sequence: 0, hash: GENESIS }
  #problem: Problem | null = null

  constructor(head: Head, anchors: readonly Anchor[] = []) {
    this.#head = head
    this.#anchors = new Map(anchors.map((anchor) => [anchor.sequence, anchor]))
    this.#furthest = anchors.toSorted((a, b) => b.sequence - a.sequence)[0]
  }

  take(entry: Linked): void {
    if (entry.sequence > this.#head.sequence) {
      this.beyond = Math.max(this.beyond, entry.sequence)
      return
    }
    if (this.#problem) return
    const problem = problemOf(entry, this.#last) ?? this.#differsFromAnchor(entry)
    if (problem) {
      this.#problem = { sequence: entry.sequence, problem }
      return
    }
    this.checked++
    this.#last = { sequence: entry.sequence, hash: entry.hash }
  }

  /** For after the last entry was taken. */
  end(): Problem | null {
    if (this.#problem) return this.#problem
    const { sequence } = this.#last
    if (sequence < this.#head.sequence) return { sequence: sequence + 1, problem: 'entry missing' }
    if (this.#last.hash !== this.#head.hash)
      return { sequence: this.#head.sequence, problem: 'head does not fit' }
    if (this.#furthest && this.#furthest.sequence > sequence)
      return {
        sequence: sequence + 1,
        problem: `shorter than its anchor of ${this.#furthest.day}`,
      }
    return null
  }

  #differsFromAnchor(entry: Linked): string | null {
    const anchor = this.#anchors.get(entry.sequence)
    if (!anchor || anchor.hash === entry.hash) return null
    return `differs from its anchor of ${anchor.day}`
  }
}

function problemOf(entry: Linked, last: Head): string | null {
  if (entry.sequence !== last.sequence + 1) return 'gap in the sequence'
  if (entry.previousHash !== last.hash) return 'does not follow its predecessor'
  const { previousHash: _previous, hash: _hash, ...link } = entry
  return hashLink(last.hash, link) === entry.hash ? null : 'content does not fit its hash'
}
