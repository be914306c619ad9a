import { expect, test } from 'vitest'
import { Rounds } from './rounds.ts'

const round = (rounds: Rounds<number>, groups: number): number[][] =>
  Array.from({ length: groups }, () => [...rounds.take()])

test('every member comes up once a round, a few at a time', () => {
  const rounds = new Rounds<number>(4)
  const members = Array.from({ length: 10 }, (_, index) => index)
  for (const member of members) rounds.add(member)
  const first = round(rounds, 4)
  expect(first.flat().toSorted((a, b) => a - b)).toEqual(members)
  expect(Math.max(...first.map(({ length }) => length))).toBe(3)
  expect(rounds.count).toBe(1)
  expect(round(rounds, 4)).toEqual(first)
  expect(rounds.count).toBe(2)
})

test('one that leaves comes up no more, also when it leaves as its turn comes', () => {
  const rounds = new Rounds<number>(1)
  for (const member of [1, 2, 3]) rounds.add(member)
  rounds.delete(2)
  rounds.delete(4)
  const seen: number[] = []
  for (const member of rounds.take()) {
    seen.push(member)
    rounds.delete(3)
  }
  expect(seen).toEqual([1])
})
