import { screen, waitFor, within } from '@testing-library/react'
import { beforeEach, describe, expect, test } from 'vitest'
import { getCall, listCalls } from '#contracts/calls'
import { listPhoneNumbers } from '#contracts/phone-numbers'
import { getPeaks } from '#contracts/recordings'
import { getTranscript } from '#contracts/transcripts'
import { previewCost } from '#contracts/wallet'
import { aProblem, never, onCall, requestsTo } from '../../testing/api.ts'
import { setWide } from '../../testing/dom.ts'
import {
  aCall,
  aMe,
  aMember,
  anId,
  aPage,
  aSummary,
  somePeaks,
  someTurns,
} from '../../testing/factories.ts'
import { aNumber } from '../../testing/number-factories.ts'
import { renderScreen } from '../../testing/screen.tsx'
import { aPreview } from '../../testing/wallet-factories.ts'
import { CallsScreen } from './calls-screen.tsx'

const twoCalls = () => [
  aSummary(),
  aSummary({
    id: anId(2),
    fromNumber: '+12125550199',
    state: 'refused',
    reason: 'wallet.insufficient_balance',
    durationSeconds: null,
    costCents: 0,
  }),
]

beforeEach(() => onCall(previewCost, aPreview()))

function answerPeek(): void {
  onCall(getCall, ({ params }: { params: Record<string, unknown> }) =>
    aCall({ id: String(params.callId) }),
  )
  onCall(getTranscript, { turns: someTurns() })
  onCall(getPeaks, somePeaks())
}

describe('what the list shows', () => {
  test('a row tells who called, when, how long, what it cost and how it stands', async () => {
    onCall(listCalls, aPage(twoCalls()))
    renderScreen(<CallsScreen />)
    const table = await screen.findByRole('table', { name: 'Calls, newest first' })
    const [first, second] = within(table).getAllByRole('row').slice(1)
    expect(first?.textContent).toContain('(415) 555-0134')
    expect(first?.textContent).toContain('2:05')
    expect(first?.textContent).toContain('$0.87')
    expect(first?.textContent).toContain('Caller hung up')
    expect(first?.textContent).toContain('Done')
    expect(second?.textContent).toContain('Blocked')
    expect(second?.textContent).toContain('Not enough balance')
  })

  test('a sales person sees no costs and is told that the calls are the own ones', async () => {
    onCall(listCalls, aPage([aSummary({ costCents: null })]))
    renderScreen(<CallsScreen />, { me: aMember('sales_person') })
    await screen.findByRole('table')
    expect(screen.queryByRole('columnheader', { name: 'Cost' })).toBeNull()
    expect(screen.getByText('Only your own')).toBeTruthy()
  })

  test('before the first answer a skeleton says what is loading', async () => {
    onCall(listCalls, never)
    renderScreen(<CallsScreen />)
    expect(await screen.findByRole('status', { name: 'Loading calls' })).toBeTruthy()
    expect(screen.queryByRole('table')).toBeNull()
  })

  test('an organization without any call is told how the first one comes', async () => {
    onCall(listCalls, aPage([]))
    onCall(listPhoneNumbers, aPage([aNumber()]))
    const { unmount } = renderScreen(<CallsScreen />)
    expect(await screen.findByText('No calls yet')).toBeTruthy()
    expect(await screen.findByText(/^Call \(500\) 555-0006 now/)).toBeTruthy()
    unmount()
    onCall(listPhoneNumbers, aPage([]))
    renderScreen(<CallsScreen />)
    const link = await screen.findByRole('link', { name: 'Import a number' })
    expect(link.getAttribute('href')).toBe('/numbers/import')
  })

  test('in the sandbox the empty list leads to the softphone, unless a call would be refused', async () => {
    onCall(listCalls, aPage([]))
    const sandbox = {
      softphoneUrl: 'http://127.0.0.1:4000/softphone',
      inboxUrl: 'http://127.0.0.1:4000/mail',
      eventsUrl: 'http://127.0.0.1:4000/events',
    }
    onCall(listPhoneNumbers, aPage([aNumber()]))
    onCall(previewCost, aPreview())
    const funded = renderScreen(<CallsScreen />, { me: aMe({ sandbox }) })
    const link = await screen.findByRole('link', { name: 'Open the softphone' })
    expect(link.getAttribute('href')).toBe(sandbox.softphoneUrl)
    funded.unmount()

    onCall(previewCost, aPreview({ canStart: false, reason: 'insufficient_balance' }))
    renderScreen(<CallsScreen />, { me: aMe({ sandbox }) })
    const button = await screen.findByRole('button', { name: 'Open the softphone' })
    expect(button.getAttribute('aria-disabled')).toBe('true')
    expect(screen.getAllByText(/not enough money for a call. Top up the wallet/)).toBeTruthy()
  })

  test('a failure stands where the calls would be, with the request id and a way to try again', async () => {
    let tries = 0
    onCall(listCalls, () => {
      tries += 1
      return tries <= 2 ? aProblem(500, 'internal') : aPage(twoCalls())
    })
    const { user } = renderScreen(<CallsScreen />)
    const box = await screen.findByRole('alert')
    expect(box.textContent).toContain('The calls could not be loaded.')
    expect(box.textContent).toContain('req_1')
    await user.click(within(box).getByRole('button', { name: 'Try again' }))
    expect(await screen.findByRole('table')).toBeTruthy()
    expect(screen.queryByRole('alert')).toBeNull()
  })

  test('more calls are loaded by the cursor and put below', async () => {
    onCall(listCalls, ({ query }: { query: URLSearchParams }) =>
      query.get('cursor') === 'next'
        ? aPage([aSummary({ id: anId(3), fromNumber: '+16465550111' })])
        : aPage(twoCalls(), 'next'),
    )
    const { user } = renderScreen(<CallsScreen />)
    await user.click(await screen.findByRole('button', { name: 'Load more' }))
    expect(await screen.findByText('(646) 555-0111')).toBeTruthy()
    expect(screen.getAllByRole('row')).toHaveLength(4)
    expect(screen.getByText('All calls are shown.')).toBeTruthy()
  })
})

