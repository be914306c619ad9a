// Canonical form of an utterance on an 8 kHz mu-law line:
//   * first and last byte are not silence;
//   * no run of silence inside is as long as one frame, so a silent frame, wherever the frame
//     boundaries fall, always lies outside every utterance.
import { createHash } from 'node:crypto'
import { BYTES_PER_MS, encode, SAMPLE_RATE, SILENCE } from './mulaw.ts'
import { resample } from './resample.ts'

/** A word with its byte offsets in the utterance; 8 bytes a millisecond. */
type Word = { text: string; start: number; end: number }

export type Utterance = {
  id: string
  voice: string
  text: string
  audio: Uint8Array
  words: Word[]
}

export type RawSpeech = { pcm: Int16Array; rate: number; words: { text: string; ms: number }[] }

export interface SpeechEngine {
  readonly name: string
  render(text: string, voice: string): Promise<RawSpeech>
  /** Ends what the engine keeps running, if anything. */
  close?(): Promise<void>
}

export const FRAME_BYTES = 160
export const FRAME_MS = 20
const PEAK = 16_000 // loud, and far from clipping
const ALMOST_SILENCE = 0xfe // +8 of 32,768: inaudible, yet not silence

export function canonical(text: string, voice: string, raw: RawSpeech): Utterance {
  const coded = encode(normalise(resample(raw.pcm, raw.rate, SAMPLE_RATE)))
  const isSound = (byte: number) => byte !== SILENCE
  const from = coded.findIndex(isSound)
  const audio = from < 0 ? new Uint8Array(0) : coded.slice(from, coded.findLastIndex(isSound) + 1)
  breakSilence(audio)
  const at = (ms: number) =>
    Math.max(0, Math.min(audio.length, Math.round(ms * BYTES_PER_MS) - Math.max(0, from)))
  const words = raw.words.map((word, i) => {
    const next = raw.words[i + 1]
    return { text: word.text, start: at(word.ms), end: next ? at(next.ms) : audio.length }
  })
  return { id: idOf(audio), voice, text, audio, words }
}

export function idOf(audio: Uint8Array): string {
  return createHash('sha256').update(audio).digest('hex')
}

/** Cut into 20 ms frames; the last one is filled up with silence. */
export function* frames(audio: Uint8Array): Generator<Uint8Array> {
  for (let i = 0; i < audio.length; i += FRAME_BYTES) {
    const frame = new Uint8Array(FRAME_BYTES).fill(SILENCE)
    frame.set(audio.subarray(i, i + FRAME_BYTES))
    yield frame
  }
}

function normalise(pcm: Int16Array): Int16Array {
  let peak = 1
  for (const sample of pcm) peak = Math.max(peak, Math.abs(sample))
  return pcm.map((sample) => Math.round((sample * PEAK) / peak))
}

function breakSilence(audio: Uint8Array): void {
  let run = 0
  for (let i = 0; i < audio.length; i++) {
    run = audio[i] === SILENCE ? run + 1 : 0
    if (run < FRAME_BYTES - 1) continue
    audio[i] = ALMOST_SILENCE
    run = 0
  }
}
