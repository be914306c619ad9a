import { ABNORMAL_CLOSE, type WireSocket } from './socket.ts'

// What a codec leaves in a buffer it was given: nobody may read a frame after sending it.
const SCRIBBLE = 0xee

/** A socket without a network, held by what is tested; the methods below the line are the far end. */
export class MemorySocket implements WireSocket {
  readonly headroom: number
  readonly sent: string[] = []
  closed: { code: number; reason: string } | undefined
  /** What `bufferedBytes` answers: raise it to play a peer that does not read. */
  unsentBytes = 0
  pings = 0
  #onMessage: (data: Buffer, isBinary: boolean) => void = () => {}
  #onClose: (code: number) => void = () => {}
  #onPong: () => void = () => {}
  #onSend: (text: string) => void = () => {}

  constructor(headroom = 0) {
    this.headroom = headroom
  }

  send(frame: Buffer): void {
    if (this.closed) return
    const text = frame.toString('utf8', this.headroom)
    frame.fill(SCRIBBLE)
    this.sent.push(text)
    this.#onSend(text)
  }

  cork(): void {}

  uncork(): void {}

  bufferedBytes(): number {
    return this.unsentBytes
  }

  close(code: number, reason = ''): void {
    this.closed ??= { code, reason }
  }

  ping(): void {
    if (!this.closed) this.pings++
  }

  onMessage(listener: (data: Buffer, isBinary: boolean) => void): void {
    this.#onMessage = listener
  }

  onClose(listener: (code: number) => void): void {
    this.#onClose = listener
  }

  onPong(listener: () => void): void {
    this.#onPong = listener
  }

  // ---- the far end

  receive(message: object | string): void {
    this.receiveBytes(Buffer.from(typeof message === 'string' ? message : JSON.stringify(message)))
  }

  receiveBytes(data: Buffer, isBinary = false): void {
    if (!this.closed) this.#onMessage(data, isBinary)
  }

  /** The far end closes, or the line breaks. */
  drop(code: number = ABNORMAL_CLOSE): void {
    this.closed ??= { code, reason: '' }
    this.#onClose(code)
  }

  pong(): void {
    this.#onPong()
  }

  whenSent(listener: (text: string) => void): void {
    this.#onSend = listener
  }

  /** Everything sent, parsed. */
  get messages(): Record<string, unknown>[] {
    return this.sent.map((text) => JSON.parse(text) as Record<string, unknown>)
  }
}
