import { screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { createLiveTicket, endCallByHand, getCall, startTestCall } from '#contracts/calls'
import { previewCost } from '#contracts/wallet'
import { aProblem, onCall, requestsTo } from '../../../testing/api.ts'
import { aCall, aMember, anId, aTurn } from '../../../testing/factories.ts'
import { aLiveGateway, type LiveMessage } from '../../../testing/live-gateway.ts'
import { aMediaGateway } from '../../../testing/media-gateway.ts'
import { renderScreen } from '../../../testing/screen.tsx'
import { latencyByTurn } from './latency.ts'
import { TestCallPanel } from './test-call-panel.tsx'

const snapshot: LiveMessage = {
  type: 'snapshot',
  callId: anId(1),
  state: 'live',
  seconds: 4,
  costCents: 4,
  turns: [aTurn({ seq: 0, text: 'Hello, this is the draft.', startMs: 300, endMs: 1_500 })],
  sequence: 1,
}
const expiresAt = '2026-11-20T16:00:00.000Z'
const canStart = {
  kind: 'test',
  currency: 'usd',
  pricePerHourCents: 3_600,
  pricePerMinuteCents: 60,
  affordableSeconds: 600,
  canStart: true,
  reason: null,
}

beforeEach(() => {
  onCall(previewCost, canStart)
  onCall(endCallByHand, { state: 'settled' })
})

async function aReachableGateway() {
  const media = await aMediaGateway()
  const live = await aLiveGateway()
  onCall(startTestCall, {
    organizationId: anId(9),
    callId: anId(1),
    mediaUrl: media.url,
    streamToken: 'token',
    expiresAt,
  })
  onCall(getCall, aCall({ state: 'live', endedAt: null, settledAt: null, recording: null }))
  onCall(createLiveTicket, { url: live.url, expiresAt })
  return { media, live }
}

const panel = (over: Partial<Parameters<typeof TestCallPanel>[0]> = {}) =>
  renderScreen(
    <TestCallPanel agentId={anId(7)} isDirty={false} saveDraft={async () => true} {...over} />,
  )
const click = async (name: string) => userEvent.click(await screen.findByRole('button', { name }))

describe('typed', () => {
  test('the browser is the caller: it starts the stream, keeps it alive, types, and hears what was said and how fast', async () => {
    const { media, live } = await aReachableGateway()
    panel()
    await click('Type instead')
    const line = await media.caller()
    expect(await line.next('start')).toMatchObject({
      start: {
        callSid: `CA${anId(1).replaceAll('-', '')}`,
        customParameters: { organizationId: anId(9), callId: anId(1), token: 'token' },
      },
    })
    expect(await line.next('media')).toMatchObject({ media: { track: 'inbound' } })
    line.send({ event: 'mark', mark: { name: '4.1' } })
    expect(await line.next('mark')).toMatchObject({ mark: { name: '4.1' } })

    const viewer = await live.viewer()
    viewer.send(snapshot)
    const field = await screen.findByLabelText('Say something')
    expect(document.activeElement).toBe(field)
    await userEvent.type(field, 'When are you open?{Enter}')
    expect(await line.next('text')).toMatchObject({ text: 'When are you open?' })
    expect(await line.next('typing')).toBeTruthy()
    viewer.send({
      type: 'event',
      sequence: 2,
      kind: 'agent-answered',
      atMs: 2_900,
      data: { latencyMs: 640, to: 'text' },
    })
    viewer.send({
      type: 'turn',
      sequence: 3,
      turn: aTurn({ seq: 1, text: 'From eight to five.', startMs: 2_900, endMs: 4_000 }),
    })
    const log = await screen.findByRole('log', { name: 'What is said' })
    await within(log).findByText('answered after 640 ms')
    expect(requestsTo(startTestCall)).toMatchObject([{ body: { by: 'text' } }])
    expect(requestsTo(startTestCall)[0]?.idempotencyKey).toBeTruthy()

    await click('Hang up')
    await line.next('stop')
    const link = await screen.findByRole('link', { name: 'Open the call' })
    expect(link.getAttribute('href')).toBe(`/calls/${anId(1)}`)
    expect(screen.getByText('The test call is over.')).toBeTruthy()
  })

  test('keys of the keypad are sent as a telephone sends them', async () => {
    const { media, live } = await aReachableGateway()
    panel()
    await click('Type instead')
    const line = await media.caller()
    ;(await live.viewer()).send(snapshot)
    await userEvent.click(await screen.findByText('Keypad', { selector: 'summary' }))
    await click('Press #')
    expect(await line.next('dtmf')).toMatchObject({ dtmf: { digit: '#' } })
  })
})

describe('saving first', () => {
  test('a draft with changes is saved before the call starts', async () => {
    await aReachableGateway()
    const saveDraft = vi.fn(async () => {
      expect(requestsTo(startTestCall)).toEqual([])
      return true
    })
    panel({ isDirty: true, saveDraft })
    expect(await screen.findByText(/saved first/)).toBeTruthy()
    await click('Type instead')
    await waitFor(() => expect(requestsTo(startTestCall)).toHaveLength(1))
    expect(saveDraft).toHaveBeenCalledOnce()
  })

  test('whoever leaves while the draft is saved calls nobody', async () => {
    await aReachableGateway()
    const saving = Promise.withResolvers<boolean>()
    const { unmount } = panel({ isDirty: true, saveDraft: () => saving.promise })
    await click('Type instead')
    unmount()
    saving.resolve(true)
    await saving.promise
    await new Promise((resolve) => setTimeout(resolve))
    expect(requestsTo(startTestCall)).toEqual([])
  })

  test('what could not be saved is not called', async () => {
    panel({ isDirty: true, saveDraft: async () => false })
    await click('Type instead')
    await waitFor(() =>
      expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Type instead' }).disabled).toBe(
        false,
      ),
    )
    expect(requestsTo(startTestCall)).toEqual([])
  })
})

