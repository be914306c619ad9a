import { screen, waitFor, within } from '@testing-library/react'
import { describe, expect, test } from 'vitest'
import { createLiveTicket, endCallByHand, getCall, listCalls } from '#contracts/calls'
import { aProblem, onCall, requestsTo } from '../../testing/api.ts'
import { aCall, aMember, anId, aPage, aSummary, aTurn } from '../../testing/factories.ts'
import { aLiveGateway, type LiveMessage } from '../../testing/live-gateway.ts'
import { renderScreen } from '../../testing/screen.tsx'
import { LiveCallScreen } from './live-call-screen.tsx'
import { LivePill } from './live-pill.tsx'
import { LiveWallScreen } from './live-wall-screen.tsx'

const running = { state: 'live', endedAt: null, settledAt: null, recording: null } as const
const expiresAt = '2026-11-20T16:00:00.000Z'
const snapshot: LiveMessage = {
  type: 'snapshot',
  callId: anId(1),
  state: 'live',
  seconds: 65,
  costCents: 46,
  turns: [aTurn({ text: 'Northwind Dental, good morning.' })],
  sequence: 3,
}

async function aRunningCall() {
  const gateway = await aLiveGateway()
  onCall(getCall, aCall(running))
  onCall(listCalls, aPage([aSummary(running)]))
  onCall(createLiveTicket, { url: gateway.url, expiresAt })
  return gateway
}

describe('one call', () => {
  test('shows what is said as it is said, how long and how much', async () => {
    const gateway = await aRunningCall()
    renderScreen(<LiveCallScreen callId={anId(1)} />)
    const viewer = await gateway.viewer()
    viewer.send(snapshot)
    viewer.send({ type: 'tentative', speaker: 'customer', text: 'Do you have ti' })
    expect(await screen.findByText('Northwind Dental, good morning.')).toBeTruthy()
    expect(await screen.findByText('Do you have ti')).toBeTruthy()
    const panel = screen.getByRole('region', { name: 'The call right now' })
    expect(panel.textContent).toMatch(/1:0[5-9]/)
    expect(panel.textContent).toContain('$0.46')
    viewer.send({
      type: 'turn',
      sequence: 4,
      turn: aTurn({ seq: 1, speaker: 'customer', text: 'Do you have time?' }),
    })
    expect(await screen.findByText('Do you have time?')).toBeTruthy()
    expect(screen.queryByText('Do you have ti')).toBeNull()
  })

  test('who may not see money sees none', async () => {
    const gateway = await aRunningCall()
    renderScreen(<LiveCallScreen callId={anId(1)} />, { me: aMember('org_manager') })
    const viewer = await gateway.viewer()
    viewer.send({ ...snapshot, costCents: null } as LiveMessage)
    await screen.findByText('Northwind Dental, good morning.')
    expect(screen.queryByText('Cost so far')).toBeNull()
  })

  test('a lost connection is told, keeps what was said, and marks the place', async () => {
    const gateway = await aRunningCall()
    renderScreen(<LiveCallScreen callId={anId(1)} />)
    const viewer = await gateway.viewer()
    viewer.send(snapshot)
    await screen.findByText('Northwind Dental, good morning.')
    viewer.close(1011)
    expect((await screen.findByRole('alert')).textContent).toContain('Connection lost.')
    expect(screen.getByText('Northwind Dental, good morning.')).toBeTruthy()
    expect(screen.getByText('Connection was lost here')).toBeTruthy()
  })

  test('the end says why and leads to the call', async () => {
    const gateway = await aRunningCall()
    renderScreen(<LiveCallScreen callId={anId(1)} />)
    const viewer = await gateway.viewer()
    viewer.send(snapshot)
    viewer.send({ type: 'ended', sequence: 4, reason: 'caller_hung_up' })
    expect(await screen.findByText('This call is over')).toBeTruthy()
    expect(screen.getByText(/Caller hung up/)).toBeTruthy()
    expect(screen.getByRole('link', { name: 'Open the call' }).getAttribute('href')).toBe(
      `/calls/${anId(1)}`,
    )
  })

  test('ending it by hand asks first and tells a refusal', async () => {
    const gateway = await aRunningCall()
    onCall(endCallByHand, () => aProblem(409, 'calls.not_running', 'The call is over already.'))
    const { user } = renderScreen(<LiveCallScreen callId={anId(1)} />)
    await gateway.viewer()
    await user.click(await screen.findByRole('button', { name: 'End call' }))
    const dialog = await screen.findByRole('dialog', { name: 'End the call with (415) 555-0134?' })
    expect(requestsTo(endCallByHand)).toHaveLength(0)
    await user.click(within(dialog).getByRole('button', { name: 'End call' }))
    expect((await within(dialog).findByRole('alert')).textContent).toContain(
      'The call is over already.',
    )
    onCall(endCallByHand, { state: 'ending' })
    await user.click(within(dialog).getByRole('button', { name: 'End call' }))
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
  })

  test('a call that is still being set up is waited for, without asking for its feed', async () => {
    const gateway = await aLiveGateway()
    onCall(getCall, aCall({ ...running, state: 'authorized', liveAt: null }))
    onCall(createLiveTicket, { url: gateway.url, expiresAt })
    renderScreen(<LiveCallScreen callId={anId(1)} />)
    expect(await screen.findByText('Connecting to the call')).toBeTruthy()
    expect(requestsTo(createLiveTicket)).toHaveLength(0)
    onCall(getCall, aCall(running))
    const viewer = await gateway.viewer()
    viewer.send(snapshot)
    expect(await screen.findByText('Northwind Dental, good morning.')).toBeTruthy()
  })

  test('a feed that cannot be had says so', async () => {
    onCall(getCall, aCall(running))
    onCall(createLiveTicket, () => aProblem(409, 'calls.not_running', 'The call is not running.'))
    renderScreen(<LiveCallScreen callId={anId(1)} />)
    expect((await screen.findByRole('alert')).textContent).toContain('The call is not running.')
  })

  test('a call that is over already asks for no feed', async () => {
    onCall(getCall, aCall())
    renderScreen(<LiveCallScreen callId={anId(1)} />)
    expect(await screen.findByText('This call is over')).toBeTruthy()
    expect(requestsTo(createLiveTicket)).toHaveLength(0)
  })

  test('who may not listen in is refused without asking the API', async () => {
    renderScreen(<LiveCallScreen callId={anId(1)} />, { me: aMember('sales_person') })
    expect(
      await screen.findByRole('heading', { name: 'You have no access to this page' }),
    ).toBeTruthy()
  })

  test('a call that is not there offers the wall', async () => {
    onCall(getCall, () => aProblem(404, 'calls.not_found'))
    renderScreen(<LiveCallScreen callId={anId(1)} />)
    await screen.findByRole('heading', { name: 'There is no such call' })
    expect(screen.getByRole('link', { name: 'Live' }).getAttribute('href')).toBe('/live')
  })
})

