import { setTimeout as wait } from 'node:timers/promises'
import { BYTES_PER_MS, SILENCE } from '../../speech/mulaw.ts'
import { FRAME_BYTES, type Utterance } from '../../speech/utterance.ts'
import { alignmentOf, characterTimes } from './alignment.ts'

export type Chunk = {
  audio: Uint8Array
  /** When the listener hears its first byte, if nothing cuts it. */
  playsAtMs: number
  alignment: ReturnType<typeof alignmentOf>
}

export type MouthOptions = {
  now: () => number
  chunkMs: number
  chunkEveryMs: number
  send: (chunk: Chunk) => void
}

/** One thing said, and how much of it has been heard by now. */
export type Spoken = { utterance: Utterance; startsAtMs: number; sentBytes: number; isCut: boolean }

const GAP_BYTES = 4 * FRAME_BYTES // an ear needs two silent frames to know that an utterance ended
const AHEAD_CHUNKS = 2 // sent at once; the rest follows faster than it plays
const MAX_SPOKEN = 20 // utterances that can be waiting to be heard; older ones have long been played

/** Says utterances one after the other, ahead of the time they play, and knows what was heard. */
export class Mouth {
  readonly #options: MouthOptions
  #spoken: Spoken[] = []
  #playingUntilMs = 0

  constructor(options: MouthOptions) {
    this.#options = options
  }

  get playingUntilMs(): number {
    return this.#playingUntilMs
  }

  isPlaying(): boolean {
    return this.#spoken.some((spoken) => !spoken.isCut && endOf(spoken) > this.#options.now())
  }

  /** Resolves when the last byte has been sent, or at once when it is cut. */
  async speak(utterance: Utterance): Promise<'sent' | 'cut'> {
    const { now, chunkMs, chunkEveryMs, send } = this.#options
    const audio = withGap(utterance.audio)
    const times = characterTimes(utterance)
    const spoken = {
      utterance,
      startsAtMs: Math.max(now(), this.#playingUntilMs),
      sentBytes: 0,
      isCut: false,
    }
    this.#spoken = [...this.#spoken, spoken].slice(-MAX_SPOKEN)
    const chunkBytes = chunkMs * BYTES_PER_MS
    for (let at = 0, n = 0; at < audio.length; at += chunkBytes, n++) {
      if (n >= AHEAD_CHUNKS) await wait(chunkEveryMs)
      if (spoken.isCut) return 'cut'
      const part = audio.subarray(at, at + chunkBytes)
      const fromMs = at / BYTES_PER_MS
      send({
        audio: part,
        playsAtMs: spoken.startsAtMs + fromMs,
        alignment: alignmentOf(times, fromMs, fromMs + chunkMs),
      })
      spoken.sentBytes = at + part.length
      this.#playingUntilMs = spoken.startsAtMs + spoken.sentBytes / BYTES_PER_MS
    }
    return 'sent'
  }

  /** Stops at once. What was being heard comes back with the words that were heard in full. */
  cut(): { utterance: Utterance; heardText: string }[] {
    const now = this.#options.now()
    const cut = this.#spoken.filter((spoken) => !spoken.isCut && endOf(spoken) > now)
    for (const spoken of cut) spoken.isCut = true
    this.#spoken = []
    this.#playingUntilMs = now
    return cut.map(({ utterance, startsAtMs }) => {
      const heardBytes = Math.max(0, now - startsAtMs) * BYTES_PER_MS
      const heard = utterance.words.filter((word) => word.end <= heardBytes)
      return { utterance, heardText: heard.map((word) => word.text).join(' ') }
    })
  }
}

function endOf({ startsAtMs, utterance }: Spoken): number {
  return startsAtMs + utterance.audio.length / BYTES_PER_MS
}

function withGap(audio: Uint8Array): Uint8Array {
  const whole = Math.ceil(audio.length / FRAME_BYTES) * FRAME_BYTES
  const padded = new Uint8Array(whole + GAP_BYTES).fill(SILENCE)
  padded.set(audio)
  return padded
}