describe('what stands in the way', () => {
  test('no money: the buttons say so and do nothing', async () => {
    onCall(previewCost, { ...canStart, canStart: false, reason: 'insufficient_balance' })
    panel()
    const button = () => screen.getByRole('button', { name: 'Call from the browser' })
    await waitFor(() => expect(button().getAttribute('aria-disabled')).toBe('true'))
    await userEvent.click(button())
    expect(requestsTo(startTestCall)).toEqual([])
  })

  test('a refusal of the API is told in its words, and another try is offered', async () => {
    onCall(startTestCall, aProblem(422, 'agents.not_publishable', 'The draft names no voice.'))
    panel()
    await click('Type instead')
    expect((await screen.findByRole('alert')).textContent).toContain('The draft names no voice.')
    expect(screen.getByRole('button', { name: 'Call again' })).toBeTruthy()
  })

  test.each([
    [1013, /no room/],
    [4401, /waited too long/],
    [1011, /was lost/],
  ])('a stream that is closed with %i says what it means', async (code, words) => {
    const { media } = await aReachableGateway()
    onCall(getCall, aCall({ state: 'authorized', liveAt: null, recording: null }))
    panel()
    await click('Type instead')
    ;(await media.caller()).close(code)
    expect((await screen.findByRole('alert')).textContent).toMatch(words)
    // Nobody could watch it yet, so it never began: its money is given back.
    await waitFor(() => expect(requestsTo(endCallByHand)).toHaveLength(1))
  })

  test.each([
    ['NotFoundError', /No microphone/],
    ['NotAllowedError', /may not use the microphone/],
    ['NotReadableError', /another program/],
  ])(
    'a microphone that is not to be had (%s) costs nothing and says what to do',
    async (name, words) => {
      vi.stubGlobal('navigator', {
        ...navigator,
        mediaDevices: {
          getUserMedia: () => Promise.reject(new DOMException('no', name)),
        },
      })
      panel()
      await click('Call from the browser')
      expect((await screen.findByRole('alert')).textContent).toMatch(words)
      expect(requestsTo(startTestCall)).toEqual([])
      vi.unstubAllGlobals()
    },
  )

  test('who may not change agents sees nothing of it', async () => {
    renderScreen(<TestCallPanel agentId={anId(7)} isDirty={false} saveDraft={async () => true} />, {
      me: aMember('org_manager'),
    })
    expect(screen.queryByText('Test call')).toBeNull()
  })

  test('leaving the page hangs up', async () => {
    const { media, live } = await aReachableGateway()
    const { unmount } = panel()
    await click('Type instead')
    const line = await media.caller()
    ;(await live.viewer()).send(snapshot)
    await screen.findByLabelText('Say something')
    unmount()
    await line.next('stop')
  })
})

test('an answer is paired with the first turn that begins with it, once', () => {
  const turns = [
    aTurn({ seq: 0, startMs: 100 }),
    aTurn({ seq: 1, speaker: 'customer', startMs: 2_000 }),
    aTurn({ seq: 2, startMs: 3_010 }),
    aTurn({ seq: 3, startMs: 6_000 }),
  ]
  const answered = (sequence: number, atMs: number, latencyMs: number) => ({
    type: 'event' as const,
    sequence,
    kind: 'agent-answered',
    atMs,
    data: { latencyMs, to: 'speech' },
  })
  const found = latencyByTurn(turns, [answered(1, 3_020, 700), answered(2, 5_990, 800)])
  expect([...found]).toEqual([
    [2, 700],
    [3, 800],
  ])
})
