import { expect, test } from 'vitest'
import { Rounds } from './rounds.ts'

const TURN_MS = 25
const GROUPS = 4
const MEMBERS = Array.from({ length: 10 }, (_, index) => index)
const ascending = (members: number[]) => members.toSorted((a, b) => a - b)

const aRound = () => {
  const rounds = new Rounds<number>({ groups: GROUPS, roundMs: GROUPS * TURN_MS, nowMs: 0 })
  for (const member of MEMBERS) rounds.add(member)
  const dueAt = (nowMs: number) => [...rounds.due(nowMs)].map(({ member }) => member)
  return { rounds, dueAt }
}

test('each comes up once a round, a few at a time', () => {
  const { rounds, dueAt } = aRound()
  const turns = Array.from({ length: GROUPS }, (_, turn) => dueAt((turn + 1) * TURN_MS))
  expect(ascending(turns.flat())).toEqual(MEMBERS)
  expect(Math.max(...turns.map(({ length }) => length))).toBe(3)
  expect(dueAt(GROUPS * TURN_MS)).toEqual([])
  const next = [...rounds.due((GROUPS + 1) * TURN_MS)]
  expect(next.map(({ member }) => member)).toEqual(turns[0])
  expect(new Set(next.map(({ round }) => round))).toEqual(new Set([1]))
})

test('who asks late misses nobody, and does nobody twice', () => {
  const { dueAt } = aRound()
  expect(dueAt(2 * TURN_MS)).toHaveLength(6)
  expect(dueAt(GROUPS * TURN_MS)).toHaveLength(4)
  expect(ascending(dueAt(100 * TURN_MS))).toEqual(MEMBERS)
  expect(dueAt(100 * TURN_MS)).toEqual([])
})

test('one that leaves comes up no more, also when it leaves as its turn comes', () => {
  const rounds = new Rounds<number>({ groups: 1, roundMs: TURN_MS, nowMs: 0 })
  for (const member of [1, 2, 3]) rounds.add(member)
  rounds.delete(2)
  rounds.delete(4)
  const seen: number[] = []
  for (const { member } of rounds.due(TURN_MS)) {
    seen.push(member)
    rounds.delete(3)
  }
  expect(seen).toEqual([1])
})
