import { describe, expect, test } from 'vitest'
import { callStates } from '#contracts/calls'
import { humanize, isFinal, isRunning, recordingState, statusOf } from './call-status.ts'
import { noFilters, toCallQuery } from './filters.ts'
import { refreshPause } from './use-calls.ts'

const zone = { now: new Date('2026-11-20T03:00:00Z'), timeZone: 'America/New_York' }

describe('states', () => {
  test('every state is running, final, or being worked up', () => {
    const neither = callStates.filter((state) => !isRunning(state) && !isFinal(state))
    expect(neither).toEqual(['ended'])
    expect(callStates.filter((state) => isRunning(state) && isFinal(state))).toEqual([])
  })

  test('a refusal for want of money is told apart', () => {
    const never = { liveAt: null }
    for (const state of ['refused', 'settled'] as const) {
      const money = { ...never, state, reason: 'wallet.insufficient_balance' }
      expect(statusOf(money)).toBe('blocked')
      expect(statusOf({ ...never, state, reason: 'calls.number_at_capacity' })).toBe('refused')
    }
    expect(statusOf({ ...never, state: 'settled', reason: 'caller_hung_up' })).toBe('failed')
    const served = { state: 'settled' as const, liveAt: new Date(0) }
    expect(statusOf({ ...served, reason: 'funds_exhausted' })).toBe('done')
  })

  test('a recording is pending for ten minutes, then given up', () => {
    const endedAt = new Date('2026-11-20T02:55:00Z')
    const over = { recording: null, liveAt: endedAt, endedAt, state: 'settled' } as const
    expect(recordingState(over, zone.now)).toBe('pending')
    expect(recordingState(over, new Date('2026-11-20T03:05:00Z'))).toBe('none')
    expect(recordingState({ ...over, liveAt: null }, zone.now)).toBe('never')
  })

  test('codes without a text of their own can still be read', () => {
    expect(humanize('agent.latency-spike_seen')).toBe('Agent latency spike seen')
  })
})

describe('filters', () => {
  test('no filter asks for everything', () => {
    expect(toCallQuery(noFilters, zone)).toEqual({})
  })

  test('today begins with the organization’s day, not the browser’s or Greenwich’s', () => {
    expect(toCallQuery({ ...noFilters, range: 'today' }, zone)).toEqual({
      from: '2026-11-19T05:00:00.000Z',
    })
  })

  test('seven days are today and the six before', () => {
    expect(toCallQuery({ ...noFilters, range: '7d' }, zone)).toEqual({
      from: '2026-11-13T05:00:00.000Z',
    })
  })

  test('the last day of an own range counts whole', () => {
    const own = { ...noFilters, range: 'custom', from: '2026-11-01', to: '2026-11-01' } as const
    expect(toCallQuery(own, zone)).toEqual({
      from: '2026-11-01T04:00:00.000Z',
      to: '2026-11-02T05:00:00.000Z',
    })
  })

  test('numbers are asked for without their punctuation, too short ones not at all', () => {
    expect(toCallQuery({ ...noFilters, number: '(415) 555' }, zone)).toEqual({ number: '415555' })
    expect(toCallQuery({ ...noFilters, number: '4', q: ' a ' }, zone)).toEqual({})
  })
})

describe('refreshing', () => {
  const page = (state: 'live' | 'settled') => ({ items: [{ state }] })

  test('is quicker while a call on the screen still changes', () => {
    expect(refreshPause([page('live')])).toBe(5_000)
    expect(refreshPause([page('settled')])).toBe(20_000)
  })

  test('stops for a reader far down the list', () => {
    expect(refreshPause(Array.from({ length: 4 }, () => page('live')))).toBe(false)
  })
})
