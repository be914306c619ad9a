import { describe, expect, test } from 'vitest'
import { talkShare, toBars, toPath } from './peaks.ts'
import { MAX_LINK_RENEWALS, Playback } from './playback.ts'

/** The part of an audio element that playing needs, whose file is there at once. */
class Tape extends EventTarget {
  src = ''
  currentTime = 0
  playbackRate = 1
  error: MediaError | null = null
  isBroken = false

  async play(): Promise<void> {
    if (this.isBroken) {
      this.dispatchEvent(new Event('error'))
      throw new DOMException('no source', 'NotSupportedError')
    }
    this.dispatchEvent(new Event('loadedmetadata'))
    this.dispatchEvent(new Event('playing'))
  }
  pause(): void {
    this.dispatchEvent(new Event('pause'))
  }
  load(): void {}
  removeAttribute(): void {
    this.src = ''
  }
}

function aPlayback(over: { startMs?: number; createLink?: () => Promise<string> } = {}) {
  const tape = new Tape()
  let links = 0
  let tick: (() => void) | undefined
  const playback = new Playback({
    media: tape,
    durationMs: 60_000,
    createLink: async () => {
      links += 1
      return `http://api.test/recording/${links}`
    },
    everyFrame(run) {
      tick = run
      return () => {
        tick = undefined
      }
    },
    ...over,
  })
  return {
    tape,
    playback,
    links: () => links,
    frame: () => tick?.(),
    isTicking: () => tick !== undefined,
  }
}

describe('playing', () => {
  test('asks for the recording at the first play and not before', async () => {
    const { playback, links, tape } = aPlayback()
    playback.seek(5_000)
    expect(links()).toBe(0)
    await playback.play()
    await playback.play()
    expect(links()).toBe(1)
    expect(tape.src).toBe('http://api.test/recording/1')
  })

  test('begins where the address said, at the chosen speed', async () => {
    const { playback, tape } = aPlayback({ startMs: 40_000 })
    playback.setSpeed(1.5)
    await playback.play()
    expect(tape.currentTime).toBe(40)
    expect(tape.playbackRate).toBe(1.5)
    expect(playback.state.get()).toMatchObject({ isPlaying: true, status: 'ready' })
  })

  test('follows the audio frame by frame, and not after a pause', async () => {
    const { playback, tape, frame, isTicking } = aPlayback()
    await playback.play()
    tape.currentTime = 7
    frame()
    expect(playback.state.get().positionMs).toBe(7_000)
    playback.pause()
    expect(isTicking()).toBe(false)
  })

  test('from the end begins again', async () => {
    const { playback, tape } = aPlayback()
    await playback.play()
    tape.dispatchEvent(new Event('ended'))
    expect(playback.state.get()).toMatchObject({ isPlaying: false, positionMs: 60_000 })
    await playback.play()
    expect(tape.currentTime).toBe(0)
  })
})

describe('seeking', () => {
  test('never leaves the recording', () => {
    const { playback } = aPlayback()
    playback.skip(-5_000)
    expect(playback.state.get().positionMs).toBe(0)
    playback.seek(1e9)
    expect(playback.state.get().positionMs).toBe(60_000)
  })

  test('speed steps stop at the slowest and the fastest', () => {
    const { playback } = aPlayback()
    for (let step = 0; step < 10; step += 1) playback.stepSpeed(1)
    expect(playback.state.get().speed).toBe(2)
    for (let step = 0; step < 10; step += 1) playback.stepSpeed(-1)
    expect(playback.state.get().speed).toBe(0.75)
  })
})

describe('failing', () => {
  test('a link that ran out is replaced and playing goes on where it was', async () => {
    const { playback, tape, links, frame } = aPlayback()
    await playback.play()
    tape.currentTime = 20
    frame()
    const goesOn = new Promise((resolve) =>
      tape.addEventListener('playing', resolve, { once: true }),
    )
    tape.currentTime = 0
    tape.dispatchEvent(new Event('error'))
    await goesOn
    expect(links()).toBe(2)
    expect(tape.currentTime).toBe(20)
  })

  test('a recording that cannot be played is given up after a few links', async () => {
    const { playback, tape, links } = aPlayback()
    tape.isBroken = true
    const failed = new Promise<void>((resolve) => {
      playback.state.subscribe(() => {
        if (playback.state.get().status === 'failed') resolve()
      })
    })
    await playback.play()
    await failed
    expect(links()).toBe(1 + MAX_LINK_RENEWALS)
    expect(playback.state.get().isPlaying).toBe(false)
  })

  test('a refused link is told, and the next press tries again', async () => {
    let isRefused = true
    const { playback } = aPlayback({
      createLink: async () => {
        if (isRefused) throw new Error('refused')
        return 'http://api.test/recording'
      },
    })
    await playback.play()
    expect(playback.state.get()).toMatchObject({ status: 'failed', error: new Error('refused') })
    isRefused = false
    await playback.play()
    expect(playback.state.get()).toMatchObject({ status: 'ready', isPlaying: true, error: null })
  })

  test('once disposed it asks for nothing more', async () => {
    const { playback, tape, links } = aPlayback()
    playback.dispose()
    tape.dispatchEvent(new Event('error'))
    expect(links()).toBe(0)
  })
})

describe('the waveform', () => {
  test('keeps the loudest peak below each bar', () => {
    expect(toBars([0, 0.9, 0, 0.1], 2)).toEqual([0.9, 0.1])
    expect(toBars([0.5], 3)).toEqual([0.5, 0.5, 0.5])
    expect(toBars([], 2)).toEqual([0, 0])
  })

  test('draws one closed shape a bar', () => {
    expect(toPath([0, 1]).match(/z/g)).toHaveLength(2)
    expect(toPath([1])).toBe('M0.19 0h0.62v1h-0.62z')
  })

  test('counts the share of time a side was heard', () => {
    expect(talkShare([0.5, 0.5, 0.005, 0])).toBe(0.5)
    expect(talkShare([])).toBe(0)
  })
})
