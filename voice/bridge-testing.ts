import { agentSays } from './agent/phrases-testing.ts'
import {
  Bridge,
  type BridgeEvent,
  type BridgeLimits,
  type BridgeListener,
  type BridgeSummary,
  type Turn,
} from './bridge.ts'
import { type HandWoundClock, handWoundClock } from './clock.ts'
import { MemorySocket } from './memory-socket.ts'
import type { WireSocket } from './socket.ts'
import { noTape, type TapeCall } from './tape/format.ts'

export const STREAM_SID = `MZ${'a'.repeat(32)}`
export const FRAME_MS = 20
const FRAME_BYTES = 160

type Connecting = {
  attempt: number
  signal: AbortSignal
  open(): MemorySocket
  refuse(): void
}

export type BridgeBench = {
  bridge: Bridge
  clock: HandWoundClock
  twilio: MemorySocket
  connecting: Connecting[]
  initiations: { attempt: number; history: readonly Turn[] }[]
  turns: Turn[]
  events: BridgeEvent[]
  tentative: { speaker: string; text: string }[]
  ready: { conversationId: string; attempt: number; sinceStartMs: number }[]
  ended: BridgeSummary[]
  /** The caller's next frames; the clock goes along. */
  speak(frames: number, byte?: number): void
  /** Twilio sends back these marks, or all that are out. */
  returnMarks(names?: string[]): void
  /** Lets promises settle. */
  settle(): Promise<void>
  /** Opens the newest connection and lets the vendor say its metadata. */
  answer(): Promise<MemorySocket>
}

export type BenchOptions = {
  limits?: Partial<BridgeLimits>
  notices?: { reconnecting?: Uint8Array; farewell?: Uint8Array }
  tape?: TapeCall
  listener?: Partial<BridgeListener>
  headroom?: number
  failed?(error: unknown): void
  takesText?: boolean
}

/** A bridge on in-memory sockets under a clock that the test winds. */
export function aBridge(options: BenchOptions = {}): BridgeBench {
  const clock = handWoundClock(1_000)
  const twilio = new MemorySocket(options.headroom)
  const connecting: Connecting[] = []
  const bench = {
    clock,
    twilio,
    connecting,
    initiations: [] as BridgeBench['initiations'],
    turns: [] as Turn[],
    events: [] as BridgeEvent[],
    tentative: [] as BridgeBench['tentative'],
    ready: [] as BridgeBench['ready'],
    ended: [] as BridgeSummary[],
  }
  const bridge = new Bridge({
    callId: 'call-1',
    streamSid: STREAM_SID,
    twilio,
    clock,
    connectAgent: (attempt, signal) =>
      new Promise<WireSocket>((resolve, reject) => {
        connecting.push({
          attempt,
          signal,
          open() {
            const socket = new MemorySocket(options.headroom)
            resolve(socket)
            return socket
          },
          refuse: () => reject(new Error('refused')),
        })
      }),
    initiation: (attempt, history) => {
      bench.initiations.push({ attempt, history })
      return { type: 'conversation_initiation_client_data', attempt }
    },
    tape: options.tape ?? noTape,
    ...(options.limits && { limits: options.limits }),
    notices: options.notices ?? {},
    takesText: options.takesText ?? false,
    ...(options.failed && { failed: options.failed }),
    listener: {
      ready: (info) => void bench.ready.push(info),
      turn: (turn) => void bench.turns.push(turn),
      tentative: (heard) => void bench.tentative.push(heard),
      event: (event) => void bench.events.push(event),
      ended: (summary) => void bench.ended.push(summary),
      ...options.listener,
    },
  })
  twilio.onMessage((data, isBinary) => bridge.handleTwilio(data, isBinary))

  let frame = 0
  let returned = 0
  const settle = async () => {
    // A connection passes through a handful of promises before the bridge acts on it.
    for (let turn = 0; turn < 10; turn++) await Promise.resolve()
  }
  return {
    bridge,
    ...bench,
    settle,
    speak(frames, byte = 0x10) {
      for (let count = 0; count < frames; count++) {
        clock.advance(FRAME_MS)
        twilio.receive(mediaFrame(frame++, byte))
      }
    },
    returnMarks(names) {
      const out = marksOf(twilio)
      const wanted = names ?? out.slice(returned)
      returned = out.length
      for (const name of wanted)
        twilio.receive({ event: 'mark', sequenceNumber: '9', mark: { name } })
    },
    async answer() {
      const socket = connecting.at(-1)!.open()
      await settle()
      socket.receive(agentSays.metadata(`conv_${connecting.length}`))
      return socket
    },
  }
}

/** A frame as Twilio writes it: 20 ms of one mu-law byte. */
export const mediaFrame = (index: number, byte: number): string =>
  `{"event":"media","sequenceNumber":"${index + 2}","media":{"track":"inbound","chunk":"${index + 1}",` +
  `"timestamp":"${index * FRAME_MS}","payload":"${base64Of(byte)}"},"streamSid":"${STREAM_SID}"}`

export const base64Of = (byte: number, bytes = FRAME_BYTES): string =>
  Buffer.alloc(bytes, byte).toString('base64')

export const marksOf = (twilio: MemorySocket): string[] =>
  twilio.messages
    .filter((message) => message.event === 'mark')
    .map((message) => (message.mark as { name: string }).name)

export const eventsSentTo = (twilio: MemorySocket): unknown[] =>
  twilio.messages.map((message) => message.event)

/** Base64 of the caller's audio that an agent was given. */
export const audioSentTo = (agent: MemorySocket): string[] =>
  agent.messages.flatMap((message) =>
    typeof message.user_audio_chunk === 'string' ? [message.user_audio_chunk] : [],
  )

export const ofType = (agent: MemorySocket, type: string): Record<string, unknown>[] =>
  agent.messages.filter((message) => message.type === type)
