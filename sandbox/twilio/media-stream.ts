import { type RawData, WebSocket } from 'ws'
import type { Faults } from '../kit/faults.ts'
import type { Journal } from '../kit/journal.ts'
import { FRAME_MS } from '../speech/utterance.ts'
import type { LegHappening } from './events.ts'
import { FrameFault } from './frame-fault.ts'
import type { Playback } from './playback.ts'
import { makeSid } from './sids.ts'
import { sign } from './signature.ts'

export type StreamTrack = 'inbound' | 'outbound'
export type StreamEvent = 'stream-started' | 'stream-stopped' | 'stream-error'

export type MediaStreamOptions = {
  url: string
  name: string | undefined
  accountSid: string
  authToken: string
  callSid: string
  tracks: readonly StreamTrack[]
  parameters: Record<string, string>
  /** What the product sends is played here; absent for a one-way stream. */
  playback?: Playback
  journal: Journal
  faults: Faults
  log: (happening: LegHappening) => void
  tell: (event: StreamEvent, error?: string) => void
}

const HANDSHAKE_MS = 5_000 // Twilio's connect time-out
const CLOSE_MS = 1_000 // a server that does not answer a close is cut off
const MAX_DELAY_MS = 60_000 // of a fault that opens the stream late
const MAX_MESSAGE_BYTES = 1024 * 1024
const MAX_BACKLOG_BYTES = 1024 * 1024 // a minute of one track: whoever reads slower is not listening
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

/** Twilio's end of a Media Streams socket. */
export class MediaStream {
  readonly sid = makeSid('MZ')
  readonly options: MediaStreamOptions
  /** Resolves once, whoever ended it and however. */
  readonly ended: Promise<void>
  readonly #socket: WebSocket
  readonly #chunks: Record<StreamTrack, number> = { inbound: 0, outbound: 0 }
  readonly #fault: FrameFault
  #resolveEnded: () => void = () => {}
  #sequence = 0
  #ticks = 0
  #isStarted = false
  #stoppedByUs = false
  #error: { code: number; message: string } | undefined
  #gotAudio = false
  #clearing = false

  constructor(options: MediaStreamOptions) {
    this.options = options
    this.ended = new Promise((resolve) => {
      this.#resolveEnded = resolve
    })
    const { pathname } = new URL(options.url)
    this.#fault = new FrameFault(options.faults.take('twilio', 'socket', 'GET', pathname))
    const how = {
      headers: {
        'X-Twilio-Signature': sign(options.authToken, options.url),
        'User-Agent': 'TwilioProxy/1.1',
      },
      perMessageDeflate: false,
      handshakeTimeout: HANDSHAKE_MS,
      maxPayload: MAX_MESSAGE_BYTES,
      closeTimeout: CLOSE_MS, // not in the types of this version
    }
    this.#socket = new WebSocket(options.url, how)
    this.#socket.on('open', () => this.#opened())
    this.#socket.on('message', (data, isBinary) => this.#heard(data, isBinary))
    this.#socket.on('error', (error) => this.#failed(error))
    this.#socket.on('close', (code) => this.#closed(code))
  }

  get isBidirectional(): boolean {
    return this.options.playback !== undefined
  }

  get isOpen(): boolean {
    return this.#isStarted && this.#socket.readyState === WebSocket.OPEN
  }

  /** One tick of the line: a frame of each track this stream carries. */
  carry(said: Uint8Array, heard: Uint8Array): void {
    if (!this.isOpen) return
    if (this.#socket.bufferedAmount > MAX_BACKLOG_BYTES) {
      this.#tooSlow()
      return
    }
    for (const track of this.options.tracks)
      this.#sendFrame(track, track === 'inbound' ? said : heard)
    this.#ticks++
  }

  press(digit: string): void {
    if (this.isOpen && this.isBidirectional)
      this.#send({ event: 'dtmf', dtmf: { track: 'inbound_track', digit } })
  }

  /** The call is over, or the verb that held this stream is. */
  stop(): void {
    if (this.#stoppedByUs) return
    this.#stoppedByUs = true
    if (this.isOpen) {
      const { accountSid, callSid } = this.options
      this.#send({ event: 'stop', stop: { accountSid, callSid } })
    }
    this.#socket.close(1000)
  }

  #opened(): void {
    const { journal, url } = this.options
    journal.record({ vendor: 'twilio', kind: 'socket', path: url, note: `opened ${this.sid}` })
    const { action } = this.#fault
    if (action?.type === 'drop') this.#socket.terminate()
    else if (action?.type === 'delay' || action?.type === 'latency') {
      const late = setTimeout(() => this.#begin(), Math.min(action.ms, MAX_DELAY_MS))
      this.#socket.once('close', () => clearTimeout(late))
    } else this.#begin()
  }

  #begin(): void {
    const { log, url, accountSid, callSid, tracks, parameters, tell } = this.options
    if (this.#stoppedByUs) return
    this.#socket.send(JSON.stringify({ event: 'connected', protocol: 'Call', version: '1.0.0' }))
    if (this.#fault.action?.type === 'hang') return
    this.#isStarted = true
    this.#send({
      event: 'start',
      start: {
        accountSid,
        streamSid: this.sid,
        callSid,
        tracks,
        mediaFormat: { encoding: 'audio/x-mulaw', sampleRate: 8000, channels: 1 },
        customParameters: parameters,
      },
    })
    log({ kind: 'stream-open', streamSid: this.sid, url })
    tell('stream-started')
  }

