import { screen, waitFor, within } from '@testing-library/react'
import { describe, expect, test } from 'vitest'
import { getCall, listCallEvents } from '#contracts/calls'
import { createRecordingLink, getPeaks } from '#contracts/recordings'
import { getTranscript } from '#contracts/transcripts'
import { listLedgerEntries } from '#contracts/wallet'
import { aProblem, never, onCall, requestsTo } from '../../testing/api.ts'
import { setWide } from '../../testing/dom.ts'
import {
  aCall,
  aMember,
  anEntry,
  anEvent,
  anId,
  aPage,
  type CallWire,
  somePeaks,
  someTurns,
} from '../../testing/factories.ts'
import { renderScreen } from '../../testing/screen.tsx'
import { CallScreen } from './call-screen.tsx'

const screenOf = <CallScreen callId={anId(1)} />

function answer(call: Partial<CallWire> = {}, turns = someTurns()): void {
  onCall(getCall, aCall(call))
  onCall(getTranscript, { turns })
  onCall(getPeaks, somePeaks())
  onCall(createRecordingLink, {
    url: 'http://api.test/audio',
    expiresAt: '2026-11-20T16:00:00.000Z',
  })
  onCall(listCallEvents, aPage([anEvent()]))
  onCall(listLedgerEntries, aPage([]))
}

const aRecording = {
  durationMs: 125_000,
  sizeBytes: 4_000_000,
  sha256: 'ab'.repeat(32),
  storedAt: '2026-01-02T10:00:10.000Z',
  lostRecords: 0,
  isTorn: false,
}

const settledLongAgo = {
  settledAt: '2026-01-02T10:00:00.000Z',
  endedAt: '2026-01-02T10:00:00.000Z',
}

describe('a call that is over', () => {
  test('shows who, when, how long, what it cost and what was said', async () => {
    answer()
    renderScreen(screenOf)
    expect(
      await screen.findByRole('heading', { level: 1, name: 'Call from (415) 555-0134' }),
    ).toBeTruthy()
    const facts = screen.getByRole('list', { name: 'The call in short' })
    expect(facts.textContent).toContain('2:05')
    expect(facts.textContent).toContain('$0.87')
    expect(await screen.findByText('Do you have time today?')).toBeTruthy()
  })

  test('begins at the second of the address and marks the turn said there', async () => {
    answer()
    renderScreen(screenOf, { search: '?t=4' })
    const slider = await screen.findByRole('slider', { name: 'Position in the recording' })
    expect(slider.getAttribute('aria-valuenow')).toBe('4')
    expect(slider.getAttribute('aria-valuetext')).toBe('4 seconds of 2 minutes')
    const turn = (await screen.findByText('Do you have time today?')).closest('li')
    expect(turn?.getAttribute('aria-current')).toBe('true')
  })

  test('a click on a time seeks there and keeps it in the address', async () => {
    answer()
    const { user, search } = renderScreen(screenOf)
    await user.click(await screen.findByRole('button', { name: 'Go to 0:06' }))
    expect(screen.getByRole('slider').getAttribute('aria-valuenow')).toBe('6')
    await waitFor(() => expect(search()).toBe('?t=6'))
  })

  test('keys move by five seconds, ten seconds and turns', async () => {
    answer()
    const { user } = renderScreen(screenOf)
    const slider = await screen.findByRole('slider')
    const at = () => slider.getAttribute('aria-valuenow')
    await user.keyboard('l')
    expect(at()).toBe('10')
    await user.keyboard('{ArrowLeft}')
    expect(at()).toBe('5')
    await screen.findByText('Do you have time today?')
    await user.keyboard('.')
    expect(at()).toBe('6')
    await user.keyboard(',')
    expect(at()).toBe('3')
  })

  test('the recording is asked for when it is played, not when it is looked at', async () => {
    answer()
    const { user } = renderScreen(screenOf)
    const play = await screen.findByRole('button', { name: 'Play' })
    expect(requestsTo(createRecordingLink)).toHaveLength(0)
    await user.click(play)
    await waitFor(() => expect(requestsTo(createRecordingLink)).toHaveLength(1))
  })

  test('a refused link is told where the player is', async () => {
    answer()
    onCall(createRecordingLink, () =>
      aProblem(404, 'recordings.not_found', 'The recording is gone.'),
    )
    const { user } = renderScreen(screenOf)
    await user.click(await screen.findByRole('button', { name: 'Play' }))
    const box = await screen.findByRole('alert')
    expect(box.textContent).toContain('The recording could not be played.')
    expect(box.textContent).toContain('The recording is gone.')
  })
})

