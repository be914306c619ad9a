import type { Clock } from './clock.ts'
import type { WireSocket } from './socket.ts'
import type { TapeCall } from './tape/format.ts'

export const endReasons = [
  'caller_hung_up',
  'stream_lost',
  'agent_hung_up',
  'agent_lost',
  'agent_start_failed',
  'agent_silent',
  'funds_exhausted',
  'max_duration',
  'superseded',
  'organization_paused',
  'lease_lost',
  'shutdown',
  'media_idle',
  'protocol_violation',
  'operator',
  'internal_error',
] as const
export type EndReason = (typeof endReasons)[number]

/** Times are milliseconds on the media timeline of the call, whose zero is the caller's first frame. */
export type Turn = {
  seq: number
  speaker: 'customer' | 'agent'
  text: string
  startMs: number
  endMs: number
  heard: 'heard' | 'cut' | 'never_played'
  /** Of a turn that was cut: the part that reached the caller, by the vendor's correction or by our marks. */
  heardText?: string
  eventId?: number
}

export type BridgeSummary = {
  reason: EndReason
  mediaMs: number
  framesUp: number
  framesDown: number
  /** Bytes of audio, which are samples. */
  bytesUp: number
  bytesDown: number
  /** Agent audio that came after the caller had interrupted it. */
  lateDropped: number
  /** Caller's frames not sent since the agent's socket did not drain, or too old when the agent answered. */
  upDropped: number
  /** Agent audio given up for want of room: Twilio did not read, or a notice played for too long. */
  downDropped: number
  marksSent: number
  marksReturned: number
  interruptions: number
  agentReconnects: number
  conversationIds: string[]
  unknownEvents: Record<string, number>
}

export type BridgeEvent = { kind: string; atMs: number; data?: Record<string, unknown> }

/** Called in batches outside the frame handlers, in order; what it throws stops nothing. */
export type BridgeListener = {
  ready(info: { conversationId: string; attempt: number; sinceStartMs: number }): void
  /** A turn whose `seq` was told before takes the place of the earlier one (a correction that came late). */
  turn(turn: Turn): void
  tentative(heard: { speaker: 'customer' | 'agent'; text: string }): void
  event(event: BridgeEvent): void
  /** Exactly once, after everything else. */
  ended(summary: BridgeSummary): void
}

/** Mu-law audio, as far as it is at hand. */
export type BridgeNotices = { reconnecting?: Uint8Array; farewell?: Uint8Array }

export type BridgeOptions = {
  callId: string
  streamSid: string
  twilio: WireSocket
  clock: Clock
  /** Opens an agent socket: at the start, and again on loss (attempt > 0). Must give up when the signal aborts. */
  connectAgent(attempt: number, signal: AbortSignal): Promise<WireSocket>
  /** The first frame on every agent socket; after a loss it carries what was said so far. */
  initiation(attempt: number, history: readonly Turn[]): object
  tape: TapeCall
  limits?: Partial<BridgeLimits>
  notices: BridgeNotices
  listener: BridgeListener
  /** Our own fault, which ends the call; called once. */
  failed?(error: unknown): void
  /** Typed words are taken as the caller's turn: a browser's socket may send them. */
  takesText?: boolean
}

export type BridgeLimits = {
  connectTimeoutMs: number
  startBudgetMs: number
  startTries: number
  reconnectTries: number
  retryDelayMs: number
  stableMs: number
  agentSilentMs: number
  agentStaleMs: number
  fillerAfterMs: number
  heldSpeechFrames: number
  heldAgentBytes: number
  upUnsentBytes: number
  downUnsentBytes: number
  idleMediaMs: number
  markSlackMs: number
  drainMs: number
  keypadBatchMs: number
  malformedFrames: number
  messageBytes: number
}

export const BRIDGE_LIMITS: BridgeLimits = {
  connectTimeoutMs: 3_000, // socket, initiation and metadata of one try (F14)
  startBudgetMs: 3_000, // all tries of a call's start together (F13)
  startTries: 3, // one and two retries (F13)
  reconnectTries: 2, // a third would pass the patience of a caller who hears a filler (F14)
  retryDelayMs: 250, // a refusing vendor is not hammered
  stableMs: 30_000, // a conversation that held this long earns its reconnects anew
  agentSilentMs: 10_000, // ElevenLabs pings every few seconds: by now its end is gone, whatever the kernel says
  agentStaleMs: 4_000, // silence of the agent is suspect when its pings stop too
  fillerAfterMs: 5_000, // the caller never hears nothing for more than six seconds
  heldSpeechFrames: 250, // five seconds of the caller's speech before an agent answers
  heldAgentBytes: 1_048_576, // two minutes of speech, base64, while a notice plays
  upUnsentBytes: 24 * 1_024, // two seconds: older speech is worth less than the delay it would add
  downUnsentBytes: 262_144, // X-ws; Twilio reads at once, so this much unsent means that it does not
  idleMediaMs: 20_000, // X-ws; a live stream sends frames through silence too
  markSlackMs: 1_500, // from the end of the audio to its mark: network both ways and Twilio's own buffer
  drainMs: 30_000, // longest goodbye we wait for after the agent has hung up
  keypadBatchMs: 1_500, // keys of one number come closer together than this
  malformedFrames: 5, // X-ws
  messageBytes: 65_536, // X-ws
}
