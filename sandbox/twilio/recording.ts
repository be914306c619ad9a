import type { Leg } from './leg.ts'
import { makeSid, rfc2822 } from './sids.ts'
import { mixed, wav } from './tape.ts'
import { type Method, sendWebhook } from './webhook.ts'
import type { World } from './world.ts'

export type RecordingSource = 'StartCallRecordingAPI' | 'OutboundAPI' | 'DialVerb' | 'RecordVerb'
export type RecordingEvent = 'in-progress' | 'completed' | 'absent'

export type RecordingOptions = {
  channels: 1 | 2
  track: 'inbound' | 'outbound' | 'both'
  source: RecordingSource
  callback?: { url: string; method: Method; events: readonly string[] } | undefined
}

type Span = { from: number; to: number }

const MIN_SECONDS = 0.1 // shorter is "too short" to Twilio and there is no recording

/** A recording of one leg: a stretch, or several with pauses between, of what its line carried. */
export class Recording {
  readonly sid = makeSid('RE')
  readonly leg: Leg
  readonly options: RecordingOptions
  readonly startedAt = new Date()
  status: 'in-progress' | 'paused' | 'completed' | 'absent' = 'in-progress'
  updatedAt = new Date()
  errorCode: number | null = null
  readonly #world: World
  readonly #spans: Span[] = []
  #from: number | undefined

  constructor(world: World, leg: Leg, options: RecordingOptions) {
    this.#world = world
    this.leg = leg
    this.options = options
    this.#from = leg.line.tape.length
    world.recordings.set(this.sid, this)
    leg.over.addEventListener('abort', () => this.stop(), { once: true })
    this.#tell('in-progress')
  }

  get isRunning(): boolean {
    return this.status === 'in-progress' || this.status === 'paused'
  }

  get durationSeconds(): number {
    return this.#spans.reduce((sum, { from, to }) => sum + (to - from), 0) / 8_000
  }

  pause(): void {
    if (this.status !== 'in-progress') return
    this.#closeSpan()
    this.#change('paused')
  }

  resume(): void {
    if (this.status !== 'paused') return
    this.#from = this.leg.line.tape.length
    this.#change('in-progress')
  }

  stop(): void {
    if (!this.isRunning) return
    this.#closeSpan()
    const isTooShort = this.durationSeconds < MIN_SECONDS
    if (isTooShort) this.errorCode = 16_101
    this.#change(isTooShort ? 'absent' : 'completed')
    this.#tell(isTooShort ? 'absent' : 'completed')
  }

  /** The file: of both sides only where both were recorded and are asked for. */
  media(channels: 1 | 2 = this.options.channels): Buffer {
    const { tape } = this.leg.line
    const parts = this.#spans.map(({ from, to }) =>
      channels === 2 && this.options.channels === 2
        ? wav([tape.said(from, to), tape.heard(from, to)])
        : this.#oneChannel(from, to),
    )
    return joinWav(parts)
  }

  path(): string {
    return `/2010-04-01/Accounts/${this.leg.accountSid}/Recordings/${this.sid}`
  }

  mediaUrl(): string {
    return this.#world.origin() + this.path()
  }

  #oneChannel(from: number, to: number): Buffer {
    const { tape } = this.leg.line
    if (this.options.track === 'inbound') return wav([tape.said(from, to)])
    if (this.options.track === 'outbound') return wav([tape.heard(from, to)])
    return mixed(tape, from, to)
  }

  #closeSpan(): void {
    if (this.#from === undefined) return
    this.#spans.push({ from: this.#from, to: this.leg.line.tape.length })
    this.#from = undefined
  }

  #change(status: Recording['status']): void {
    this.status = status
    this.updatedAt = new Date()
  }

  #tell(event: RecordingEvent): void {
    const { callback, channels, source, track } = this.options
    if (!callback?.events.includes(event)) return
    const params = {
      AccountSid: this.leg.accountSid,
      CallSid: this.leg.callSid,
      RecordingSid: this.sid,
      RecordingUrl: this.mediaUrl(),
      RecordingStatus: event,
      RecordingDuration: String(Math.round(this.durationSeconds)),
      RecordingChannels: String(channels),
      RecordingStartTime: rfc2822(this.startedAt),
      RecordingSource: source,
      RecordingTrack: track,
      ...(this.errorCode === null ? {} : { ErrorCode: String(this.errorCode) }),
    }
    void sendWebhook(this.#world, callback.url, callback.method, params)
  }
}

function joinWav(parts: Buffer[]): Buffer {
  const [first, ...more] = parts
  if (!first) return wav([new Uint8Array(0)])
  const whole = Buffer.concat([first, ...more.map((part) => part.subarray(44))])
  whole.writeUInt32LE(whole.length - 8, 4)
  whole.writeUInt32LE(whole.length - 44, 40)
  return whole
}
