import { EventEmitter } from 'node:events'
import type { EndedBy, LegEvent, LegHappening } from './events.ts'
import { Line } from './line.ts'
import type { MediaStream } from './media-stream.ts'
import type { Party } from './party.ts'
import { makeSid } from './sids.ts'
import { type StatusCallbackSettings, StatusCallbacks } from './status-callbacks.ts'
import type { CallStatus, Direction, FinalStatus } from './statuses.ts'
import { wav } from './tape.ts'
import type { World } from './world.ts'

export type LegOptions = {
  from: string
  to: string
  direction: Direction
  party: Party
  parentCallSid?: string
  phoneNumberSid?: string
  statusCallback?: StatusCallbackSettings | undefined
  timeLimitSeconds?: number
  callToken?: string
}

const MAX_LOG_EVENTS = 5_000
const MAX_DIGITS = 1_000
const DEFAULT_TIME_LIMIT_SECONDS = 14_400 // four hours, Twilio's own
const DTMF_GAP_MS = 100 // keys pressed faster than this do not exist

/** One phone connected to the network, from ringing to its end. */
export class Leg {
  readonly callSid = makeSid('CA')
  readonly from: string
  readonly to: string
  readonly direction: Direction
  readonly accountSid: string
  readonly parentCallSid: string | undefined
  readonly phoneNumberSid: string | undefined
  readonly callToken: string | undefined
  readonly createdAt = new Date()
  readonly log: LegEvent[] = []
  readonly line: Line
  readonly streams = new Set<MediaStream>()
  readonly callbacks: StatusCallbacks
  /** Keys pressed and not yet taken by a verb. */
  digits = ''
  status: CallStatus
  updatedAt = new Date()
  answeredAt: Date | undefined
  endedAt: Date | undefined
  answeredBy: string | undefined
  readonly party: Party
  readonly #world: World
  readonly #over = new AbortController()
  readonly #emitter = new EventEmitter()
  #startedAt: number | undefined
  #finishedAt: number | undefined
  #timeLimitSeconds: number
  #cancelTimeLimit: (() => void) | undefined
  #keys: Promise<void> = Promise.resolve()

  constructor(world: World, options: LegOptions) {
    this.#world = world
    this.from = options.from
    this.to = options.to
    this.direction = options.direction
    this.party = options.party
    this.parentCallSid = options.parentCallSid
    this.phoneNumberSid = options.phoneNumberSid
    this.callToken = options.callToken
    this.accountSid = world.account.sid
    this.status = options.direction === 'inbound' ? 'ringing' : 'queued'
    this.#timeLimitSeconds = options.timeLimitSeconds ?? DEFAULT_TIME_LIMIT_SECONDS
    this.#emitter.setMaxListeners(100)
    this.line = new Line(world.clock, (frame) => this.party.hears(frame))
    this.line.listen((said, heard) => {
      for (const stream of this.streams) stream.carry(said, heard)
    })
    this.callbacks = new StatusCallbacks(world, this, options.statusCallback)
    world.legs.set(this.callSid, this)
    this.party.attached(this)
  }

  get startedAt(): number | undefined {
    return this.answeredAt?.getTime()
  }

