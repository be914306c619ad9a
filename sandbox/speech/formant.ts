// Built-in voice without any dependency: letters, rough phonemes, three resonators. Speech-like
// rather than clear; for tests and for machines without espeak-ng.
import { type Phoneme, phonemesOf, phonemeTable } from './phonemes.ts'
import type { RawSpeech, SpeechEngine } from './utterance.ts'

const RATE = 8_000
const MAX_MS = 300_000 // five minutes in one breath is a mistake
const GAP: Phoneme = [40, 0, 0, 500, 1500, 2500]
// Bandwidth and gain of the three resonators.
const RESONATORS = [
  { bandwidth: 90, gain: 1 },
  { bandwidth: 110, gain: 0.6 },
  { bandwidth: 170, gain: 0.35 },
] as const

export function formantEngine(): SpeechEngine {
  return { name: 'formant', render: async (text, voice) => render(text, voice) }
}

/** `voice` is language/pitch/rate as for espeak-ng; only the pitch is used. */
function render(text: string, voice: string): RawSpeech {
  const pitch = 70 + Number(voice.split('/')[1] ?? 50)
  const throat = new Throat()
  const words: RawSpeech['words'] = []
  const tokens = text.split(/\s+/).filter(Boolean)
  for (const [n, token] of tokens.entries()) {
    words.push({ text: token, ms: throat.ms })
    const falling = 1.15 - 0.3 * (n / tokens.length)
    const hertz = pitch * falling * (token.endsWith('?') ? 1.25 : 1)
    for (const sound of phonemesOf(token)) throat.glide(phonemeTable[sound] ?? GAP, hertz)
    throat.rest(pauseAfter(token), hertz)
  }
  return { pcm: throat.pcm(), rate: RATE, words }
}

function pauseAfter(token: string): number {
  if (/[.!?]$/.test(token)) return 260
  return /[,;:]$/.test(token) ? 160 : 35
}

class Throat {
  readonly #out: number[] = []
  readonly #memory = [0, 0, 0, 0, 0, 0]
  #formants = [500, 1500, 2500]
  #voiced = 0
  #breath = 0
  #noise = 1
  #phase = 0

  get ms(): number {
    return (this.#out.length * 1_000) / RATE
  }

  rest(ms: number, hertz: number): void {
    const [first, second, third] = this.#formants
    this.glide([ms, 0, 0, first!, second!, third!], hertz)
  }

  glide([ms, voiced, breath, ...formants]: Phoneme, hertz: number): void {
    if (this.ms + ms > MAX_MS) throw new RangeError('utterance too long: split it into sentences')
    const samples = (ms * RATE) / 1_000
    for (let i = 0; i < samples; i++) {
      this.#voiced += (voiced - this.#voiced) * 0.01
      this.#breath += (breath - this.#breath) * 0.01
      for (let k = 0; k < 3; k++) this.#formants[k]! += (formants[k]! - this.#formants[k]!) * 0.008
      this.#out.push(this.#resonate(this.#source(hertz)))
    }
  }

  pcm(): Int16Array {
    return Int16Array.from(this.#out, (v) => Math.max(-32_767, Math.min(32_767, Math.round(v * 4))))
  }

  #source(hertz: number): number {
    this.#noise = (Math.imul(this.#noise, 1_103_515_245) + 12_345) & 0x7fffffff
    this.#phase += hertz / RATE
    if (this.#phase >= 1) this.#phase -= 1
    const pulse = this.#phase < 0.1 ? 1 : -0.11
    return this.#voiced * pulse * 900 + this.#breath * (this.#noise / 0x3fffffff - 1) * 500
  }

  #resonate(source: number): number {
    let sum = 0
    for (const [k, { bandwidth, gain }] of RESONATORS.entries()) {
      const r = Math.exp((-Math.PI * bandwidth) / RATE)
      const hertz = Math.min(this.#formants[k]!, 3_800)
      const turn = 2 * r * Math.cos((2 * Math.PI * hertz) / RATE)
      const [one, two] = [this.#memory[2 * k]!, this.#memory[2 * k + 1]!]
      const value = (1 - r) * source * 6 + turn * one - r * r * two
      this.#memory[2 * k + 1] = one
      this.#memory[2 * k] = value
      sum += gain * value
    }
    return sum
  }
}
