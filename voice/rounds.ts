/**
 * Members in turn: each comes up once a round, a group at a time, so that what is done for many is never done at once.
 * Time decides whose turn it is: where nobody asked for a while, all whose turn was missed come up, once each.
 */
export class Rounds<Member> {
  readonly #groups: readonly Set<Member>[]
  readonly #turnMs: number
  #added = 0
  #turn: number

  constructor({ groups, roundMs, nowMs }: { groups: number; roundMs: number; nowMs: number }) {
    this.#groups = Array.from({ length: groups }, () => new Set<Member>())
    this.#turnMs = roundMs / groups
    this.#turn = Math.floor(nowMs / this.#turnMs)
  }

  add(member: Member): void {
    this.#groups[this.#added++ % this.#groups.length]!.add(member)
  }

  delete(member: Member): void {
    for (const group of this.#groups) if (group.delete(member)) return
  }

  /** Whose turn has come since this was last asked, with the number of the round. Members may leave meanwhile. */
  *due(nowMs: number): Iterable<{ member: Member; round: number }> {
    const { length } = this.#groups
    const until = Math.floor(nowMs / this.#turnMs)
    const from = Math.max(this.#turn, until - length)
    this.#turn = Math.max(this.#turn, until)
    for (let turn = from; turn < until; turn++)
      for (const member of this.#groups[turn % length]!)
        yield { member, round: Math.floor(turn / length) }
  }
}
