import { once } from 'node:events'
import WebSocket from 'ws'
import {
  fromGateway,
  keyFrame,
  type MediaAddress,
  mediaFrame,
  startFrame,
} from '#api/contract/test-media.ts'

export type LineEvents = {
  onAudio(bytes: number): void
  onMark(name: string): void
  onClear(): void
}

const OPEN_MS = 10_000 // a gateway that is there answers within milliseconds
const CLOSE_MS = 2_000 // it closes at a hang-up; one that does not is not waited for
const BACKLOG_BYTES = 65_536 // some five seconds of frames: what does not leave by then is too old to be heard
const MAX_MESSAGE_BYTES = 1_048_576

/** The caller's end of a media stream, in the frames of a carrier. */
export class MediaLine {
  readonly #socket: WebSocket
  readonly #streamSid: string
  #frames = 0
  #closeCode: number | undefined

  private constructor(socket: WebSocket, address: MediaAddress, events: LineEvents) {
    this.#socket = socket
    this.#streamSid = `MZ${address.callId.replaceAll('-', '')}`
    socket.on('message', (data) => take(String(data), events))
    // An error is followed by the close, which is what counts.
    socket.on('error', () => undefined)
    socket.on('close', (code) => {
      this.#closeCode = code
    })
  }

  /** Rejects where the gateway is not there or refuses. `origin` is the console's: gateways take no other pages. */
  static async open(address: MediaAddress, origin: string, events: LineEvents): Promise<MediaLine> {
    const socket = new WebSocket(address.mediaUrl, {
      origin,
      handshakeTimeout: OPEN_MS,
      maxPayload: MAX_MESSAGE_BYTES,
    })
    const line = new MediaLine(socket, address, events)
    await once(socket, 'open')
    line.#start(address)
    return line
  }

  /** Undefined while the line is open. */
  get closeCode(): number | undefined {
    return this.#closeCode
  }

  /** 20 ms of the caller. */
  sendFrame(audio: Uint8Array): void {
    if (this.#socket.bufferedAmount > BACKLOG_BYTES) return
    const payload = Buffer.from(audio.buffer, audio.byteOffset, audio.length).toString('base64')
    this.#send(mediaFrame(++this.#frames, payload, this.#streamSid))
  }

  returnMark(name: string): void {
    this.#send({ event: 'mark', streamSid: this.#streamSid, mark: { name } })
  }

  press(digit: string): void {
    this.#send(keyFrame(digit, this.#streamSid))
  }

  hangUp(): void {
    this.#send({ event: 'stop', streamSid: this.#streamSid })
    setTimeout(() => this.#socket.terminate(), CLOSE_MS).unref()
  }

  #start(address: MediaAddress): void {
    this.#send({ event: 'connected', protocol: 'Call', version: '1.0.0' })
    this.#send(startFrame(address, this.#streamSid))
  }

  #send(message: object): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message))
  }
}

function take(text: string, events: LineEvents): void {
  const read = fromGateway.safeParse(parseJson(text))
  if (!read.success) return
  if (read.data.event === 'media') events.onAudio(bytesIn(read.data.media.payload))
  else if (read.data.event === 'mark') events.onMark(read.data.mark.name)
  else events.onClear()
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // What is no JSON is no frame.
    return undefined
  }
}

const bytesIn = (base64: string): number => Buffer.from(base64, 'base64').length
