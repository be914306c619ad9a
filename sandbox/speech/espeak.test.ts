import { createHash } from 'node:crypto'
import { createRequire } from 'node:module'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { PhraseBook } from './book.ts'
import { diagnose } from './diagnose.ts'
import { Ear, type Heard } from './ear.ts'
import { type EspeakEngine, espeakEngine } from './espeak.ts'
import { SILENCE } from './mulaw.ts'
import { FRAME_BYTES, frames } from './utterance.ts'

const GREETING = 'Hello, this is Northwind Dental. How can I help you today?'
const OPENING_HOURS = 'We are open from eight to five on weekdays and from nine to one on Saturday.' // its quiet moments return, below and above zero

function isInstalled(): boolean {
  try {
    createRequire(import.meta.url).resolve('@echogarden/espeak-ng-emscripten')
    return true
  } catch {
    return false // the optional package is absent, which is what is asked here
  }
}

describe.skipIf(!isInstalled())('espeak-ng in its child process', () => {
  let native: EspeakEngine
  let engine: EspeakEngine
  beforeAll(async () => {
    native = await espeakEngine('native')
    engine = await espeakEngine()
  })
  afterAll(() => Promise.all([native.close(), engine.close()]))

  test('a known text gives the known samples, also after other texts were spoken', async () => {
    await native.render('Something else first, with 42 numbers.', 'en-gb/70/160')
    const { pcm, rate } = await native.render(GREETING, 'en-us/50/175')
    const bytes = Buffer.from(pcm.buffer, pcm.byteOffset, pcm.byteLength)
    expect(rate).toBe(22_050)
    expect(pcm).toHaveLength(78_459)
    expect(createHash('sha256').update(bytes).digest('hex').slice(0, 12)).toBe('85c06ba6adc5')
  })

  test('words carry the text as it was written, once each', async () => {
    const text = 'It costs $9.99 a month, ask a.b@example.com.'
    const { words } = await engine.render(text, 'en-us/50/165')
    expect(words.map((word) => word.text).join(' ')).toBe(text)
  })

  test('what it says is recognised by an ear', async () => {
    const book = new PhraseBook(engine)
    const heard: Heard[] = []
    const ear = new Ear(book, (h) => heard.push(h))
    const utterance = await book.say(GREETING, 'en-gb/70/160')
    for (const frame of frames(utterance.audio)) ear.hear(frame)
    ear.hear(new Uint8Array(480).fill(0xff))
    expect(heard.at(-1)).toMatchObject({ kind: 'final', utterance: { text: GREETING } })
  })

  test('an utterance joined in the middle is diagnosed as one whose beginning is lost', async () => {
    const book = new PhraseBook(engine)
    const { id, audio } = await book.say(OPENING_HOURS, 'en-gb/70/160')
    for (let at = FRAME_BYTES; at < audio.length - FRAME_BYTES; at += FRAME_BYTES) {
      const from = at + audio.subarray(at).findIndex((byte) => byte !== SILENCE)
      const nearest = diagnose(book, audio.subarray(from))
      expect(nearest).toMatchObject({ utterance: { id }, firstBadMs: 0 })
      expect(nearest?.note).toBe(`lost ${from} bytes`)
    }
  })

  test('an utterance that is too long is refused and the voice goes on', async () => {
    await expect(engine.render('x'.repeat(17_000), 'en-us')).rejects.toThrow('too long')
    await expect(engine.render('Fine.', 'en-us')).resolves.toMatchObject({ rate: 8_000 })
  })

  test('a child that is killed fails what it was saying and is replaced for the next text', async () => {
    const before = await engine.render(GREETING, 'en-us/50/165')
    const interrupted = engine.render('This one will not be finished.', 'en-us')
    process.kill(engine.pid!)
    await expect(interrupted).rejects.toThrow('ended')
    const both = await Promise.all([
      engine.render(GREETING, 'en-us/50/165'),
      engine.render(GREETING, 'en-us/50/165'),
    ])
    expect(both.map(({ pcm }) => pcm)).toEqual([before.pcm, before.pcm])
  })

  test('a voice that was closed refuses instead of waiting', async () => {
    const gone = await espeakEngine()
    await gone.close()
    await expect(gone.render('Hello', 'en-us')).rejects.toThrow('closed')
  })
})