describe('filters', () => {
  test('those in the address are asked for and shown as chips', async () => {
    onCall(listCalls, aPage(twoCalls()))
    renderScreen(<CallsScreen />, { search: '?status=settled&direction=inbound&q=tooth' })
    await screen.findByRole('table')
    expect(requestsTo(listCalls)[0]?.query).toEqual({
      state: 'settled',
      direction: 'inbound',
      text: 'tooth',
    })
    const chips = screen.getByRole('list', { name: 'Active filters' })
    expect(chips.textContent).toContain('Said: tooth')
    expect(chips.textContent).toContain('Incoming')
  })

  test('removing a chip takes the filter out of the address and asks again', async () => {
    onCall(listCalls, aPage(twoCalls()))
    const { user, search } = renderScreen(<CallsScreen />, { search: '?status=settled&q=tooth' })
    await user.click(await screen.findByRole('button', { name: 'Remove filter: Done' }))
    await waitFor(() => expect(search()).toBe('?q=tooth'))
    await waitFor(() => expect(requestsTo(listCalls).at(-1)?.query).toEqual({ text: 'tooth' }))
  })

  test('choosing from a menu narrows the list', async () => {
    onCall(listCalls, aPage(twoCalls()))
    const { user, search } = renderScreen(<CallsScreen />)
    await screen.findByRole('table')
    await user.click(await screen.findByRole('button', { name: 'Status', expanded: false }))
    await user.click(await screen.findByRole('menuitemradio', { name: 'Refused' }))
    await waitFor(() => expect(search()).toBe('?status=refused'))
    await waitFor(() => expect(requestsTo(listCalls).at(-1)?.query).toEqual({ state: 'refused' }))
  })

  test('when none match, all filters can be cleared at once', async () => {
    onCall(listCalls, ({ query }: { query: URLSearchParams }) =>
      query.has('number') ? aPage([]) : aPage(twoCalls()),
    )
    const { user } = renderScreen(<CallsScreen />, { search: '?number=999' })
    await user.click(await screen.findByRole('button', { name: 'Clear all filters' }))
    expect(await screen.findByRole('table')).toBeTruthy()
  })
})

describe('looking at a call', () => {
  test('a click on a row opens the panel, Escape closes it', async () => {
    onCall(listCalls, aPage(twoCalls()))
    answerPeek()
    const { user, search } = renderScreen(<CallsScreen />)
    await user.click(await screen.findByText('Not enough balance'))
    const panel = await screen.findByRole('complementary', { name: 'Call' })
    expect(await within(panel).findByText('The caller booked a cleaning.')).toBeTruthy()
    expect(await within(panel).findByText('Do you have time today?')).toBeTruthy()
    expect(search()).toBe(`?peek=${anId(2)}`)
    await user.keyboard('{Escape}')
    await waitFor(() => expect(screen.queryByRole('complementary')).toBeNull())
  })

  test('J and K move through the rows and take the open panel along; Enter opens the call', async () => {
    onCall(listCalls, aPage(twoCalls()))
    answerPeek()
    const { user, search, visited } = renderScreen(<CallsScreen />, { search: `?peek=${anId(1)}` })
    await screen.findByRole('table')
    await user.keyboard('j')
    await waitFor(() => expect(search()).toBe(`?peek=${anId(2)}`))
    await user.keyboard('k')
    await waitFor(() => expect(search()).toBe(`?peek=${anId(1)}`))
    await user.keyboard('{Enter}')
    expect(visited).toEqual([`/calls/${anId(1)}`])
  })

  test('single keys do nothing for a person who switched them off', async () => {
    onCall(listCalls, aPage(twoCalls()))
    answerPeek()
    const { user, search } = renderScreen(<CallsScreen />, {
      search: `?peek=${anId(1)}`,
      preferences: { hasSingleKeys: false },
    })
    await screen.findByRole('table')
    await user.keyboard('j')
    expect(search()).toBe(`?peek=${anId(1)}`)
  })

  test('where there is no room for a panel, a click opens the call itself', async () => {
    setWide(false)
    onCall(listCalls, aPage(twoCalls()))
    const { user, visited } = renderScreen(<CallsScreen />)
    await user.click(await screen.findByText('(415) 555-0134'))
    expect(visited).toEqual([`/calls/${anId(1)}`])
  })
})
