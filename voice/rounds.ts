/** Members in turn: all come up once a round, a group at a time, so that what is done for many is never done at once. */
export class Rounds<Member> {
  readonly #groups: readonly Set<Member>[]
  #added = 0
  #taken = 0

  constructor(groups: number) {
    this.#groups = Array.from({ length: groups }, () => new Set<Member>())
  }

  /** How many rounds are over. */
  get count(): number {
    return Math.floor(this.#taken / this.#groups.length)
  }

  add(member: Member): void {
    this.#groups[this.#added++ % this.#groups.length]!.add(member)
  }

  delete(member: Member): void {
    for (const group of this.#groups) if (group.delete(member)) return
  }

  /** The next group. Members may leave while it is gone through. */
  take(): Iterable<Member> {
    return this.#groups[this.#taken++ % this.#groups.length]!
  }
}
