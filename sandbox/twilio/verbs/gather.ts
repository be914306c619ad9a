import { Ear } from '../../speech/ear.ts'
import { elementsOf, type XmlElement } from '../xml.ts'
import {
  addressIn,
  methodOf,
  numberOf,
  type Outcome,
  passTime,
  type VerbContext,
} from './context.ts'
import { pause, play, say } from './prompt.ts'

type Input = { Digits: string } | { SpeechResult: string; Confidence: string }

const UNLIMITED_DIGITS = 100
const PROMPTS = { Say: say, Play: play, Pause: pause }

/** Plays its prompts while it listens for keys and speech; whatever comes first ends the prompts. */
export async function gather(cx: VerbContext, element: XmlElement): Promise<Outcome> {
  const { action, actionOnEmptyResult } = element.attributes
  const listener = new Listener(cx, element)
  try {
    await playUntilInput(cx, element, listener)
    const input = await listener.finished(numberOf(element, 'timeout', 5) * 1_000)
    if (!input && actionOnEmptyResult !== 'true') return 'next'
    const url = addressIn(cx, action ?? cx.base ?? '')
    return { url, method: methodOf(element), params: input ?? { Digits: '' } }
  } finally {
    listener.close()
  }
}

async function playUntilInput(cx: VerbContext, element: XmlElement, listener: Listener) {
  const stop = new AbortController()
  const signal = AbortSignal.any([cx.signal, stop.signal])
  listener.onInput = () => {
    if (element.attributes.bargeIn !== 'false') stop.abort()
  }
  if (listener.hasInput) return
  try {
    for (const prompt of elementsOf(element))
      await PROMPTS[prompt.name as keyof typeof PROMPTS]({ ...cx, signal }, prompt)
  } catch (error) {
    if (!stop.signal.aborted || cx.signal.aborted) throw error
  }
}

class Listener {
  onInput: () => void = () => {}
  readonly #cx: VerbContext
  readonly #wanted: { digits: boolean; speech: boolean; count: number; finishOn: string }
  readonly #stops: (() => void)[] = []
  #digits = ''
  #result: Input | undefined
  #lastAt = 0
  #isSpeaking = false
  #changed: () => void = () => {}

  constructor(cx: VerbContext, element: XmlElement) {
    this.#cx = cx
    const { input = 'dtmf', finishOnKey = '#' } = element.attributes
    this.#wanted = {
      digits: input.includes('dtmf'),
      speech: input.includes('speech'),
      count: numberOf(element, 'numDigits', UNLIMITED_DIGITS),
      finishOn: finishOnKey,
    }
    this.#takeDigits()
    this.#stops.push(cx.leg.onEvent((event) => event.kind === 'dtmf' && this.#takeDigits()))
    if (this.#wanted.speech) this.#listen()
  }

  get hasInput(): boolean {
    return this.#result !== undefined || this.#digits !== '' || this.#isSpeaking
  }

  /** What was entered, or undefined after so much time without anything. */
  async finished(timeoutMs: number): Promise<Input | undefined> {
    this.#lastAt = Math.max(this.#lastAt, this.#cx.world.clock.now())
    while (!this.#result) {
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#changed = resolve
      const left = this.#lastAt + timeoutMs - this.#cx.world.clock.now()
      if (left <= 0 && !this.#isSpeaking) return this.#digits ? { Digits: this.#digits } : undefined
      await Promise.race([promise, passTime(this.#cx, Math.max(left, MIN_WAIT_MS))])
    }
    return this.#result
  }

  close(): void {
    for (const stop of this.#stops) stop()
  }

  #takeDigits(): void {
    const { leg } = this.#cx
    if (!this.#wanted.digits) return
    for (const digit of leg.digits) {
      if (this.#result) break
      leg.digits = leg.digits.slice(1)
      if (digit === this.#wanted.finishOn) this.#result = { Digits: this.#digits }
      else this.#digits += digit
      if (this.#digits.length >= this.#wanted.count) this.#result = { Digits: this.#digits }
      this.#noticed()
    }
  }

  #listen(): void {
    const ear = new Ear(this.#cx.world.book, (heard) => {
      if (heard.kind === 'words') return
      this.#isSpeaking = heard.kind === 'start'
      if (heard.kind === 'final')
        this.#result ??= { SpeechResult: heard.utterance.text, Confidence: '0.95' }
      if (heard.kind === 'cut' && heard.text)
        this.#result ??= { SpeechResult: heard.text, Confidence: '0.80' }
      this.#noticed()
    })
    this.#stops.push(this.#cx.leg.line.listen((said) => ear.hear(said)))
  }

  #noticed(): void {
    this.#lastAt = this.#cx.world.clock.now()
    this.onInput()
    this.#changed()
  }
}

const MIN_WAIT_MS = 20
