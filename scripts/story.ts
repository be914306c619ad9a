import type { z } from 'zod'
import { type call, type callEvent, getCall, listCallEvents, listCalls } from '#contracts/calls'
import { createRecordingLink } from '#contracts/recordings'
import { getTranscript, type Turn } from '#contracts/transcripts'
import { type ledgerEntry, listLedgerEntries } from '#contracts/wallet'
import type { ApiClient } from './api-client.ts'

/** Everything the platform knows of one call, read through its API like anybody would. */
export type Story = {
  call: z.output<typeof call>
  turns: Turn[]
  events: z.output<typeof callEvent>[]
  entries: z.output<typeof ledgerEntry>[]
  wav: Uint8Array | null
}

const POLL_MS = 250

/** Waits until the call is settled (and recorded, where it went live), then reads all of it. */
export async function readStory(
  api: ApiClient,
  twilioCallSid: string,
  withinMs: number,
): Promise<Story> {
  const deadline = performance.now() + withinMs
  for (;;) {
    const found = await findSettled(api, twilioCallSid)
    if (found) return await gather(api, found)
    if (performance.now() > deadline)
      throw new Error(`the call is not settled and recorded after ${withinMs / 1000} s`)
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
}

async function findSettled(api: ApiClient, twilioCallSid: string): Promise<string | null> {
  const { items } = await api(listCalls, { query: { limit: 50 } })
  for (const item of items) {
    const one = await api(getCall, { params: { callId: item.id } })
    if (one.twilioCallSid !== twilioCallSid) continue
    return one.state === 'settled' && (one.liveAt === null || one.recording) ? one.id : null
  }
  return null
}

async function gather(api: ApiClient, callId: string): Promise<Story> {
  const params = { callId }
  const one = await api(getCall, { params })
  const { turns } = await api(getTranscript, { params })
  const events = await api(listCallEvents, { params, query: { limit: 100 } })
  const entries = await api(listLedgerEntries, { query: { callId, limit: 100 } })
  let wav: Uint8Array | null = null
  if (one.recording) {
    const link = await api(createRecordingLink, { params })
    wav = new Uint8Array(await (await fetch(link.url)).arrayBuffer())
  }
  return { call: one, turns, events: events.items, entries: entries.items.reverse(), wav }
}

const clockOf = (ms: number) =>
  `${Math.floor(ms / 60_000)}:${((ms / 1000) % 60).toFixed(1).padStart(4, '0')}`
const money = (cents: number) => `${(cents / 100).toFixed(2)}`

/** The story as a person reads it in a terminal. */
export function tell(story: Story): string {
  const { call: one, turns, events, entries } = story
  const from = (one.liveAt ?? one.createdAt).getTime()
  const lines = [
    `Call ${one.id}`,
    `  ${one.fromNumber} called ${one.toNumber}, answered by ${one.agentName ?? 'nobody'}`,
    `  ${one.state}, because ${one.reason.replaceAll('_', ' ')}; ${one.durationSeconds ?? 0} s billed, cost ${money(one.costCents ?? 0)}`,
    '',
    '  Timeline',
    ...events.map((event) => {
      const at = ((event.at.getTime() - from) / 1000).toFixed(2).padStart(7)
      return `  ${at} s  ${event.kind}${detail(event.data)}`
    }),
    '',
    '  Transcript',
    ...turns.map((turn) => {
      const heard =
        turn.heard === 'heard'
          ? ''
          : turn.heard === 'cut'
            ? `  (cut: "${turn.heardText ?? ''}" was heard)`
            : '  (never played)'
      return `  ${clockOf(turn.startMs).padStart(7)}  ${turn.speaker.padEnd(8)}  ${turn.text}${heard}`
    }),
    '',
    '  Recording',
    one.recording && story.wav
      ? `    stereo WAV, ${(one.recording.durationMs / 1000).toFixed(2)} s, ${story.wav.byteLength} bytes, SHA-256 ${one.recording.sha256.slice(0, 16)}…`
      : '    none',
    '',
    '  Ledger',
    ...entries.map(
      (entry) =>
        `  ${String(entry.sequence).padStart(5)}  ${entry.kind.padEnd(8)} ${money(entry.amountCents).padStart(8)}  ${entry.fromAccount} -> ${entry.toAccount}, balance ${money(entry.balanceAfterCents)}, held ${money(entry.heldAfterCents)}${why(entry.explanation)}`,
    ),
  ]
  return lines.join('\n')
}

const SHOWN = [
  'reason',
  'outcome',
  'digit',
  'digits',
  'attempt',
  'fundedSeconds',
  'why',
  'sinceStartMs',
  'durationSeconds',
]

function detail(data: Record<string, unknown>): string {
  const parts = SHOWN.filter((name) => data[name] !== undefined && data[name] !== null).map(
    (name) => `${name} ${String(data[name])}`,
  )
  return parts.length > 0 ? `  (${parts.join(', ')})` : ''
}

function why(explanation: Record<string, unknown>): string {
  const { billedSeconds, seconds, pricePerHourCents, unroundedCents } = explanation
  if (pricePerHourCents === undefined) return ''
  return ` (${String(billedSeconds ?? seconds)} s at ${money(Number(pricePerHourCents))} an hour = ${String(unroundedCents)} cents, rounded up)`
}
