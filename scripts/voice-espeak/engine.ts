import type { EspeakModule, EspeakWorker } from '@echogarden/espeak-ng-emscripten'

type Speech = { pcm: Int16Array; rate: number; words: { text: string; ms: number }[] }
export type Render = (text: string, voice: string) => Speech

const ENGINE_RATE = 22_050
const MAX_TEXT_BYTES = 16_384 // our text buffer inside the engine's heap

/**
 * espeak-ng carries state from one utterance into the next: the same text rendered twice gives other
 * samples. So its heap is photographed once and put back before each text.
 */
export async function loadEngine(): Promise<Render> {
  const { default: load } = await import('@echogarden/espeak-ng-emscripten')
  const wasm = await load()
  const worker = new wasm.eSpeakNGWorker()
  // Both allocations come before the picture is taken: a buffer made later would be handed out twice
  // by the restored heap and longer texts would be cut short without a word.
  const textBuffer = wasm._malloc(MAX_TEXT_BYTES + 1)
  worker.set_voice('en-us')
  const pristine = wasm.HEAPU8.slice()

  return (text, voice) => {
    const utf8 = new TextEncoder().encode(text)
    if (utf8.length > MAX_TEXT_BYTES)
      throw new RangeError('utterance too long: split it into sentences')
    restore(wasm, pristine)
    wasm.HEAPU8.set(utf8, textBuffer)
    wasm.HEAPU8[textBuffer + utf8.length] = 0
    tune(worker, voice)
    return speak(worker, textBuffer, text)
  }
}

function restore(wasm: EspeakModule, pristine: Uint8Array): void {
  wasm.HEAPU8.set(pristine)
  if (wasm.HEAPU8.length > pristine.length) wasm.HEAPU8.fill(0, pristine.length)
}

/** `voice` is language/pitch/words a minute, for example en-gb/70/160. */
function tune(worker: EspeakWorker, voice: string): void {
  const [language = 'en-us', pitch = '50', rate = '165'] = voice.split('/')
  worker.set_voice(language)
  worker.set_pitch(Number(pitch))
  worker.set_rate(Number(rate))
}

function speak(worker: EspeakWorker, textBuffer: number, text: string): Speech {
  const parts: Int16Array[] = []
  const words: Speech['words'] = []
  const tokens = [...text.matchAll(/\S+/g)].map((match) => ({
    text: match[0],
    from: [...text.slice(0, match.index)].length,
  }))
  const between = (from: number, to: number) =>
    tokens
      .slice(from, to)
      .map((token) => token.text)
      .join(' ')
  let last = -1

  worker.synthesize({ ptr: textBuffer }, (audio, events) => {
    if (audio?.length) parts.push(audio.slice())
    for (const event of events ?? []) {
      if (event.type !== 'word') continue
      // Numbers, money and addresses come in fragments: the first one of a token gives its time.
      const token = tokens.findLastIndex((t) => t.from <= event.text_position - 1)
      if (token <= last) continue
      words.push({ text: between(last + 1, token + 1), ms: event.audio_position })
      last = token
    }
    return false
  })

  const rest = between(last + 1, tokens.length)
  const final = words.at(-1)
  if (rest && final) final.text = `${final.text} ${rest}`
  else if (rest) words.push({ text: rest, ms: 0 })
  return { pcm: join(parts), rate: ENGINE_RATE, words }
}

function join(parts: Int16Array[]): Int16Array {
  const whole = new Int16Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
