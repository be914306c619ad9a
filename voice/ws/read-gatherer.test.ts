import { beforeEach, describe, expect, test } from 'vitest'
import { ReadGatherer } from './read-gatherer.ts'

describe('a gatherer of reads', () => {
  let nowMs: number
  let pauses: number[]
  let turns: (() => void)[]
  let gatherer: ReadGatherer
  beforeEach(() => {
    nowMs = 1_000
    pauses = []
    turns = []
    gatherer = new ReadGatherer({
      nowMs: () => nowMs,
      pause: (ms) => void pauses.push(ms),
      afterTurn: (run) => void turns.push(run),
    })
  })
  const turn = (reads: number, afterMs: number) => {
    nowMs += afterMs
    for (let count = 0; count < reads; count++) gatherer.read()
    for (const run of turns.splice(0)) run()
  }

  test('pauses once after each turn of a few reads', () => {
    turn(1, 1)
    turn(3, 1)
    turn(3, 1)
    expect(pauses).toHaveLength(2)
  })

  test('pauses for as long as enough reads need to come, and a millisecond at most', () => {
    for (let count = 0; count < 400; count++) turn(32, 1)
    turn(4, 0.125)
    expect(pauses.at(-1)).toBeCloseTo(0.5, 2)
    for (let count = 0; count < 200; count++) turn(4, 1)
    expect(pauses.at(-1)).toBe(1)
  })

  test('asks for one end of a turn, however many reads it has', () => {
    for (let count = 0; count < 5; count++) gatherer.read()
    expect(turns).toHaveLength(1)
  })

  test('goes on at once when a turn brought many reads', () => {
    turn(1, 1)
    turn(100, 1)
    expect(pauses).toEqual([])
    turn(2, 1)
    expect(pauses).toHaveLength(1)
  })

  test('goes on at once when reads come seldom', () => {
    for (let count = 0; count < 20; count++) turn(1, 20)
    expect(pauses).toEqual([])
  })
})
