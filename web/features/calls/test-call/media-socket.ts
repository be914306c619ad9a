import {
  FRAME_MS,
  fromGateway,
  keyFrame,
  type MediaAddress,
  mediaFrame,
  startFrame,
} from '#api/contract/test-media.ts'

export type MediaEvents = {
  onAudio(bytes: Uint8Array): void
  onMark(name: string): void
  onClear(): void
  onClose(code: number): void
}

const SILENCE = new Uint8Array(160).fill(0xff)
const BACKLOG_BYTES = 65_536 // some five seconds of frames: what does not leave by then is too old to be heard
const CLOSE_MS = 2_000
const MAX_CATCH_UP_FRAMES = 100 // two seconds; a page that slept longer goes on from now

/** The caller's end of a media stream: says which call it is, sends frames, hears frames. */
export class MediaSocket {
  readonly #socket: WebSocket
  readonly #events: MediaEvents
  readonly #streamSid = `MZ${crypto.randomUUID().replaceAll('-', '')}`
  #frames = 0
  #silence: ReturnType<typeof setInterval> | undefined

  constructor(address: MediaAddress, events: MediaEvents) {
    this.#events = events
    this.#socket = new WebSocket(address.mediaUrl)
    this.#socket.onopen = () => this.#start(address)
    this.#socket.onmessage = ({ data }) => this.#take(data)
    this.#socket.onclose = ({ code }) => {
      clearInterval(this.#silence)
      events.onClose(code)
    }
  }

  sendFrame(frame: Uint8Array): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return
    if (this.#socket.bufferedAmount > BACKLOG_BYTES) return
    const payload = btoa(String.fromCharCode(...frame))
    this.#send(mediaFrame(++this.#frames, payload, this.#streamSid))
  }

  /** For a caller without a voice: a stream has frames through silence too. */
  keepSilent(): void {
    let startMs = performance.now()
    let sent = 0
    this.#silence = setInterval(() => {
      const due = Math.floor((performance.now() - startMs) / FRAME_MS) - sent
      if (due > MAX_CATCH_UP_FRAMES) {
        startMs = performance.now()
        sent = 0
        return
      }
      for (let frame = 0; frame < due; frame++) this.sendFrame(SILENCE)
      sent += Math.max(0, due)
    }, FRAME_MS)
  }

  returnMark(name: string): void {
    this.#send({ event: 'mark', streamSid: this.#streamSid, mark: { name } })
  }

  press(digit: string): void {
    this.#send(keyFrame(digit, this.#streamSid))
  }

  typing(): void {
    this.#send({ event: 'typing', streamSid: this.#streamSid })
  }

  type(text: string): void {
    this.#send({ event: 'text', streamSid: this.#streamSid, text })
  }

  hangUp(): void {
    clearInterval(this.#silence)
    this.#send({ event: 'stop', streamSid: this.#streamSid })
    // The gateway closes it; one that does not is not waited for.
    setTimeout(() => this.#socket.close(), CLOSE_MS)
  }

  #start(address: MediaAddress): void {
    this.#send({ event: 'connected', protocol: 'Call', version: '1.0.0' })
    this.#send(startFrame(address, this.#streamSid))
  }

  #take(data: unknown): void {
    const message = fromGateway.safeParse(parseJson(data))
    if (!message.success) return
    const { data: frame } = message
    if (frame.event === 'media') this.#events.onAudio(bytesOf(frame.media.payload))
    else if (frame.event === 'mark') this.#events.onMark(frame.mark.name)
    else this.#events.onClear()
  }

  #send(frame: object): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(frame))
  }
}

const bytesOf = (base64: string): Uint8Array =>
  Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))

function parseJson(data: unknown): unknown {
  try {
    return JSON.parse(String(data))
  } catch {
    // Not ours to judge: what is no JSON is no frame.
    return undefined
  }
}
