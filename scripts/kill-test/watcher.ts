import { setTimeout as sleep } from 'node:timers/promises'
import WebSocket from 'ws'
import { createLiveTicket, listCalls, liveEvent } from '#contracts/calls'
import { getTranscript, type Turn } from '#contracts/transcripts'
import { type ApiClient, ApiRefusal } from '../api-client.ts'
import { ignoreAbort } from './killer.ts'

/** What somebody was shown of a call: each turn's texts by its number, in the order they were shown. */
export type Shown = Map<string, Map<number, { speaker: string; texts: string[]; by: Set<string> }>>

const LOOK_MS = 1_000
const MAX_FEEDS = 9 // one person may hold ten

/**
 * Watches running calls as people do: live feeds that reconnect, and transcripts read through the API. What it saw
 * is evidence; that it sees nothing while processes are down is not.
 */
export async function watchCalls(
  api: ApiClient,
  options: { origin: string; until: AbortSignal },
): Promise<Shown> {
  const shown: Shown = new Map()
  const feeds = new Map<string, Feed>()
  while (!options.until.aborted) {
    try {
      await look(api, options.origin, shown, feeds)
    } catch (error) {
      if (!isOutage(error)) throw error
    }
    await sleep(LOOK_MS, undefined, { signal: options.until }).catch(ignoreAbort)
  }
  for (const feed of feeds.values()) feed.socket.terminate()
  return shown
}

type Feed = { socket: WebSocket; after: number | null; isOpen: boolean }

async function look(
  api: ApiClient,
  origin: string,
  shown: Shown,
  feeds: Map<string, Feed>,
): Promise<void> {
  const { items } = await api(listCalls, { query: { state: 'live', limit: 50 } })
  const running = new Set(items.map(({ id }) => id))
  for (const [callId, feed] of feeds) if (!running.has(callId) && !feed.isOpen) feeds.delete(callId)
  await Promise.all(
    items.map(async ({ id: callId }) => {
      const feed = feeds.get(callId)
      const isWanted = feed ? !feed.isOpen : feeds.size < MAX_FEEDS
      if (isWanted)
        feeds.set(callId, await openFeed(api, origin, shown, callId, feed?.after ?? null))
      const { turns } = await api(getTranscript, { params: { callId } })
      for (const turn of turns) note(shown, callId, turn, 'api')
    }),
  )
}

async function openFeed(
  api: ApiClient,
  origin: string,
  shown: Shown,
  callId: string,
  after: number | null,
): Promise<Feed> {
  const { url } = await api(createLiveTicket, { params: { callId } })
  const socket = new WebSocket(after === null ? url : `${url}&after=${after}`, { origin })
  const feed: Feed = { socket, after, isOpen: true }
  socket.on('message', (data) => {
    const event = liveEvent.parse(JSON.parse(String(data)))
    if ('sequence' in event) feed.after = event.sequence
    const turns =
      event.type === 'snapshot' ? event.turns : event.type === 'turn' ? [event.turn] : []
    for (const turn of turns) note(shown, callId, turn, 'feed')
  })
  // Its close follows, and then it is opened anew.
  socket.on('error', () => undefined)
  socket.on('close', () => {
    feed.isOpen = false
  })
  return feed
}

function note(shown: Shown, callId: string, turn: Turn, by: string): void {
  const turns = shown.get(callId) ?? new Map()
  shown.set(callId, turns)
  const known = turns.get(turn.seq) ?? { speaker: turn.speaker, texts: [], by: new Set() }
  turns.set(turn.seq, known)
  known.by.add(by)
  if (!known.texts.includes(turn.text)) known.texts.push(turn.text)
}

/** Processes are down on purpose: no answer, 5xx, and a call that has just ended are what that looks like. */
function isOutage(error: unknown): boolean {
  if (error instanceof ApiRefusal) return error.status >= 500 || error.status === 409
  return error instanceof TypeError || (error instanceof Error && error.name === 'TimeoutError')
}
