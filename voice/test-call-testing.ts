import { randomBytes } from 'node:crypto'
import { RawSocket } from './gateway-testing.ts'
import { mediaMessage } from './twilio/frames.ts'

const FRAME_MS = 20
const FRAME_BYTES = 160
const SILENT_FRAME = Buffer.alloc(FRAME_BYTES, 0xff)

export type Opened = {
  organizationId: string
  callId: string
  mediaUrl: string
  streamToken: string
}

/** A browser of the console that is the caller of a test call: silent, quick to play, able to type. */
export class BrowserCaller {
  readonly socket: RawSocket
  readonly #streamSid = `MZ${randomBytes(16).toString('hex')}`
  #timer: NodeJS.Timeout | undefined
  #frames = 0
  #speech: Buffer[] = []

  private constructor(socket: RawSocket) {
    this.socket = socket
    socket.socket.on('message', (data) => {
      const message = JSON.parse(String(data)) as { event?: string; mark?: object }
      // Whoever reads instead of hearing has played a sound as soon as it is here.
      if (message.event === 'mark')
        this.#send({ event: 'mark', streamSid: this.#streamSid, mark: message.mark })
    })
    socket.socket.on('close', () => clearInterval(this.#timer))
  }

  static async open(mediaUrl: string, origin: string): Promise<BrowserCaller> {
    return new BrowserCaller(await RawSocket.open(mediaUrl, { origin }))
  }

  /** As the console does: says which call it is, then sends a frame each 20 ms. */
  static async call(opened: Opened, origin: string): Promise<BrowserCaller> {
    const caller = await BrowserCaller.open(opened.mediaUrl, origin)
    caller.start(opened)
    caller.keepSilent()
    return caller
  }

  start({ organizationId, callId, streamToken }: Opened): void {
    this.#send({ event: 'connected', protocol: 'Call', version: '1.0.0' })
    this.#send({
      event: 'start',
      sequenceNumber: '1',
      streamSid: this.#streamSid,
      start: {
        accountSid: `AC${'0'.repeat(32)}`,
        streamSid: this.#streamSid,
        callSid: `CA${callId.replaceAll('-', '')}`,
        tracks: ['inbound'],
        mediaFormat: { encoding: 'audio/x-mulaw', sampleRate: 8_000, channels: 1 },
        customParameters: { organizationId, callId, token: streamToken },
      },
    })
  }

  keepSilent(): void {
    const startedMs = performance.now()
    this.#timer = setInterval(() => {
      // A timer that came late makes up for it, as a sound card does.
      while (this.#frames * FRAME_MS < performance.now() - startedMs) {
        const number = ++this.#frames
        const timestampMs = number * FRAME_MS
        const parts = { sequenceNumber: number + 1, chunk: number, timestampMs }
        const audio = this.#speech.shift() ?? SILENT_FRAME
        this.socket.send(mediaMessage(parts, audio.toString('base64'), this.#streamSid))
      }
    }, FRAME_MS)
  }

  /** Mu-law, sent frame by frame where there was silence. */
  speak(audio: Uint8Array): void {
    for (let from = 0; from < audio.length; from += FRAME_BYTES) {
      const frame = Buffer.from(SILENT_FRAME)
      frame.set(audio.subarray(from, from + FRAME_BYTES))
      this.#speech.push(frame)
    }
  }

  type(text: string): void {
    this.#send({ event: 'text', streamSid: this.#streamSid, text })
  }

  hangUp(): void {
    this.#send({ event: 'stop', streamSid: this.#streamSid })
  }

  /** The tab is closed, or the network gone. */
  vanish(): void {
    clearInterval(this.#timer)
    this.socket.close()
  }

  get code(): Promise<number> {
    return this.socket.closed.then(({ code }) => code)
  }

  #send(frame: object): void {
    this.socket.send(frame)
  }
}
