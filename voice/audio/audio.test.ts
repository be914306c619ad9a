import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { levelOf } from './level.ts'
import { DECODE, encodeSample, payloadBytes, SILENCE } from './mulaw.ts'
import { SpeechSpan } from './speech-span.ts'
import { MediaTimeline } from './timeline.ts'

describe('mu-law', () => {
  test('comes back from samples as it was, but for minus zero', () => {
    for (let code = 0; code < 256; code++)
      expect(encodeSample(DECODE[code]!)).toBe(code === 0x7f ? SILENCE : code)
  })

  test('keeps every sample within the step of its code', () => {
    fc.assert(
      fc.property(fc.integer({ min: -32_768, max: 32_767 }), (sample) => {
        const back = DECODE[encodeSample(sample)]!
        expect(Math.abs(back - sample)).toBeLessThanOrEqual(Math.max(4, Math.abs(sample) / 16))
      }),
    )
  })

  test('has a length that is told from its base64 text', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 500 }), (audio) => {
        const text = Buffer.from(Buffer.from(audio).toString('base64'))
        expect(payloadBytes(text, 0, text.length)).toBe(audio.length)
      }),
    )
  })
})

describe('the level', () => {
  const level = (audio: Uint8Array) => {
    const text = Buffer.from(Buffer.from(audio).toString('base64'))
    return levelOf(text, 0, text.length)
  }

  test('of silence is zero, of the loudest tone one', () => {
    expect(level(new Uint8Array(160).fill(SILENCE))).toBe(0)
    expect(level(new Uint8Array(160).fill(0x00))).toBe(1)
    expect(level(new Uint8Array(0))).toBe(0)
  })

  test('is near the true mean of noise, though few samples are read', () => {
    let seed = 1
    const random = () => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647
    const audio = Uint8Array.from({ length: 8_000 }, () => encodeSample((random() - 0.5) * 20_000))
    const mean =
      audio.reduce((sum, code) => sum + Math.abs(DECODE[code]!), 0) / audio.length / 32_124
    const levels = Array.from({ length: 50 }, (_, index) =>
      level(audio.subarray(index * 160, index * 160 + 160)),
    )
    const average = levels.reduce((sum, value) => sum + value, 0) / levels.length
    expect(average).toBeGreaterThan(mean * 0.8)
    expect(average).toBeLessThan(mean * 1.2)
  })
})

describe('the media timeline', () => {
  test('does not move when a frame is late, and follows when one is early', () => {
    const timeline = new MediaTimeline()
    timeline.frame(0, 20, 1_050)
    expect(timeline.at(1_050)).toBe(20)
    timeline.frame(20, 20, 1_120)
    expect(timeline.at(1_120)).toBeCloseTo(90, 0)
    timeline.frame(40, 20, 1_060)
    expect(timeline.at(1_060)).toBe(60)
  })

  test('starts at its first frame, wherever the stamps start', () => {
    const timeline = new MediaTimeline()
    expect([timeline.started, timeline.at(99), timeline.mediaMs]).toEqual([false, 0, 0])
    timeline.frame(5_000, 20, 100)
    expect([timeline.at(100), timeline.mediaMs]).toEqual([20, 20])
  })

  test('counts media time that never falls', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(100_000), { minLength: 1 }), (stamps) => {
        const timeline = new MediaTimeline()
        let before = 0
        for (const [index, stamp] of stamps.entries()) {
          timeline.frame(stamp, 20, index * 20)
          expect(timeline.mediaMs).toBeGreaterThanOrEqual(before)
          before = timeline.mediaMs
        }
      }),
    )
  })
})

describe('the span of speech', () => {
  test('is the moment itself when nothing was heard', () => {
    expect(new SpeechSpan().take(700)).toEqual({ startMs: 700, endMs: 700 })
  })

  test('spans pauses of a speaker and forgets a noise before them', () => {
    const span = new SpeechSpan()
    span.sense(0.5, 0, 20)
    span.sense(0.5, 5_000, 5_020)
    span.sense(0.001, 5_500, 5_520)
    span.sense(0.5, 6_000, 6_020)
    expect(span.take(9_000)).toEqual({ startMs: 5_000, endMs: 6_020 })
    expect(span.take(9_100)).toEqual({ startMs: 9_100, endMs: 9_100 })
  })
})
