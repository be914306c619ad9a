import { expect, test } from 'vitest'
import { handWoundClock } from '../clock.ts'
import { LiveFeed, type Viewer } from './feed.ts'

const CALL = '0197a000-0000-7000-8000-000000000001'

function aViewer() {
  const seen: { type: string; kind?: string; sequence?: number }[] = []
  const viewer: Viewer = {
    userId: 'user',
    showsCost: true,
    send: (text) => void seen.push(JSON.parse(text)),
    unsent: () => ({ messages: 0, bytes: 0 }),
    close: () => undefined,
  }
  return { viewer, seen }
}

const snapshot = () => ({
  type: 'snapshot' as const,
  callId: CALL,
  state: 'live' as const,
  seconds: 1,
  costCents: 1,
  turns: [],
})

test('whoever joins late is told what has happened so far, also long after', () => {
  const clock = handWoundClock()
  const feed = new LiveFeed(clock, 1)
  for (const kind of ['interruption', 'dtmf'])
    feed.publish({ type: 'event', kind, atMs: 1_000, data: {} })
  clock.advance(120_000)
  const { viewer, seen } = aViewer()
  feed.join(viewer, null, snapshot)
  expect(seen.map(({ type, kind }) => kind ?? type)).toEqual(['snapshot', 'interruption', 'dtmf'])
})

test('whoever comes back in time gets only what was missed', () => {
  const feed = new LiveFeed(handWoundClock(), 1)
  feed.publish({ type: 'event', kind: 'interruption', atMs: 1_000, data: {} })
  const after = feed.sequence
  feed.publish({ type: 'event', kind: 'dtmf', atMs: 2_000, data: {} })
  const { viewer, seen } = aViewer()
  feed.join(viewer, after, snapshot)
  expect(seen.map(({ kind }) => kind)).toEqual(['dtmf'])
})
