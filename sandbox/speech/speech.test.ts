import { expect, test } from 'vitest'
import { PhraseBook } from './book.ts'
import { Ear, type Heard } from './ear.ts'
import { formantEngine } from './formant.ts'
import { decode, encode, SILENCE } from './mulaw.ts'
import { resample } from './resample.ts'
import { FRAME_BYTES, frames, type Utterance } from './utterance.ts'

const CALLER = 'en-us/50/165'
const AGENT = 'en-gb/70/160'
const TEXTS = [
  'Hello, this is Northwind Dental. How can I help you today?',
  'Yes.',
  'Yes, please.',
  'Could you tell me what the cleaning costs? I was quoted $149.50 last year.',
  'We are open from 9 to 5, Monday through Friday.',
]

async function aBook(): Promise<{ book: PhraseBook; all: Utterance[] }> {
  const book = new PhraseBook(formantEngine())
  const all: Utterance[] = []
  for (const text of TEXTS)
    for (const voice of [CALLER, AGENT]) all.push(await book.say(text, voice))
  return { book, all }
}

function listen(book: PhraseBook, audio: Uint8Array, chunk = FRAME_BYTES): Heard[] {
  const heard: Heard[] = []
  const ear = new Ear(book, (h) => heard.push(h))
  const silence = new Uint8Array(3 * FRAME_BYTES).fill(SILENCE)
  const line = Buffer.concat([silence, audio, silence])
  for (let i = 0; i < line.length; i += chunk) ear.hear(line.subarray(i, i + chunk))
  return heard
}

const verdict = (heard: Heard[]) => heard.filter((h) => h.kind !== 'start' && h.kind !== 'words')

function onLine(audio: Uint8Array): Uint8Array[] {
  return [...frames(audio)]
}

test('every utterance is recognised whatever the length of the chunks it arrives in', async () => {
  const { book, all } = await aBook()
  for (const utterance of all)
    for (const chunk of [1, 7, 160, 701]) {
      const heard = verdict(listen(book, Buffer.concat(onLine(utterance.audio)), chunk))
      expect(heard).toMatchObject([{ kind: 'final', utterance: { id: utterance.id } }])
    }
})

test('rendering is deterministic, so another book gives the same bytes', async () => {
  const [one, two] = [await aBook(), await aBook()]
  expect(one.all.map((u) => u.id)).toEqual(two.all.map((u) => u.id))
  expect(new Set(one.all.map((u) => u.id)).size).toBe(one.all.length)
})

test('words are heard one after the other while the utterance is being spoken', async () => {
  const { book, all } = await aBook()
  const heard = listen(book, all[0]!.audio).filter((h) => h.kind === 'words')
  const texts = heard.map((h) => h.text)
  expect(texts[0]).toBe('Hello,')
  expect(texts.at(-1)).toBe(TEXTS[0])
  expect(texts).toHaveLength(TEXTS[0]!.split(' ').length)
})

test('an utterance cut by barge-in is a clean beginning with the words heard in full', async () => {
  const { book, all } = await aBook()
  const whole = all[0]!
  const [heard] = verdict(listen(book, whole.audio.subarray(0, 160 * 60)))
  expect(heard).toMatchObject({ kind: 'cut', utterance: { id: whole.id } })
  if (heard?.kind !== 'cut') throw new Error('not cut')
  expect(heard.text.length).toBeGreaterThan(0)
  expect(TEXTS[0]!.startsWith(heard.text)).toBe(true)
  expect(heard.text).not.toBe(TEXTS[0])
})

/** Loud throughout: where quiet frames were swapped cannot be told from what is quiet elsewhere. */
const isLoud = (frame: Uint8Array) => frame.filter((byte) => (byte | 0x80) < 0xf0).length > 120

