import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Logger } from '#api/core/log.ts'
import type { ElevenLabsClient } from '#api/core/vendors.ts'
import { FAREWELL } from '#api/domains/calls/service.ts'

/** What the gateway itself says, in the agent's voice. */
export const noticeTexts = {
  reconnecting: 'One moment, please.',
  /** The agent's own first words after it was lost and regained. */
  resumed: 'Sorry about that. Please go on.',
  farewell: FAREWELL,
  fundsLow: 'Please note that this call has to end within a minute.',
  fundsExhausted: 'I am sorry, this call has to end now. Goodbye.',
  maxDuration: 'We have reached the longest time a call may take. Goodbye.',
} as const

/** Those that any call may come to need at once. */
const alwaysAtHand = [
  noticeTexts.reconnecting,
  noticeTexts.farewell,
  noticeTexts.fundsLow,
  noticeTexts.fundsExhausted,
  noticeTexts.maxDuration,
]

/** Spoken by the carrier when there is no agent to speak. */
export const refusalTexts: Record<string, string> = {
  'calls.number_not_in_service': 'This number is not in service.',
  'calls.caller_rate_exceeded':
    'You have called very often just now. Please try again in a minute.',
  'calls.number_at_capacity': 'All our lines are busy. Please call again in a few minutes.',
  'calls.organization_at_capacity': 'All our lines are busy. Please call again in a few minutes.',
  'calls.platform_at_capacity': 'All our lines are busy. Please call again in a few minutes.',
}
export const DEFAULT_REFUSAL = 'We cannot take your call right now. Please call again later.'

const FRAME_BYTES = 160
const SILENCE = 0xff
const PAUSE_FRAMES = 10 // a fifth of a second, so that what follows is not run into it

const MAX_NOTICES = 500 // distinct voice and text pairs held at once: 500 x 3 s x 8 kB is 12 MB.
const STORED = /^([0-9a-f]{40})\.ulaw$/
const FAILURE_PAUSE_MS = 30_000 // a voice that cannot be had is not asked for at every call

/** Speech rendered once per voice and text, kept in memory and in a folder. */
export class NoticeBook {
  readonly #known = new Map<string, Uint8Array>()
  readonly #making = new Map<string, Promise<void>>()
  readonly #failedAt = new Map<string, number>()
  readonly #folder: string
  readonly #speech: Pick<ElevenLabsClient, 'speak'>
  readonly #log: Logger

  constructor(folder: string, speech: Pick<ElevenLabsClient, 'speak'>, log: Logger) {
    this.#folder = folder
    this.#speech = speech
    this.#log = log
  }

  /** Reads what is on disk, so that the first call after a start finds it. */
  async load(): Promise<void> {
    const names = await readdir(this.#folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') this.#log.warn({ err: error }, 'notices on disk were not read')
      return []
    })
    const keys = names.flatMap((name) => STORED.exec(name)?.[1] ?? [])
    for (const key of keys.slice(0, MAX_NOTICES)) {
      try {
        this.#known.set(key, await readFile(this.#fileOf(key)))
      } catch (error) {
        this.#log.warn({ err: error }, 'a notice on disk was not read')
      }
    }
  }

  /** Mu-law audio if it is at hand; a call never waits for it. */
  find(voiceId: string, text: string): Uint8Array | undefined {
    return this.#known.get(keyOf(voiceId, text))
  }

  /** Has it made for the next call. Resolves when that succeeded or failed; never throws. */
  warm(voiceId: string, text: string): Promise<void> {
    const key = keyOf(voiceId, text)
    if (this.#known.has(key)) return Promise.resolve()
    const failedAt = this.#failedAt.get(key) ?? Number.NEGATIVE_INFINITY
    if (performance.now() - failedAt < FAILURE_PAUSE_MS) return Promise.resolve()
    const making = this.#making.get(key)
    if (making) return making
    const made = this.#make(key, voiceId, text)
      .catch((error: unknown) => {
        this.#failedAt.set(key, performance.now())
        this.#log.warn({ err: error }, 'a notice could not be spoken')
      })
      .finally(() => this.#making.delete(key))
    this.#making.set(key, made)
    return made
  }

  /** What a call of this voice may come to need. Resolves when each was made or failed. */
  async prepare(voiceId: string): Promise<void> {
    await Promise.all(alwaysAtHand.map((text) => this.warm(voiceId, text)))
  }

  #fileOf(key: string): string {
    return path.join(this.#folder, `${key}.ulaw`)
  }

  async #make(key: string, voiceId: string, text: string): Promise<void> {
    const file = this.#fileOf(key)
    let audio: Uint8Array
    try {
      audio = await readFile(file)
    } catch {
      audio = withPause(await this.#speech.speak(voiceId, text))
      await mkdir(this.#folder, { recursive: true })
      const fresh = `${file}.${process.pid}`
      await writeFile(fresh, audio)
      await rename(fresh, file)
    }
    if (this.#known.size >= MAX_NOTICES) {
      const oldest = this.#known.keys().next().value
      if (oldest) this.#known.delete(oldest)
    }
    this.#known.set(key, audio)
  }
}

/** Filled up to whole frames, with a pause behind it. */
function withPause(audio: Uint8Array): Uint8Array {
  const frames = Math.ceil(audio.length / FRAME_BYTES) + PAUSE_FRAMES
  const padded = new Uint8Array(frames * FRAME_BYTES).fill(SILENCE)
  padded.set(audio)
  return padded
}

const keyOf = (voiceId: string, text: string) =>
  createHash('sha256').update(`${voiceId}\0${text}`).digest('hex').slice(0, 40)
