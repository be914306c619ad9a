import type { MediaAddress } from '#api/contract/test-media.ts'
import { createStore, type Store } from '../../../lib/store.ts'
import { type Call, isSettingUp } from '../call-status.ts'
import { LiveFeed, type LiveFeedOptions } from '../live-feed.ts'
import { MediaSocket } from './media-socket.ts'
import { MicrophoneError, type MicrophoneFault, openPhone, type Phone } from './phone-audio.ts'

export const testCallWays = ['voice', 'text'] as const
export type TestCallWay = (typeof testCallWays)[number]

/** Why a test call did not come to be, or is over. */
export type TestCallEnd =
  | { why: 'over' }
  | { why: 'busy' }
  | { why: 'turned_away' }
  | { why: 'lost' }
  | { why: 'microphone'; fault: MicrophoneFault }
  | { why: 'refused'; error: unknown }

export type TestCallState = {
  /** `starting` until the call stands and its socket speaks. */
  phase: 'starting' | 'live' | 'ended'
  callId: string | null
  end: TestCallEnd | null
}

export type TestCallParts = {
  start(): Promise<MediaAddress>
  /** How far the call is. */
  stateNow(signal: AbortSignal): Promise<Call['state']>
  createTicket: LiveFeedOptions['createTicket']
  /** The call will not be held after all. */
  giveUp(callId: string): Promise<unknown>
  openPhone?: typeof openPhone
}

const CLOSE_NORMAL = 1000
const CLOSE_NO_ROOM = 1013
const CLOSE_UNAUTHORIZED = 4401
const CLOSE_DUPLICATE = 4409
const TYPING_MS = 2_000 // an agent waits for seven seconds, usually
const NOT_YET_MS = 200
const NOT_YET_LOOKS = 50 // ten seconds from the socket's opening to a call that can be watched

/** One test call of this page: asked for, spoken or typed, watched over the live feed, ended. */
export class TestCall {
  readonly way: TestCallWay
  readonly state: Store<TestCallState> = createStore<TestCallState>({
    phase: 'starting',
    callId: null,
    end: null,
  })
  /** What the gateway tells of the call, from its first second. */
  readonly feed: LiveFeed
  readonly #parts: TestCallParts
  #phone: Phone | undefined
  #socket: MediaSocket | undefined
  #hungUp = false
  #typedAtMs = Number.NEGATIVE_INFINITY

  constructor(way: TestCallWay, parts: TestCallParts) {
    this.way = way
    this.#parts = parts
    this.feed = new LiveFeed({ createTicket: (signal) => this.#ticketSoon(signal) })
  }

  /** In a click: before one, browsers give no sound. */
  async start(): Promise<void> {
    try {
      if (this.way === 'voice') this.#phone = await this.#openPhone()
      // Hung up while the browser asked for the microphone: it was given all the same.
      if (this.#hungUp) return this.#phone?.close()
      const address = await this.#parts.start()
      this.#change({ callId: address.callId })
      if (this.#hungUp) return this.#giveUp(address.callId)
      this.#socket = this.#openSocket(address)
      if (this.way === 'text') this.#socket.keepSilent()
      this.feed.start()
    } catch (error) {
      if (error instanceof MicrophoneError) this.#over({ why: 'microphone', fault: error.fault })
      else this.#over({ why: 'refused', error })
    }
  }

  press(digit: string): void {
    this.#socket?.press(digit)
  }

  /** Somebody writes: the agent does not ask into the silence. Told now and then while it lasts. */
  typing(): void {
    const now = performance.now()
    if (now - this.#typedAtMs < TYPING_MS) return
    this.#typedAtMs = now
    this.#socket?.typing()
  }

  type(text: string): void {
    this.#socket?.type(text)
  }

  hangUp(): void {
    this.#hungUp = true
    this.#socket?.hangUp()
    this.#over({ why: 'over' })
  }

  /** The page goes on without it. */
  leave(): void {
    if (this.state.get().phase !== 'ended') this.hangUp()
    this.feed.stop()
  }

  #openPhone(): Promise<Phone> {
    return (this.#parts.openPhone ?? openPhone)({
      onFrame: (frame) => this.#socket?.sendFrame(frame),
      onMark: (name) => this.#socket?.returnMark(name),
    })
  }

  #openSocket(address: MediaAddress): MediaSocket {
    return new MediaSocket(address, {
      onAudio: (bytes) => this.#phone?.play(bytes),
      onMark: (name) => {
        // Whoever reads has heard a sound as soon as it is here.
        if (this.#phone) this.#phone.mark(name)
        else this.#socket?.returnMark(name)
      },
      onClear: () => this.#phone?.clear(),
      onClose: (code) => this.#over(endOf(code)),
    })
  }

  /** The call can be watched once the gateway has taken its stream. */
  async #ticketSoon(signal: AbortSignal): Promise<{ url: string }> {
    for (let look = 0; look < NOT_YET_LOOKS && this.state.get().phase === 'starting'; look++) {
      if (!isSettingUp(await this.#parts.stateNow(signal))) break
      await new Promise((resolve) => setTimeout(resolve, NOT_YET_MS))
    }
    const ticket = await this.#parts.createTicket(signal)
    if (this.state.get().phase === 'starting') this.#change({ phase: 'live' })
    return ticket
  }

  #over(end: TestCallEnd): void {
    const { phase, callId } = this.state.get()
    if (phase === 'ended') return
    this.#phone?.close()
    if (phase === 'starting') {
      this.feed.stop()
      if (callId) this.#giveUp(callId)
    }
    this.#change({ phase: 'ended', end })
  }

  /** Its money is free at once; where this fails, the sweep gives it back within two minutes. */
  #giveUp(callId: string): void {
    this.#parts.giveUp(callId).catch(console.warn)
  }

  #change(part: Partial<TestCallState>): void {
    this.state.set({ ...this.state.get(), ...part })
  }
}

function endOf(code: number): TestCallEnd {
  if (code === CLOSE_NORMAL) return { why: 'over' }
  if (code === CLOSE_NO_ROOM) return { why: 'busy' }
  if (code === CLOSE_UNAUTHORIZED || code === CLOSE_DUPLICATE) return { why: 'turned_away' }
  return { why: 'lost' }
}