const damages: Record<string, { harm: (line: Uint8Array[]) => Uint8Array[]; note?: RegExp }> = {
  'one flipped bit': {
    harm: (line) => line.map((f, i) => (i === 20 ? f.map((b, n) => (n === 80 ? b ^ 4 : b)) : f)),
    note: /altered in place/,
  },
  'one lost frame': { harm: (line) => line.toSpliced(20, 1), note: /lost 160 bytes/ },
  'two swapped frames': {
    harm: (line) => {
      const at = line.findIndex((frame, i) => i >= 20 && isLoud(frame) && isLoud(line[i + 1]!))
      return line.toSpliced(at, 2, line[at + 1]!, line[at]!)
    },
    note: /out of order/,
  },
  'one doubled frame': { harm: (line) => line.toSpliced(20, 0, line[20]!) },
  'one silenced frame': {
    harm: (line) => line.toSpliced(20, 1, new Uint8Array(FRAME_BYTES).fill(SILENCE)),
    note: /altered in place/,
  },
  'one dropped byte': {
    harm: (line) => line.toSpliced(20, 1, line[20]!.subarray(1)),
    note: /lost 1 bytes/,
  },
}

for (const [name, { harm, note }] of Object.entries(damages))
  test(`${name} is heard as damage and the diagnosis names the utterance`, async () => {
    const { book, all } = await aBook()
    for (const utterance of all.filter((u) => u.audio.length > 160 * 60)) {
      const heard = verdict(listen(book, Buffer.concat(harm(onLine(utterance.audio)))))
      expect(heard).toHaveLength(1)
      expect(heard[0]).toMatchObject({
        kind: 'damaged',
        nearest: { utterance: { id: utterance.id } },
      })
      if (note && heard[0]?.kind === 'damaged') expect(heard[0].nearest?.note).toMatch(note)
    }
  })

test('a single stray byte in the silence is damage, not the beginning of something', async () => {
  const { book, all } = await aBook()
  const [heard] = verdict(listen(book, all[0]!.audio.subarray(0, 1)))
  expect(heard).toMatchObject({ kind: 'damaged', bytes: 1 })
})

test('speech through another codec is damage', async () => {
  const { book, all } = await aBook()
  const heard = verdict(
    listen(
      book,
      all[0]!.audio.map((b) => b ^ 0x2a),
    ),
  )
  expect(heard.length).toBeGreaterThan(0)
  expect(heard.every((h) => h.kind === 'damaged')).toBe(true)
})

test('a way through PCM16 and back changes nothing', async () => {
  const { book, all } = await aBook()
  for (const utterance of all) {
    const heard = verdict(listen(book, encode(decode(utterance.audio))))
    expect(heard).toMatchObject([{ kind: 'final', utterance: { id: utterance.id } }])
  }
})

test('no silent frame lies inside an utterance and none begins or ends with silence', async () => {
  const { all } = await aBook()
  for (const { audio, words } of all) {
    expect([audio[0], audio.at(-1)]).not.toContain(SILENCE)
    let run = 0
    let longest = 0
    for (const byte of audio) longest = Math.max(longest, (run = byte === SILENCE ? run + 1 : 0))
    expect(longest).toBeLessThan(FRAME_BYTES)
    expect(words.at(-1)?.end).toBe(audio.length)
  }
})

test('two utterances with the same beginning are told apart by their ends', async () => {
  const { book, all } = await aBook()
  const [short, long] = [all[2]!, all[4]!]
  expect(verdict(listen(book, short.audio))).toMatchObject([{ utterance: { text: 'Yes.' } }])
  expect(verdict(listen(book, long.audio))).toMatchObject([{ utterance: { text: 'Yes, please.' } }])
})

test('a text with nothing to say or far too much of it is refused', async () => {
  const { book } = await aBook()
  await expect(book.say('', CALLER)).rejects.toThrow('nothing to say')
  await expect(book.say('word '.repeat(1_000), CALLER)).rejects.toThrow('at most')
})

test('the resampler keeps a tone below the cut-off and removes one above it', () => {
  const tone = (hertz: number) =>
    Int16Array.from({ length: 22_050 }, (_, i) =>
      Math.round(10_000 * Math.sin((2 * Math.PI * hertz * i) / 22_050)),
    )
  const level = (pcm: Int16Array) =>
    Math.sqrt(pcm.subarray(500, -500).reduce((sum, v) => sum + v * v, 0) / (pcm.length - 1_000))
  const kept = resample(tone(1_000), 22_050, 8_000)
  expect(kept).toHaveLength(8_000)
  expect(level(kept)).toBeCloseTo(10_000 / Math.SQRT2, -2)
  expect(level(resample(tone(6_000), 22_050, 8_000))).toBeLessThan(40)
})