describe('the tabs', () => {
  test('details give every id with a button to copy it', async () => {
    answer()
    renderScreen(screenOf)
    await screen.findByRole('tab', { name: 'Details' })
    for (const name of ['Copy Call', 'Copy Twilio', 'Copy ElevenLabs']) {
      expect(screen.getByRole('button', { name })).toBeTruthy()
    }
  })

  test('the timeline tells events in words, and shows unknown ones as they are', async () => {
    answer()
    onCall(
      listCallEvents,
      aPage([
        anEvent({ kind: 'state.live' }),
        anEvent({ id: anId(701), kind: 'agent.new-thing', data: { latencyMs: 900 } }),
      ]),
    )
    renderScreen(screenOf, { search: '?tab=timeline' })
    const list = await screen.findByRole('list', { name: 'Timeline of the call' })
    expect(list.textContent).toContain('Connected')
    expect(list.textContent).toContain('Agent new thing')
    expect(list.textContent).toContain('latency ms 900')
  })

  test('billing explains each ledger line, from the first to the last', async () => {
    answer()
    const settled = {
      billedSeconds: 95,
      fundedSeconds: 120,
      pricePerHourCents: 2500,
      unroundedCents: '65.972222',
      heldCents: 84,
    }
    onCall(
      listLedgerEntries,
      aPage([
        anEntry({ id: anId(802), kind: 'release', amountCents: 18, explanation: settled }),
        anEntry({ id: anId(801), kind: 'capture', amountCents: 66, explanation: settled }),
        anEntry(),
      ]),
    )
    renderScreen(screenOf, { search: '?tab=billing' })
    const section = await screen.findByRole('region', { name: 'Ledger lines' })
    const lines = await within(section).findAllByRole('listitem')
    expect(lines.map((line) => line.textContent?.slice(0, 5))).toEqual(['Set a', 'Charg', 'Given'])
    expect(screen.getByText('95 s at $25.00 an hour make 65.97 cents, rounded up')).toBeTruthy()
    expect(requestsTo(listLedgerEntries)[0]?.query).toEqual({ callId: anId(1) })
  })

  test('only who may read the wallet has a billing tab', async () => {
    answer({ costCents: null })
    renderScreen(screenOf, { me: aMember('org_manager'), search: '?tab=billing' })
    await screen.findByRole('tab', { name: 'Details', selected: true })
    expect(screen.queryByRole('tab', { name: 'Billing' })).toBeNull()
    expect(requestsTo(listLedgerEntries)).toHaveLength(0)
  })

  test('on a narrow screen the transcript is the first tab', async () => {
    setWide(false)
    answer()
    renderScreen(screenOf)
    expect(await screen.findByRole('tab', { name: 'Transcript', selected: true })).toBeTruthy()
  })
})

