import type { PhraseBook } from '../speech/book.ts'
import { Ear, type Heard } from '../speech/ear.ts'
import { BYTES_PER_MS } from '../speech/mulaw.ts'
import type { Leg } from './leg.ts'
import type { Party } from './party.ts'

export type Step = (
  | { say: string; voice?: string }
  | { press: string }
  | { pause: number }
  /** Waits until an utterance with this text was heard in full; null is any. */
  | { hear: string | null }
  /** Speaks that long after the other side began its next utterance. */
  | { interrupt: string; afterMs: number; voice?: string }
  | { hangUp: true }
  | { waitForEnd: true }
) & { timeoutMs?: number }

export type ScriptResult = 'finished' | { failedStep: number; why: string }
export type Said = { text: string; atMs: number }

type Turn = { atMs: number; text: string; state: 'speaking' | 'final' | 'cut' | 'damaged' }

const VOICE = 'en-us/50/165'
const HEAR_MS = 15_000 // a person says "hello?" after a few seconds and hangs up after this
const END_MS = 60_000
const MAX_STEPS = 500
const MAX_HEARD = 20_000

/** A person who follows a script and listens to what really arrives. */
export class ScriptedCaller implements Party {
  readonly answersAfterMs: number
  readonly heard: Heard[] = []
  readonly said: Said[] = []
  readonly done: Promise<ScriptResult>
  readonly #book: PhraseBook
  readonly #steps: Step[]
  readonly #voice: string
  readonly #ear: Ear
  readonly #turns: Turn[] = []
  readonly #finish: (result: ScriptResult) => void
  #cursor = 0
  #leg: Leg | undefined
  #endStatus: string | undefined
  #wake: () => void = () => {}

  constructor(
    book: PhraseBook,
    steps: Step[],
    options: { voice?: string; answersAfterMs?: number } = {},
  ) {
    if (steps.length > MAX_STEPS) throw new RangeError(`a script has at most ${MAX_STEPS} steps`)
    this.#book = book
    this.#steps = steps
    this.#voice = options.voice ?? VOICE
    this.answersAfterMs = options.answersAfterMs ?? 200
    const { promise, resolve } = Promise.withResolvers<ScriptResult>()
    this.done = promise
    this.#finish = resolve
    this.#ear = new Ear(book, (heard) => this.#heard(heard))
  }

  attached(leg: Leg): void {
    this.#leg = leg
    const off = leg.onEvent(({ kind }) => {
      if (kind !== 'answered') return
      off()
      void this.#follow(leg)
    })
  }

  hears(frame: Uint8Array): void {
    this.#ear.hear(frame)
  }

