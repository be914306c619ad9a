import type { PhraseBook } from '../speech/book.ts'
import { BYTES_PER_MS } from '../speech/mulaw.ts'
import { ScriptedCaller, type Step } from '../twilio/caller.ts'
import type { Leg } from '../twilio/leg.ts'
import type { Answer, AnsweredBy } from '../twilio/party.ts'
import type { TwilioStandIn } from '../twilio/start.ts'
import { PhoneCall } from './phone-call.ts'
import type { SpokenTurn } from './transcriber.ts'

export const callerVoice = 'en-us/50/165'

/** How somebody who is called answers; a person picks up and can be driven from the softphone page. */
export type Answering =
  | { answers: 'person' | 'busy' | 'no-answer' }
  | {
      answers: 'script'
      script: Step[]
      voice?: string | undefined
      /** What the carrier takes the voice for. */
      answeredBy?: AnsweredBy | undefined
    }

export type Script = { done: boolean; failedStep?: number; why?: string }

const MAX_CALLS = 300 // the newest are kept with their transcripts; a leg's own log stays with the leg
const MAX_PEOPLE = 200

/** Every call somebody in the sandbox makes or takes, by hand or by script. */
export class Calls {
  readonly #calls = new Map<string, PhoneCall>()
  readonly #scripts = new WeakMap<PhoneCall, Script>()
  readonly #people = new Map<string, Answering>()
  readonly #twilio: TwilioStandIn
  readonly #book: PhraseBook
  #forgottenDamage = 0

  constructor(twilio: TwilioStandIn, book: PhraseBook) {
    this.#twilio = twilio
    this.#book = book
    twilio.answerOutbound = (to) => this.#answer(to)
  }

  get liveLegs(): number {
    return this.#twilio.legs().filter((leg) => !leg.isOver).length
  }

  /** Stretches of agent speech that reached a caller's ear other than they were rendered. */
  get damagedTurns(): number {
    let count = this.#forgottenDamage
    for (const call of this.#calls.values()) count += call.damagedTurns
    return count
  }

  async dial(request: {
    from: string
    to: string
    script?: Step[] | undefined
    voice?: string | undefined
  }): Promise<Leg> {
    const { from, to, script, voice } = request
    return this.#twilio.dial({ from, to, party: this.#person(script, voice) })
  }

  find(callSid: string): PhoneCall | undefined {
    return this.#calls.get(callSid)
  }

  script(call: PhoneCall): Script | undefined {
    return this.#scripts.get(call)
  }

  /** Newest first. */
  legs(): Leg[] {
    return this.#twilio.legs().toSorted((a, b) => b.createdAt.getTime() - a.createdAt.getTime())
  }

  leg(callSid: string): Leg | undefined {
    return this.#twilio.leg(callSid)
  }

  async say(call: PhoneCall, text: string, voice = callerVoice): Promise<{ durationMs: number }> {
    const { audio } = await this.#book.say(text, voice)
    // A hang-up cuts it short, which the caller knows; the rest of the queue is nobody's concern.
    call.leg.speak(audio).catch(() => undefined)
    return { durationMs: Math.round(audio.length / BYTES_PER_MS) }
  }

  people(): { number: string; answering: Answering }[] {
    return [...this.#people].map(([number, answering]) => ({ number, answering }))
  }

  setAnswering(number: string, answering: Answering | undefined): void {
    this.#people.delete(number)
    if (!answering) return
    if (this.#people.size >= MAX_PEOPLE) throw new RangeError(`more than ${MAX_PEOPLE} people`)
    this.#people.set(number, answering)
  }

  #answer(to: string): Answer {
    const answering = this.#people.get(to) ?? { answers: 'person' }
    if (answering.answers === 'script')
      return this.#person(answering.script, answering.voice, answering.answeredBy)
    return answering.answers === 'person' ? this.#person() : answering.answers
  }

  #person(script?: Step[], voice?: string, answeredBy?: AnsweredBy): PhoneCall {
    const driver = script && new ScriptedCaller(this.#book, script, voice ? { voice } : {})
    const call = new PhoneCall({
      book: this.#book,
      driver,
      answeredBy,
      onAttached: (attached) => this.#keep(attached),
    })
    if (driver) this.#follow(call, driver)
    return call
  }

  #follow(call: PhoneCall, driver: ScriptedCaller): void {
    this.#scripts.set(call, { done: false })
    void driver.done.then((outcome) =>
      this.#scripts.set(call, outcome === 'finished' ? { done: true } : { done: true, ...outcome }),
    )
  }

  #keep(call: PhoneCall): void {
    this.#calls.set(call.leg.callSid, call)
    const [oldest] = this.#calls
    if (this.#calls.size <= MAX_CALLS || !oldest) return
    this.#forgottenDamage += oldest[1].damagedTurns
    this.#calls.delete(oldest[0])
  }
}

/** A finished turn as the API tells it; what is still being said is not in it. */
export const finished = (turns: SpokenTurn[]): SpokenTurn[] =>
  turns.filter((turn) => turn.kind !== 'speaking')
