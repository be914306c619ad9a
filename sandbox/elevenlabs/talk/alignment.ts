import { BYTES_PER_MS } from '../../speech/mulaw.ts'
import type { Utterance } from '../../speech/utterance.ts'

export type CharacterTime = { character: string; startMs: number; durationMs: number }

/** When each character is spoken: a word's time shared evenly among its letters and the gap after it. */
export function characterTimes(utterance: Utterance): CharacterTime[] {
  const times: CharacterTime[] = []
  utterance.words.forEach((word, n) => {
    const isLast = n === utterance.words.length - 1
    const characters = [...(isLast ? word.text : `${word.text} `)]
    const each = (word.end - word.start) / BYTES_PER_MS / characters.length
    characters.forEach((character, i) => {
      times.push({ character, startMs: word.start / BYTES_PER_MS + i * each, durationMs: each })
    })
  })
  return times
}

/** The part of it that falls into one chunk, relative to the chunk's beginning. */
export function alignmentOf(times: CharacterTime[], fromMs: number, toMs: number) {
  const inside = times.filter((time) => time.startMs >= fromMs && time.startMs < toMs)
  return {
    chars: inside.map((time) => time.character),
    char_start_times_ms: inside.map((time) => Math.round(time.startMs - fromMs)),
    char_durations_ms: inside.map((time) => Math.round(time.durationMs)),
  }
}
