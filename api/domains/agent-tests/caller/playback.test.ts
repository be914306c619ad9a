import { expect, test } from 'vitest'
import { Playback } from './playback.ts'

const SECOND = 8_000 // bytes

test('what comes early waits for its turn, and a mark comes back when all before it was heard', () => {
  const playback = new Playback()
  playback.add(SECOND, 100)
  playback.add(SECOND, 150)
  playback.mark('a', 150)
  expect(playback.stretch).toEqual({ startMs: 100, endMs: 2_100 })
  expect(playback.takeReached(2_099)).toEqual([])
  expect(playback.isPlaying(2_099)).toBe(true)
  expect(playback.takeReached(2_100)).toEqual(['a'])
  expect(playback.takeReached(2_100)).toEqual([])
  expect(playback.quietMs(2_600)).toBe(500)
})

test('a short silence belongs to what is said, a long one ends it', () => {
  const playback = new Playback()
  playback.add(SECOND, 0)
  playback.add(SECOND, 1_400)
  expect(playback.stretch).toEqual({ startMs: 0, endMs: 2_400 })
  playback.add(SECOND, 2_801)
  expect(playback.stretch).toEqual({ startMs: 2_801, endMs: 3_801 })
})

test('clear is silence at once: marks come back, and what follows is something new', () => {
  const playback = new Playback()
  playback.add(SECOND, 0)
  playback.mark('a', 0)
  playback.clear(300)
  expect(playback.isPlaying(300)).toBe(false)
  expect(playback.stretch).toEqual({ startMs: 0, endMs: 300 })
  expect(playback.takeReached(300)).toEqual(['a'])
  playback.add(SECOND, 320)
  expect(playback.stretch).toEqual({ startMs: 320, endMs: 1_320 })
})

test('a mark with nothing before it comes back at once', () => {
  const playback = new Playback()
  playback.mark('a', 40)
  expect(playback.takeReached(40)).toEqual(['a'])
})