  #sendFrame(track: StreamTrack, frame: Uint8Array): void {
    const timestamp = String(this.#ticks * FRAME_MS)
    for (const payload of this.#fault.frames(frame)) {
      const chunk = String(++this.#chunks[track])
      this.#send({
        event: 'media',
        media: { track, chunk, timestamp, payload: Buffer.from(payload).toString('base64') },
      })
    }
    const closeCode = this.#fault.closesNow()
    if (closeCode === 'reset') this.#socket.terminate()
    else if (closeCode !== undefined) this.#socket.close(closeCode)
  }

  #send(message: { event: string; [key: string]: unknown }): void {
    const { event, ...rest } = message
    const sequenceNumber = String(++this.#sequence)
    const text = JSON.stringify({ event, sequenceNumber, ...rest, streamSid: this.sid })
    this.#fault.sent(text.length)
    this.#socket.send(text)
  }

  #heard(data: RawData, isBinary: boolean): void {
    if (isBinary) {
      this.#complain(31950, 'a binary message')
      return
    }
    const message = parse(String(data))
    if (!message) {
      this.#complain(31950, 'a message that is not JSON')
      return
    }
    if (!this.isBidirectional) {
      this.#complain(31922, 'a message on a stream that only listens')
      return
    }
    if (message.streamSid !== this.sid) {
      this.#complain(31922, 'another streamSid, or none')
      return
    }
    if (message.event === 'media') this.#play(message.media)
    else if (message.event === 'mark') this.#mark(message.mark)
    else if (message.event === 'clear') this.#clear()
    else this.#complain(31922, `the event ${String(message.event).slice(0, 40)}`)
  }

  #play(media: unknown): void {
    const payload = isRecord(media) ? media.payload : undefined
    if (typeof payload !== 'string' || !BASE64.test(payload)) {
      this.#complain(31922, 'media without a base64 payload')
      return
    }
    const audio = Buffer.from(payload, 'base64')
    if (!this.options.playback?.add(audio)) {
      this.#complain(31950, 'more audio than can be kept')
      return
    }
    if (this.#gotAudio) return
    this.#gotAudio = true
    this.options.log({ kind: 'first-audio', streamSid: this.sid, bytes: audio.length })
  }

  #mark(mark: unknown): void {
    const name = isRecord(mark) ? mark.name : undefined
    if (typeof name !== 'string') {
      this.#complain(31922, 'a mark without a name')
      return
    }
    const taken = this.options.playback?.mark(() => {
      if (!this.isOpen) return
      this.#send({ event: 'mark', mark: { name } })
      this.options.log({ kind: 'mark', streamSid: this.sid, name, cleared: this.#clearing })
    })
    if (!taken) this.#complain(31950, 'more marks than can be kept')
  }

  #clear(): void {
    const { playback, log } = this.options
    log({ kind: 'clear', streamSid: this.sid, droppedBytes: playback?.queuedBytes ?? 0 })
    this.#clearing = true
    playback?.clear()
    this.#clearing = false
  }

  #complain(code: number, what: string): void {
    this.options.log({ kind: 'media-error', code, message: `The product sent ${what}.` })
  }

  #tooSlow(): void {
    this.#error = { code: 31921, message: 'The product reads too slowly.' }
    this.#socket.terminate()
  }

  #failed(error: Error): void {
    // Closing a socket that is still connecting is an error to the library, not to Twilio.
    if (!this.#stoppedByUs) this.#error ??= { code: streamErrorOf(error), message: error.message }
  }

  #closed(code: number): void {
    const { log, tell, journal, url, playback } = this.options
    journal.record({
      vendor: 'twilio',
      kind: 'socket',
      path: url,
      note: `closed ${code} ${this.sid}`,
    })
    const wasStarted = this.#isStarted
    this.#isStarted = false
    // What the product had queued for playing goes with its socket.
    if (!this.#stoppedByUs) playback?.clear()
    if (this.#error) {
      log({ kind: 'media-error', ...this.#error })
      tell('stream-error', `${this.#error.code} ${this.#error.message}`)
    } else if (wasStarted) tell('stream-stopped')
    const by = this.#stoppedByUs ? 'twilio' : this.#error ? 'error' : 'product'
    log({ kind: 'stream-close', streamSid: this.sid, by, code })
    this.#resolveEnded()
  }
}

function streamErrorOf(error: Error): number {
  if (error.message.includes('handshake has timed out')) return 31901
  if (error.message.startsWith('Unexpected server response')) return 31920
  const code = 'code' in error ? String(error.code) : ''
  if (code === 'ECONNREFUSED') return 31902
  if (code.startsWith('ERR_TLS') || code.includes('CERT')) return 31910
  return 31924
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isRecord(value) ? value : undefined
  } catch {
    return undefined // the caller complains about it
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