describe('the wall', () => {
  test('has a card a call with its last line', async () => {
    const gateway = await aRunningCall()
    renderScreen(<LiveWallScreen />)
    const viewer = await gateway.viewer()
    viewer.send(snapshot)
    const card = await screen.findByRole('link', { name: 'Watch the call with (415) 555-0134' })
    await waitFor(() => expect(card.textContent).toContain('Northwind Dental, good morning.'))
    expect(requestsTo(listCalls)[0]?.query).toMatchObject({ state: 'running' })
  })

  test('is empty in words', async () => {
    onCall(listCalls, aPage([]))
    renderScreen(<LiveWallScreen />)
    expect(await screen.findByText('Nobody is on the phone')).toBeTruthy()
  })

  test('tells a failure with a way to try again', async () => {
    onCall(listCalls, () => aProblem(500, 'internal'))
    renderScreen(<LiveWallScreen />)
    const box = await screen.findByRole('alert')
    expect(within(box).getByRole('button', { name: 'Try again' })).toBeTruthy()
  })
})

describe('the pill', () => {
  test('counts the running calls and leads to the wall', async () => {
    onCall(listCalls, aPage([aSummary(running), aSummary({ ...running, id: anId(2) })]))
    renderScreen(<LivePill />)
    const pill = await screen.findByRole('link', { name: '2 live calls' })
    expect(pill.getAttribute('href')).toBe('/live')
  })

  test('leads who may not listen in to the own calls', async () => {
    onCall(listCalls, aPage([aSummary(running)], 'more'))
    renderScreen(<LivePill />, { me: aMember('sales_person') })
    const pill = await screen.findByRole('link', { name: '1+ live call' })
    expect(pill.getAttribute('href')).toBe('/calls?status=running')
  })
})
