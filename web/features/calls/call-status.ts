import {
  Ban,
  CircleCheck,
  CircleDot,
  LoaderCircle,
  type LucideIcon,
  PhoneCall,
  TriangleAlert,
  WalletMinimal,
} from 'lucide-react'
import type { z } from 'zod'
import type { call, callStates, callSummary } from '#contracts/calls'
import type { Tone } from '../../components/status-chip.tsx'

export type CallSummary = z.output<typeof callSummary>
export type Call = z.output<typeof call>
export type CallState = (typeof callStates)[number]

export const statusKeys = [
  'ringing',
  'live',
  'ending',
  'processing',
  'done',
  'refused',
  'blocked',
  'failed',
] as const
export type StatusKey = (typeof statusKeys)[number]

const byState: Record<CallState, StatusKey> = {
  created: 'ringing',
  authorized: 'ringing',
  ringing: 'ringing',
  live: 'live',
  ending: 'ending',
  ended: 'processing',
  settled: 'done',
  refused: 'refused',
  failed: 'failed',
}

/** A refusal for want of money is its own status, because something can be done about it. */
export function statusOf(shown: Shown): StatusKey {
  const state = lastingState(shown)
  if (state === 'refused' && isAboutMoney(shown.reason)) return 'blocked'
  return byState[state]
}

type Shown = Pick<CallSummary, 'state' | 'reason' | 'liveAt'>

/** A call that never began is settled too; that it was refused, or failed, is what there is to say of it. */
export function lastingState({ state, reason, liveAt }: Shown): CallState {
  if (state !== 'settled' || liveAt) return state
  return isRefusal(reason) ? 'refused' : 'failed'
}

/** A refusal is told by its code, `domain.reason`. */
const isRefusal = (reason: string): boolean => reason.includes('.')

export const isAboutMoney = (reason: string): boolean => /fund|balance|wallet/.test(reason)

export const isRunning = (state: CallState): boolean =>
  ['created', 'authorized', 'ringing', 'live', 'ending'].includes(state)

/** The carrier rings, but no gateway has the call yet. */
export const isSettingUp = (state: CallState): boolean =>
  ['created', 'authorized', 'ringing'].includes(state)

/** Nothing changes any more: no need to look again. */
export const isFinal = (state: CallState): boolean =>
  ['settled', 'refused', 'failed'].includes(state)

export const statusLooks: Record<StatusKey, { icon: LucideIcon; tone: Tone; isPulsing?: true }> = {
  ringing: { icon: PhoneCall, tone: 'brand' },
  live: { icon: CircleDot, tone: 'bad', isPulsing: true },
  ending: { icon: CircleDot, tone: 'warn' },
  processing: { icon: LoaderCircle, tone: 'neutral' },
  done: { icon: CircleCheck, tone: 'ok' },
  refused: { icon: Ban, tone: 'warn' },
  blocked: { icon: WalletMinimal, tone: 'bad' },
  failed: { icon: TriangleAlert, tone: 'bad' },
}

/** The person at the other end, and the organization's own number. */
export const otherNumber = (shown: CallSummary): string =>
  shown.direction === 'inbound' ? shown.fromNumber : shown.toNumber
export const ownNumber = (shown: CallSummary): string =>
  shown.direction === 'inbound' ? shown.toNumber : shown.fromNumber

const RECORDING_WAIT_MS = 10 * 60_000 // The archiver stores within a minute or two; after ten something went wrong.

export type RecordingState = 'stored' | 'pending' | 'none' | 'never'

/** Whether there is something to hear, will be, or never was. */
export function recordingState(
  shown: Pick<Call, 'recording' | 'liveAt' | 'endedAt' | 'state'>,
  now: Date,
): RecordingState {
  if (shown.recording) return 'stored'
  if (!shown.liveAt) return isFinal(shown.state) ? 'never' : 'pending'
  if (!shown.endedAt) return 'pending'
  return now.getTime() - shown.endedAt.getTime() < RECORDING_WAIT_MS ? 'pending' : 'none'
}

/** A code such as `caller_hung_up` as words, for reasons this build has no text for. */
export const humanize = (code: string): string => {
  const words = code.replaceAll(/[_.-]+/g, ' ').trim()
  return words.charAt(0).toUpperCase() + words.slice(1)
}
