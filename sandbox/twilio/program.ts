import { ApplicationError, complain, type Fallback, load, type Source } from './documents.ts'
import type { Leg } from './leg.ts'
import { connect, start, stop } from './verbs/connect.ts'
import {
  addressIn,
  Interrupted,
  methodOf,
  type Outcome,
  type Verb,
  type VerbContext,
} from './verbs/context.ts'
import { dial } from './verbs/dial.ts'
import { gather } from './verbs/gather.ts'
import { pause, play, say, sayApplicationError } from './verbs/prompt.ts'
import { record } from './verbs/record.ts'
import type { World } from './world.ts'
import { textOf, type XmlElement } from './xml.ts'

const MAX_DOCUMENTS = 1_000 // a call that redirects more often goes in circles
const MAX_VERBS = 20_000

const hangUp: Verb = async () => 'hang-up'
const redirect: Verb = async (cx, element) => ({
  url: addressIn(cx, textOf(element)),
  method: methodOf(element),
})

const VERBS: Readonly<Record<string, Verb>> = {
  Say: say,
  Play: play,
  Pause: pause,
  Gather: gather,
  Dial: dial,
  Record: record,
  Connect: connect,
  Start: start,
  Stop: stop,
  Redirect: redirect,
  Hangup: hangUp,
}

/** Runs TwiML on one leg until there is none left, other TwiML replaces it, or the call is over. */
export class Program {
  fallback: Fallback
  readonly #world: World
  readonly #leg: Leg
  #current = new AbortController()
  #verbs = 0

  constructor(world: World, leg: Leg, fallback: Fallback) {
    this.#world = world
    this.#leg = leg
    this.fallback = fallback
    leg.over.addEventListener('abort', () => this.#current.abort(), { once: true })
  }

  /** Stops what is running at once and goes on with this. */
  async run(source: Source): Promise<void> {
    this.#current.abort()
    this.#current = new AbortController()
    const { signal } = this.#current
    try {
      if (this.#leg.isOver) return
      await this.#documents(source, signal)
      this.#leg.end('completed', 'twiml')
    } catch (error) {
      if (error instanceof Interrupted) return
      await this.#failed(error, signal)
    }
  }

  async #documents(source: Source, signal: AbortSignal): Promise<void> {
    let next: Source | undefined = source
    for (let n = 0; next; n++) {
      if (n >= MAX_DOCUMENTS) throw new ApplicationError(12200, '', 'The call goes in circles.')
      const document = await load(this.#world, this.#leg, next, this.fallback)
      if (signal.aborted) throw new Interrupted()
      for (const message of document.warnings)
        this.#leg.happened({ kind: 'twiml-warning', message })
      const cx: VerbContext = { world: this.#world, leg: this.#leg, base: document.base, signal }
      next = await this.#run(cx, document.verbs)
    }
  }

  async #run(cx: VerbContext, verbs: XmlElement[]): Promise<Source | undefined> {
    if (verbs.length === 0) cx.leg.answer()
    for (const element of verbs) {
      if (++this.#verbs > MAX_VERBS) throw new ApplicationError(12200, '', 'Too many verbs.')
      const outcome = await this.#one(cx, element)
      if (cx.signal.aborted) throw new Interrupted()
      if (outcome === 'hang-up') return undefined
      if (outcome !== 'next') return outcome
    }
    return undefined
  }

  async #one(cx: VerbContext, element: XmlElement): Promise<Outcome> {
    const { leg } = cx
    leg.happened({ kind: 'verb', verb: element.name })
    if (element.name === 'Reject') return this.#reject(cx, element)
    if (answersFirst(element)) leg.answer()
    const verb = VERBS[element.name]
    if (!verb) throw new ApplicationError(12200, cx.base ?? '', `<${element.name}> is not a verb.`)
    return await verb(cx, element)
  }

  #reject(cx: VerbContext, element: XmlElement): Outcome {
    if (cx.leg.isAnswered)
      throw new ApplicationError(12200, cx.base ?? '', 'An answered call cannot be rejected.')
    // Whoever calls hears a busy tone, or that the number is not in service.
    cx.leg.end(element.attributes.reason === 'busy' ? 'busy' : 'failed', 'twiml')
    return 'hang-up'
  }

  async #failed(error: unknown, signal: AbortSignal): Promise<void> {
    if (signal.aborted || this.#leg.isOver) return
    const known = error instanceof ApplicationError
    const last = this.#leg.log.findLast((event) => event.kind === 'twiml-error')
    if (!known) complain(this.#world, this.#leg, 81000, String(error))
    else if (last?.message !== error.message)
      complain(this.#world, this.#leg, error.code, error.message, error.url)
    this.#leg.answer()
    try {
      await sayApplicationError({ world: this.#world, leg: this.#leg, base: undefined, signal })
    } catch (reason) {
      if (reason instanceof Interrupted) return
      this.#leg.happened({ kind: 'twiml-warning', message: `unspoken: ${String(reason)}` })
    }
    this.#leg.end('completed', 'error')
  }
}

/** Twilio picks up for every verb but these; a first <Pause> makes it ring longer. */
function answersFirst({ name, attributes }: XmlElement): boolean {
  if (name === 'Pause' || name === 'Redirect') return false
  return !(name === 'Dial' && attributes.answerOnBridge === 'true')
}
