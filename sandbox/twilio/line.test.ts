import { expect, test } from 'vitest'
import { PhraseBook } from '../speech/book.ts'
import { Ear, type Heard } from '../speech/ear.ts'
import { formantEngine } from '../speech/formant.ts'
import { decode, encode } from '../speech/mulaw.ts'
import { HandClock } from './clock.ts'
import { Line } from './line.ts'
import { Playback, silentFrame } from './playback.ts'
import { StereoTape, wav } from './tape.ts'
import { readWav } from './wav.ts'

const tone = (bytes: number, value = 0x20) => new Uint8Array(bytes).fill(value)

function aLine() {
  const clock = new HandClock()
  const heard: Uint8Array[] = []
  const line = new Line(clock, (frame) => heard.push(frame))
  line.start()
  return { clock, line, heard }
}

test('a mark is told when the last byte before it has been played, not when it was queued', () => {
  const playback = new Playback()
  const marks: string[] = []
  playback.add(tone(320))
  playback.mark(() => marks.push('first'))
  playback.add(tone(160))
  playback.mark(() => marks.push('second'))
  playback.take()
  playback.take()
  expect(marks).toEqual([])
  playback.take()
  expect(marks).toEqual(['first'])
  playback.take()
  expect(marks).toEqual(['first', 'second'])
})

test('a mark with nothing before it is told with the next frame', () => {
  const playback = new Playback()
  let told = false
  playback.mark(() => {
    told = true
  })
  playback.take()
  expect(told).toBe(true)
})

test('clear drops what is queued and tells all outstanding marks at once, in order', () => {
  const playback = new Playback()
  const marks: number[] = []
  for (const n of [1, 2, 3]) {
    playback.add(tone(1_600))
    playback.mark(() => marks.push(n))
  }
  playback.take()
  playback.clear()
  expect(marks).toEqual([1, 2, 3])
  expect(playback.queuedBytes).toBe(0)
  expect(playback.take()).toEqual(silentFrame)
})

test('audio in pieces of any length is played without a gap', () => {
  const playback = new Playback()
  const whole = Uint8Array.from({ length: 1_600 }, (_, i) => i % 120)
  for (let at = 0, n = 1; at < whole.length; at += n, n = (n * 7) % 211)
    playback.add(whole.subarray(at, at + n))
  const played = Buffer.concat(Array.from({ length: 10 }, () => playback.take()))
  expect(new Uint8Array(played)).toEqual(whole)
})

test('more audio than half an hour is not taken', () => {
  const playback = new Playback()
  expect(playback.add(tone(30 * 60 * 8_000))).toBe(true)
  expect(playback.add(tone(1))).toBe(false)
})

test('a line sends fifty frames a second however the timer jitters, and never drifts', () => {
  const { clock, heard } = aLine()
  for (let n = 0; n < 1_000; n++) clock.advance(7 + (n % 11))
  const passed = clock.now()
  expect(heard.length).toBe(Math.floor(Math.floor(passed / 10) / 2))
})

test('after a long stall a line goes on late instead of in one burst', () => {
  const clock = new HandClock()
  const frames: number[] = []
  let stalled = false
  const late = {
    now: () => clock.now() + (stalled ? 60_000 : 0),
    after: clock.after.bind(clock),
    every: clock.every.bind(clock),
  }
  const line = new Line(late, () => frames.push(clock.now()))
  line.start()
  clock.advance(100)
  const before = frames.length
  stalled = true
  clock.advance(10)
  expect(frames.length - before).toBeLessThanOrEqual(50)
  clock.advance(1_000)
  expect(frames.length - before).toBeLessThanOrEqual(101)
})

test('what a person says is spoken in order with silence between', async () => {
  const { clock, line } = aLine()
  const said: Uint8Array[] = []
  line.listen((frame) => said.push(frame))
  const order: string[] = []
  const one = line.speak(tone(200, 1)).then(() => order.push('one'))
  const two = line.speak(tone(160, 2)).then(() => order.push('two'))
  clock.advance(400)
  await Promise.all([one, two])
  expect(order).toEqual(['one', 'two'])
  const kinds = said.map((frame) => frame[0])
  expect(kinds.slice(0, 6)).toEqual([1, 1, 0xff, 0xff, 0xff, 2])
})

test('two joined lines hear each other frame by frame', () => {
  const { clock, line, heard } = aLine()
  const theirs: Uint8Array[] = []
  const other = new Line(clock, (frame) => theirs.push(frame))
  other.start()
  line.bridge(other)
  void line.speak(tone(320, 5))
  void other.speak(tone(160, 6))
  clock.advance(100)
  expect(theirs.slice(0, 3).map((frame) => frame[0])).toEqual([5, 5, 0xff])
  expect(heard.slice(0, 2).map((frame) => frame[0])).toEqual([6, 0xff])
  expect(theirs).toHaveLength(heard.length)
})

test('barge-in: what was cut off is heard as a clean beginning and what follows in full', async () => {
  const book = new PhraseBook(formantEngine())
  const long = await book.say('I understand your concern about the price of the plan.', 'en-gb/70')
  const short = await book.say('Go ahead.', 'en-gb/70')
  const clock = new HandClock()
  const heard: Heard[] = []
  const ear = new Ear(book, (h) => h.kind !== 'words' && h.kind !== 'start' && heard.push(h))
  const line = new Line(clock, (frame) => ear.hear(frame))
  line.start()
  const marks: string[] = []
  line.playback.add(long.audio)
  line.playback.mark(() => marks.push('long'))
  clock.advance(2_000)
  expect(marks).toEqual([])
  line.playback.clear()
  expect(marks).toEqual(['long'])
  clock.advance(300)
  line.playback.add(short.audio)
  clock.advance(3_000)
  expect(heard).toMatchObject([
    { kind: 'cut', utterance: { text: long.text } },
    { kind: 'final', utterance: { text: 'Go ahead.' } },
  ])
})

test('a recording compresses back to the exact bytes of the line', () => {
  const tape = new StereoTape()
  const said = Uint8Array.from({ length: 160 }, (_, i) => (i === 0x7f ? 0xff : i))
  for (let n = 0; n < 600; n++) tape.add(said, silentFrame)
  expect(tape.durationSeconds).toBe(12)
  const mono = readWav(wav([tape.said()]))
  expect(mono).toEqual(tape.said())
  const stereo = wav([tape.said(), tape.heard()])
  expect(stereo.length).toBe(44 + tape.length * 4)
  expect(encode(decode(tape.said()))).toEqual(tape.said())
})
