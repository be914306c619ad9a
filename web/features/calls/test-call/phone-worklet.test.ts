import { beforeAll, describe, expect, test } from 'vitest'

const BLOCK = 128
type Message = { mark?: string; frame?: Uint8Array }
type Processor = {
  port: { onmessage(event: { data: object }): void }
  process(inputs: Float32Array[][], outputs: Float32Array[][]): boolean
}

const made = new Map<string, new () => Processor>()
let told: Message[] = []

beforeAll(async () => {
  // What the sound thread has and a page has not.
  Object.assign(globalThis, {
    sampleRate: 48_000,
    AudioWorkletProcessor: class {
      port = { postMessage: (message: Message) => told.push(message) }
    },
    registerProcessor: (name: string, made_: new () => Processor) => made.set(name, made_),
  })
  await import('../../../public/phone-worklet.js')
})

function aProcessor(name: string): Processor {
  told = []
  return new (made.get(name)!)()
}

function play(speaker: Processor, blocks: number): number[] {
  return Array.from({ length: blocks }, () => {
    const out = new Float32Array(BLOCK)
    speaker.process([], [[out]])
    return [...out]
  }).flat()
}

const loud = (samples: number) => new Uint8Array(samples).fill(0x80)
const say = (speaker: Processor, data: object) => speaker.port.onmessage({ data })
const marks = () => told.map(({ mark }) => mark)

describe('the speaker', () => {
  test('gathers a little, then plays everything without a gap and tells the mark after it', () => {
    const speaker = aProcessor('phone-speaker')
    say(speaker, { bytes: loud(1_000) })
    say(speaker, { mark: 'a' })
    const heard = play(speaker, 20)
    const first = heard.findIndex((sample) => sample !== 0)
    expect(first).toBe(5 * BLOCK)
    expect(heard.slice(first, first + 1_000).every((sample) => sample > 0.9)).toBe(true)
    expect(heard.slice(first + 1_000).every((sample) => sample === 0)).toBe(true)
    expect(marks()).toEqual(['a'])
  })

  test('a mark waits for the sound before it', () => {
    const speaker = aProcessor('phone-speaker')
    say(speaker, { bytes: loud(4_000) })
    say(speaker, { mark: 'a' })
    play(speaker, 20)
    expect(marks()).toEqual([])
    play(speaker, 20)
    expect(marks()).toEqual(['a'])
  })

  test('a mark with nothing before it comes back at once', () => {
    const speaker = aProcessor('phone-speaker')
    say(speaker, { mark: 'a' })
    expect(marks()).toEqual(['a'])
  })

  test('clear is silence at once, and the marks of what was not heard come back', () => {
    const speaker = aProcessor('phone-speaker')
    say(speaker, { bytes: loud(4_000) })
    say(speaker, { mark: 'a' })
    say(speaker, { bytes: loud(4_000) })
    say(speaker, { mark: 'b' })
    play(speaker, 10)
    say(speaker, { clear: true })
    expect(marks()).toEqual(['a', 'b'])
    expect(play(speaker, 10).every((sample) => sample === 0)).toBe(true)
  })
})

describe('the microphone', () => {
  const hear = (samples: (index: number) => number, blocks: number) => {
    const microphone = aProcessor('phone-microphone')
    for (let block = 0; block < blocks; block++) {
      const heard = Float32Array.from({ length: BLOCK }, (_, at) => samples(block * BLOCK + at))
      microphone.process([[heard]], [])
    }
    return told.map(({ frame }) => frame!)
  }

  test('a second of a sound card is fifty frames of 20 ms', () => {
    const frames = hear(() => 0, 375)
    expect(frames).toHaveLength(50)
    expect(frames.every((frame) => frame.length === 160)).toBe(true)
    expect(new Set(frames.flatMap((frame) => [...frame]))).toEqual(new Set([0xff]))
  })

  test('mu-law as the standard has it, at the ends and in between', () => {
    const codeOf = (sample: number) => hear(() => sample, 8)[0]?.[100]
    expect([1, -1, 0, 0.5, -0.5].map(codeOf)).toEqual([0x80, 0x00, 0xff, 0x8f, 0x0f])
  })

  test('a tone keeps its pitch', () => {
    const tone = hear((index) => Math.sin((2 * Math.PI * 400 * index) / 48_000), 375)
    const samples = tone.flatMap((frame) => [...frame])
    // The sign bit of mu-law: every period crosses twice.
    const crossings = samples.filter((code, at) => at > 0 && (code ^ samples[at - 1]!) & 0x80)
    expect(Math.abs(crossings.length - 800)).toBeLessThan(8)
  })
})