  ended(status: string): void {
    this.#ear.flush()
    this.#endStatus = status
    this.#wake()
    if (!this.#leg?.isAnswered)
      this.#finish({ failedStep: 0, why: `the call ended before it was answered: ${status}` })
  }

  async #follow(leg: Leg): Promise<void> {
    for (const [n, step] of this.#steps.entries()) {
      try {
        await this.#do(leg, step)
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error)
        this.#finish({ failedStep: n, why })
        leg.hangUp()
        return
      }
    }
    this.#finish('finished')
  }

  async #do(leg: Leg, step: Step): Promise<void> {
    if (
      this.#endStatus !== undefined &&
      !('waitForEnd' in step) &&
      !('hangUp' in step) &&
      !('hear' in step)
    )
      throw new Error(`the call has ended: ${this.#endStatus}`)
    if ('say' in step) return await this.#say(leg, step.say, step.voice)
    if ('press' in step) {
      leg.press(step.press)
      return
    }
    if ('hangUp' in step) {
      leg.hangUp()
      return
    }
    if ('pause' in step) return await this.#pause(step.pause)
    if ('hear' in step) return await this.#hear(step.hear, step.timeoutMs ?? HEAR_MS)
    if ('interrupt' in step) return await this.#interrupt(leg, step)
    await this.#until(() => this.#endStatus !== undefined, step.timeoutMs ?? END_MS, 'the end')
  }

  async #say(leg: Leg, text: string, voice = this.#voice): Promise<void> {
    const { audio } = await this.#book.say(text, voice)
    this.said.push({ text, atMs: this.#now(leg) })
    await leg.speak(audio)
    if (leg.isOver) throw new Error(`the call ended while "${text}" was being said`)
  }

  async #pause(ms: number): Promise<void> {
    const until = performance.now() + ms
    const isOver = () => performance.now() >= until || this.#endStatus !== undefined
    await this.#until(isOver, ms + 1_000, 'the end of a pause')
  }

  async #hear(wanted: string | null, timeoutMs: number): Promise<void> {
    const what = wanted === null ? 'anything' : `"${wanted}"`
    const fits = ({ state, text }: Turn) =>
      state === 'final' && (wanted === null || text.toLowerCase().includes(wanted.toLowerCase()))
    const find = () => this.#turns.findIndex((turn, n) => n >= this.#cursor && fits(turn))
    await this.#until(() => find() >= 0 || this.#endStatus !== undefined, timeoutMs, what)
    if (find() < 0) throw new Error(`the call ended before ${what} was heard; ${this.#account()}`)
    this.#cursor = find() + 1
  }

  async #interrupt(
    leg: Leg,
    step: { interrupt: string; afterMs: number; voice?: string; timeoutMs?: number },
  ): Promise<void> {
    // Rendered before it is needed, so that the moment is met.
    await this.#book.say(step.interrupt, step.voice ?? this.#voice)
    const find = () => this.#turns.findIndex((t, n) => n >= this.#cursor && t.state === 'speaking')
    const isDue = () => {
      const turn = this.#turns[find()]
      return turn !== undefined && this.#now(leg) >= turn.atMs + step.afterMs
    }
    await this.#until(
      () => isDue() || this.#endStatus !== undefined,
      step.timeoutMs ?? HEAR_MS,
      'a turn',
    )
    if (!isDue()) throw new Error(`the call ended before there was anything to interrupt`)
    this.#cursor = find() + 1
    await this.#say(leg, step.interrupt, step.voice)
  }

  #heard(heard: Heard): void {
    if (this.heard.length < MAX_HEARD) this.heard.push(heard)
    const atMs = heard.atByte / BYTES_PER_MS
    if (heard.kind === 'start') this.#turns.push({ atMs, text: '', state: 'speaking' })
    const turn = this.#turns.at(-1)
    if (!turn || heard.kind === 'start') {
      this.#wake()
      return
    }
    if (heard.kind === 'words' || heard.kind === 'cut') turn.text = heard.text
    if (heard.kind === 'final') turn.text = heard.utterance.text
    if (heard.kind !== 'words') turn.state = heard.kind
    this.#wake()
  }

  /** Looks again with every word heard and every tick of the line. */
  async #until(isTrue: () => boolean, timeoutMs: number, what: string): Promise<void> {
    const deadline = performance.now() + timeoutMs
    while (!isTrue()) {
      const left = deadline - performance.now()
      if (left <= 0)
        throw new Error(`waited ${timeoutMs} ms for ${what} in vain; ${this.#account()}`)
      const { promise, resolve } = Promise.withResolvers<void>()
      const timer = setTimeout(resolve, Math.min(left, LOOK_MS))
      this.#wake = resolve
      await promise
      clearTimeout(timer)
    }
  }

  #now(leg: Leg): number {
    return leg.startedAt === undefined ? 0 : this.#ear.heardBytes / BYTES_PER_MS
  }

  #account(): string {
    const turns = this.#turns.slice(-3).map(({ state, text }) => `${state} "${text}"`)
    return turns.length > 0 ? `last heard: ${turns.join(', ')}` : 'nothing was heard'
  }
}

const LOOK_MS = 20 // a frame