  get durationSeconds(): number {
    if (this.#startedAt === undefined) return 0
    return Math.round(((this.#finishedAt ?? this.#world.clock.now()) - this.#startedAt) / 1_000)
  }

  /** Aborted when the leg is over. */
  get over(): AbortSignal {
    return this.#over.signal
  }

  get isOver(): boolean {
    return this.#over.signal.aborted
  }

  get isAnswered(): boolean {
    return this.#startedAt !== undefined
  }

  // What the person does.

  /** Queued after what is being spoken; resolves when its last frame has gone out. */
  speak(audio: Uint8Array): Promise<void> {
    if (this.isOver) return Promise.reject(new Error('the call is over'))
    return this.line.speak(audio)
  }

  stopSpeaking(): void {
    this.line.speech.clear()
  }

  press(digits: string): void {
    if (!/^[0-9A-D*#w]+$/.test(digits)) throw new RangeError(`not keys of a phone: ${digits}`)
    if (this.digits.length + digits.length > MAX_DIGITS)
      throw new RangeError('too many keys pressed')
    for (const digit of digits) this.#keys = this.#keys.then(() => this.#pressOne(digit))
  }

  hangUp(): void {
    // Who calls gives up while it rings; who is called declines.
    const unanswered = this.direction === 'inbound' ? 'canceled' : 'busy'
    this.end(this.isAnswered ? 'completed' : unanswered, 'party')
  }

  onEvent(listener: (event: LegEvent) => void): () => void {
    this.#emitter.on('event', listener)
    return () => this.#emitter.off('event', listener)
  }

  /** The first event that fits, already logged or still to come. */
  until(fits: (event: LegEvent) => boolean, timeoutMs: number): Promise<LegEvent> {
    const known = this.log.find(fits)
    if (known) return Promise.resolve(known)
    const { promise, resolve, reject } = Promise.withResolvers<LegEvent>()
    const cancel = this.#world.clock.after(timeoutMs, () => {
      off()
      const seen = this.log.map((event) => event.kind).join(', ')
      reject(new Error(`nothing of the kind on this leg within ${timeoutMs} ms; seen: ${seen}`))
    })
    const off = this.onEvent((event) => {
      if (!fits(event)) return
      off()
      cancel()
      resolve(event)
    })
    return promise
  }

  /** What the leg really carried: a stereo WAV, left what the person said, right what was heard. */
  recording(): Buffer {
    return wav([this.line.tape.said(), this.line.tape.heard()])
  }

  // What the network does.

  ring(): void {
    this.status = 'ringing'
    this.happened({ kind: 'ringing' })
    this.callbacks.report('ringing')
  }

  answer(): void {
    if (this.isAnswered || this.isOver) return
    this.status = 'in-progress'
    this.answeredAt = new Date()
    this.#startedAt = this.#world.clock.now()
    this.limitTo(this.#timeLimitSeconds)
    this.line.start()
    this.happened({ kind: 'answered' })
    this.callbacks.report('answered')
  }

  /** Moves the end of a call, also one that is running: it counts from the answer. */
  limitTo(seconds: number): void {
    this.#timeLimitSeconds = seconds
    this.#cancelTimeLimit?.()
    if (this.#startedAt === undefined || this.isOver) return
    const passed = this.#world.clock.now() - this.#startedAt
    this.#cancelTimeLimit = this.#world.clock.after(Math.max(0, seconds * 1_000 - passed), () =>
      this.end('completed', 'limit'),
    )
  }

  /** The one place a leg ends. A second end changes nothing. */
  end(status: FinalStatus, by: EndedBy): void {
    if (this.isOver) return
    this.status = status
    this.endedAt = new Date()
    this.#finishedAt = this.#world.clock.now()
    this.#cancelTimeLimit?.()
    this.#over.abort()
    for (const stream of this.streams) stream.stop()
    this.line.stop()
    this.happened({ kind: 'ended', status, by })
    this.party.ended(status)
    this.callbacks.report('completed')
  }

  happened(happening: LegHappening): void {
    const since = this.#startedAt === undefined ? 0 : this.#world.clock.now() - this.#startedAt
    const event: LegEvent = { at: Math.round(since), ...happening }
    this.updatedAt = new Date()
    if (this.log.length < MAX_LOG_EVENTS) this.log.push(event)
    this.#emitter.emit('event', event)
  }

  async #pressOne(digit: string): Promise<void> {
    await new Promise<void>((done) => this.#world.clock.after(DTMF_GAP_MS, done))
    if (digit === 'w' || this.isOver) return
    const listening = [...this.streams].filter((stream) => stream.isBidirectional)
    for (const stream of listening) stream.press(digit)
    // A key a stream took is not there any more for a <Gather> that comes later.
    if (listening.length === 0) this.digits += digit
    this.happened({ kind: 'dtmf', digit })
  }
}
