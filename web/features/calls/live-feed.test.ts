import { afterEach, describe, expect, test } from 'vitest'
import { ApiError } from '../../lib/api/api-error.ts'
import { anId, aTurn } from '../../testing/factories.ts'
import { aLiveGateway, type LiveMessage } from '../../testing/live-gateway.ts'
import { LiveFeed, type LiveFeedOptions } from './live-feed.ts'
import {
  applyLiveEvent,
  initialLiveState,
  type LiveState,
  loseConnection,
  MAX_SHOWN_EVENTS,
  secondsNow,
} from './live-state.ts'

const snapshot = (): Extract<LiveMessage, { type: 'snapshot' }> => ({
  type: 'snapshot',
  callId: anId(1),
  state: 'live',
  seconds: 12,
  costCents: 9,
  turns: [aTurn()],
  sequence: 3,
})

const feeds: LiveFeed[] = []
afterEach(() => {
  for (const feed of feeds.splice(0)) feed.stop()
})

function aFeed(
  options: Partial<LiveFeedOptions> & Pick<LiveFeedOptions, 'createTicket'>,
): LiveFeed {
  const feed = new LiveFeed({ pauseMs: () => 0, ...options })
  feeds.push(feed)
  feed.start()
  return feed
}

const until = (feed: LiveFeed, holds: (state: LiveState) => boolean): Promise<LiveState> =>
  new Promise((resolve) => {
    const check = () => {
      if (holds(feed.state.get())) resolve(feed.state.get())
    }
    feed.state.subscribe(check)
    check()
  })

describe('over a socket', () => {
  test('the snapshot and what follows become one picture', async () => {
    const gateway = await aLiveGateway()
    const feed = aFeed({ createTicket: async () => ({ url: gateway.url }) })
    const viewer = await gateway.viewer()
    viewer.send(snapshot())
    viewer.send({ type: 'turn', sequence: 4, turn: aTurn({ seq: 1, speaker: 'customer' }) })
    const state = await until(feed, ({ turns }) => turns.length === 2)
    expect(state).toMatchObject({
      phase: 'live',
      sequence: 4,
      meter: { seconds: 12, costCents: 9 },
    })
  })

  test('a lost connection comes back with a new ticket, where it left off', async () => {
    const gateway = await aLiveGateway()
    let tickets = 0
    const feed = aFeed({
      createTicket: async () => {
        tickets += 1
        return { url: gateway.url }
      },
    })
    const first = await gateway.viewer()
    first.send(snapshot())
    await until(feed, ({ phase }) => phase === 'live')
    first.close(1011)
    await until(feed, ({ phase }) => phase === 'reconnecting')
    const second = await gateway.viewer()
    expect(second.after).toBe('3')
    second.send({ type: 'turn', sequence: 4, turn: aTurn({ seq: 1 }) })
    const state = await until(feed, ({ phase }) => phase === 'live')
    expect(state.turns.map((turn) => turn.seq)).toEqual([0, 1])
    expect(state.gapsAfter).toEqual([0])
    expect(tickets).toBe(2)
  })

  test('messages it cannot read are left out', async () => {
    const gateway = await aLiveGateway()
    const feed = aFeed({ createTicket: async () => ({ url: gateway.url }) })
    const viewer = await gateway.viewer()
    viewer.send('not json')
    viewer.send('{"type":"from-the-future"}')
    viewer.send(snapshot())
    expect((await until(feed, ({ phase }) => phase === 'live')).turns).toHaveLength(1)
  })

  test('the end of the call ends the feed for good', async () => {
    const gateway = await aLiveGateway()
    let tickets = 0
    const feed = aFeed({
      createTicket: async () => {
        tickets += 1
        return { url: gateway.url }
      },
    })
    const viewer = await gateway.viewer()
    viewer.send(snapshot())
    viewer.send({ type: 'ended', sequence: 4, reason: 'caller_hung_up' })
    viewer.close(4410)
    expect(await until(feed, ({ phase }) => phase === 'ended')).toMatchObject({
      endReason: 'caller_hung_up',
    })
    expect(tickets).toBe(1)
  })

  test('a gateway that closes because the call is over is believed', async () => {
    const gateway = await aLiveGateway()
    const feed = aFeed({ createTicket: async () => ({ url: gateway.url }) })
    const viewer = await gateway.viewer()
    viewer.close(4410)
    await until(feed, ({ phase }) => phase === 'ended')
  })
})

describe('tickets', () => {
  test('a refusal is final and told', async () => {
    const refusal = new ApiError({ code: 'calls.not_running', status: 409, detail: 'It is over.' })
    const feed = aFeed({ createTicket: () => Promise.reject(refusal) })
    expect((await until(feed, ({ phase }) => phase === 'unavailable')).error).toBe(refusal)
  })

  test('a fault of the server is tried again', async () => {
    const gateway = await aLiveGateway()
    let tickets = 0
    aFeed({
      createTicket: async () => {
        tickets += 1
        if (tickets < 3) throw new ApiError({ code: 'internal', status: 500, detail: 'fault' })
        return { url: gateway.url }
      },
    })
    await gateway.viewer()
    expect(tickets).toBe(3)
  })

  test('pauses grow with each failure and begin anew once something came', async () => {
    const gateway = await aLiveGateway()
    const pauses: number[] = []
    let tickets = 0
    const feed = aFeed({
      createTicket: async () => {
        tickets += 1
        if (tickets <= 2) throw new ApiError({ code: 'client.offline', status: 0, detail: '' })
        return { url: gateway.url }
      },
      pauseMs: (attempt) => {
        pauses.push(attempt)
        return 0
      },
    })
    const viewer = await gateway.viewer()
    viewer.send(snapshot())
    await until(feed, ({ phase }) => phase === 'live')
    viewer.close(1011)
    await gateway.viewer()
    expect(pauses).toEqual([0, 1, 0])
  })
})

describe('the picture', () => {
  const live = applyLiveEvent(initialLiveState, { ...snapshot(), turns: [aTurn()] }, 1_000)

  test('a turn said again replaces its first version and ends the tentative words', () => {
    const talking = applyLiveEvent(
      live,
      { type: 'tentative', speaker: 'agent', text: 'Good mo' },
      0,
    )
    const said = applyLiveEvent(
      talking,
      { type: 'turn', sequence: 4, turn: aTurn({ text: 'Hello.' }) },
      0,
    )
    expect(said.turns.map((turn) => turn.text)).toEqual(['Hello.'])
    expect(said.tentative.agent).toBe('')
  })

  test('the timer runs on between meters and stands still after the end', () => {
    expect(secondsNow(live, 3_500)).toBe(14.5)
    const ended = applyLiveEvent(live, { type: 'ended', sequence: 9, reason: 'operator' }, 2_000)
    expect(secondsNow(ended, 99_000)).toBe(12)
    expect(secondsNow(initialLiveState, 0)).toBeNull()
  })

  test('only the latest events are kept', () => {
    let state = live
    for (let sequence = 1; sequence <= MAX_SHOWN_EVENTS + 5; sequence += 1) {
      state = applyLiveEvent(state, { type: 'event', sequence, kind: 'dtmf', atMs: 0, data: {} }, 0)
    }
    expect(state.events).toHaveLength(MAX_SHOWN_EVENTS)
    expect(state.events[0]?.sequence).toBe(6)
  })

  test('losing the connection twice at one place marks one gap', () => {
    const lost = loseConnection(live)
    expect(loseConnection(lost).gapsAfter).toEqual([0])
    expect(lost.turns).toHaveLength(1)
  })
})
