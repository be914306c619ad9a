import type { Duplex } from 'node:stream'
import { ABNORMAL_CLOSE, type WireSocket } from '../socket.ts'
import { FrameReader, opcode, type ReaderLimits, type Role } from './frame-reader.ts'
import { joined, returnRoom } from './frame-room.ts'
import { frameInPlace, frameOf, headroomOf } from './frame-writer.ts'
import { ReadGatherer } from './read-gatherer.ts'
import { DirectWriter } from './write-direct.ts'

const CLOSE_MS = 2_000 // for the peer's close frame; a peer that is gone must not keep a socket open
const NO_CODE = 1005
// A listener that throws would end the process; it may cost its socket only. The bridge reports its own faults.
const INTERNAL_CLOSE = 1011
const NORMAL_CLOSE = 1000
const MAX_REASON_BYTES = 123
const MAX_EARLY = 64 // reads between the handshake and the first listener, which come in the same tick

const gatherer = new ReadGatherer()

/**
 * A WebSocket on a connected stream whose handshake is done. One buffer and one write a frame, and nothing kept per
 * socket but the reader: this is what the media path's figures rest on.
 */
export class OwnSocket implements WireSocket {
  readonly headroom: number
  #stream: Duplex
  #role: Role
  #reader: FrameReader
  #writer: DirectWriter
  /** What was sent is to leave together. */
  #isCorked = false
  #corked: Buffer | undefined
  /** What came before somebody listened. */
  #early: Buffer[] | undefined = []
  #isClosing = false
  #isTold = false
  #closeTimer: NodeJS.Timeout | undefined
  #onMessage: (data: Buffer, isBinary: boolean) => void = () => {}
  #onClose: (code: number) => void = () => {}
  #onPong: () => void = () => {}
  #onError: (error: unknown) => void

  /** `onError` hears of a listener that threw, which costs the socket: the first time, and no more. */
  constructor(
    stream: Duplex,
    role: Role,
    limits: ReaderLimits,
    onError: (error: unknown) => void = ignore,
  ) {
    this.#onError = onError
    this.#stream = stream
    this.#writer = new DirectWriter(stream)
    this.#role = role
    this.headroom = headroomOf(role)
    this.#reader = new FrameReader(role, limits, {
      message: (data, isBinary) => {
        if (this.#isClosing) return
        try {
          this.#onMessage(data, isBinary)
        } catch (error) {
          this.#broken(error)
        }
      },
      ping: (data) => this.#write(frameOf(opcode.pong, data, role)),
      pong: () => this.#guard(() => this.#onPong()),
      closed: (code) => this.#peerClosed(code),
      failed: (code) => this.#peerFailed(code),
    })
    // An error is followed by the close, which is what we act upon; without a listener it would end the process.
    stream.on('error', () => stream.destroy())
    stream.on('end', () => stream.destroy())
    stream.on('close', () => this.#streamClosed())
  }

  /** Takes what was read from the stream: `chunk[0, end)`, which may be used again afterwards. */
  feed(chunk: Buffer, end: number): void {
    gatherer.read()
    if (this.#early === undefined) this.#reader.push(chunk, end)
    else if (end > 0) this.#early.push(Buffer.from(chunk.subarray(0, end)))
    if (this.#early && this.#early.length > MAX_EARLY) this.#stream.destroy()
  }

  send(frame: Buffer): void {
    if (this.#isClosing) {
      returnRoom(frame)
      return
    }
    const inPlace = frameInPlace(frame, this.#role)
    const bytes = inPlace ?? frameOf(opcode.text, frame.subarray(this.headroom), this.#role)
    if (inPlace === undefined) returnRoom(frame)
    if (this.#isCorked) this.#gather(bytes)
    else this.#writer.write(bytes)
  }

  cork(): void {
    this.#isCorked = true
  }

  uncork(): void {
    const corked = this.#corked
    this.#isCorked = false
    this.#corked = undefined
    if (corked) this.#writer.write(corked)
  }

  bufferedBytes(): number {
    return this.#writer.waitingBytes
  }

  close(code: number, reason = ''): void {
    if (this.#isClosing) return
    const body = Buffer.alloc(2 + Math.min(Buffer.byteLength(reason), MAX_REASON_BYTES))
    body.writeUInt16BE(code)
    body.write(reason, 2)
    this.#write(frameOf(opcode.close, body, this.#role))
    this.#isClosing = true
    this.#closeTimer = setTimeout(() => this.#stream.destroy(), CLOSE_MS)
  }

  ping(): void {
    this.#write(frameOf(opcode.ping, Buffer.alloc(0), this.#role))
  }

  onMessage(listener: (data: Buffer, isBinary: boolean) => void): void {
    this.#onMessage = listener
    this.#listen()
  }

  onClose(listener: (code: number) => void): void {
    this.#onClose = listener
    this.#listen()
  }

  onPong(listener: () => void): void {
    this.#onPong = listener
  }

  /** Somebody listens; what came before is read in the next tick, when he has set his other listeners too. */
  #listen(): void {
    if (this.#early) process.nextTick(() => this.#readEarly())
  }

  #readEarly(): void {
    const early = this.#early ?? []
    this.#early = undefined
    for (const chunk of early) this.#reader.push(chunk)
  }

  #gather(bytes: Buffer): void {
    const corked = this.#corked
    const both = corked && joined(corked, bytes)
    if (corked && !both) this.#writer.write(corked)
    this.#corked = both ?? bytes
  }

  #write(frame: Buffer): void {
    if (this.#isClosing) return
    this.uncork()
    this.#writer.write(frame)
  }

  #peerClosed(code: number): void {
    this.close(code === NO_CODE ? NORMAL_CLOSE : code)
    // The server ends the connection first, so that the client is not left waiting (section 7.1.1).
    if (this.#role === 'server') this.#stream.end()
    this.#tell(code)
  }

  #peerFailed(code: number): void {
    this.close(code)
    this.#stream.end()
    this.#tell(ABNORMAL_CLOSE)
  }

  #streamClosed(): void {
    this.#readEarly()
    this.#isClosing = true
    clearTimeout(this.#closeTimer)
    this.#reader.stop()
    this.#tell(ABNORMAL_CLOSE)
  }

  #tell(code: number): void {
    if (this.#isTold) return
    this.#isTold = true
    this.#guard(() => this.#onClose(code))
  }

  #guard(what: () => void): void {
    try {
      what()
    } catch (error) {
      this.#broken(error)
    }
  }

  #broken(error: unknown): void {
    const onError = this.#onError
    this.#onError = ignore
    this.close(INTERNAL_CLOSE)
    onError(error)
  }
}

const ignore = (): void => {}