describe('special states', () => {
  test('a running call leads to its live view', async () => {
    answer({ state: 'live', endedAt: null, settledAt: null, recording: null })
    renderScreen(screenOf)
    const link = await screen.findByRole('link', { name: 'Watch live' })
    expect(link.getAttribute('href')).toBe(`/live/${anId(1)}`)
  })

  test('a running call of one’s own shows no way to listen in to who may not', async () => {
    answer({ state: 'live', endedAt: null, settledAt: null, recording: null })
    renderScreen(screenOf, { me: aMember('sales_person') })
    await screen.findByText('This call is going on right now')
    expect(screen.queryByRole('link', { name: 'Watch live' })).toBeNull()
  })

  test('after the end, the steps tell what is done and what is under way', async () => {
    const endedAt = new Date(Date.now() - 5_000).toISOString()
    answer({ state: 'ended', endedAt, settledAt: null, recording: null })
    renderScreen(screenOf)
    const steps = await screen.findByRole('list', {
      name: 'What is done and what is still to come',
    })
    expect(within(steps).getByText('Recording').closest('li')?.textContent).toContain('under way')
    expect(within(steps).getByText('Billing').closest('li')?.textContent).toContain('under way')
    expect(within(steps).getByText('Call over').closest('li')?.textContent).toContain('done')
  })

  test.each([
    { lostRecords: 3, isTorn: false },
    { lostRecords: 0, isTorn: true },
  ])('a recording that misses something says so: %o', async (holes) => {
    answer({ ...settledLongAgo, recording: { ...aRecording, ...holes } })
    renderScreen(screenOf)
    expect(await screen.findByText('Parts of this recording are missing')).toBeTruthy()
    expect(screen.getByRole('button', { name: 'Play' })).toBeTruthy()
  })

  test('a whole recording says nothing of the kind', async () => {
    answer({ ...settledLongAgo, recording: aRecording })
    renderScreen(screenOf)
    await screen.findByRole('button', { name: 'Play' })
    expect(screen.queryByText('Parts of this recording are missing')).toBeNull()
  })

  test('a call without a recording says so and keeps its transcript', async () => {
    answer({ ...settledLongAgo, recording: null })
    renderScreen(screenOf)
    expect(await screen.findByText('There is no recording of this call')).toBeTruthy()
    expect(await screen.findByText('Do you have time today?')).toBeTruthy()
    expect(screen.queryByRole('slider')).toBeNull()
  })

  test('a call the wallet could not pay for says what to do, to who can do it', async () => {
    const blocked = {
      state: 'refused',
      reason: 'wallet.insufficient_balance',
      billingStatus: 'blocked',
      liveAt: null,
      recording: null,
    } as const
    answer({ ...blocked, ...settledLongAgo }, [])
    const admin = renderScreen(screenOf)
    expect(await screen.findByText(/Top up the wallet/)).toBeTruthy()
    admin.unmount()
    renderScreen(screenOf, { me: aMember('sales_person') })
    expect(await screen.findByText(/Ask an admin to top up/)).toBeTruthy()
  })

  test('a call in which nothing was said says so', async () => {
    answer(settledLongAgo, [])
    renderScreen(screenOf)
    expect(await screen.findByText('Nothing was said in this call.')).toBeTruthy()
  })

  test('a transcript that cannot be loaded leaves the rest of the screen alone', async () => {
    answer()
    onCall(getTranscript, () => aProblem(500, 'internal'))
    renderScreen(screenOf)
    expect((await screen.findByRole('alert')).textContent).toContain(
      'The transcript could not be loaded.',
    )
    expect(screen.getByRole('slider')).toBeTruthy()
  })

  test('a call that is not there, or not ours, offers the list', async () => {
    onCall(getCall, () => aProblem(404, 'calls.not_found'))
    renderScreen(screenOf)
    expect(await screen.findByRole('heading', { name: 'There is no such call' })).toBeTruthy()
    expect(screen.getByRole('link', { name: 'Calls' }).getAttribute('href')).toBe('/calls')
  })

  test('without the right to it the screen says who can grant it', async () => {
    onCall(getCall, () => aProblem(403, 'auth.forbidden'))
    renderScreen(screenOf)
    expect(
      await screen.findByRole('heading', { name: 'You have no access to this page' }),
    ).toBeTruthy()
  })

  test('a skeleton says what is loading', async () => {
    onCall(getCall, never)
    renderScreen(screenOf)
    expect(await screen.findByRole('status', { name: 'Loading the call' })).toBeTruthy()
  })
})
