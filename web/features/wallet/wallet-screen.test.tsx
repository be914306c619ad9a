import { screen, waitFor, within } from '@testing-library/react'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { getUsage } from '#contracts/usage'
import {
  changeAutoRecharge,
  createTopUp,
  getAutoRecharge,
  getStatement,
  getTopUp,
  getWallet,
  getWalletStatus,
  listLedgerEntries,
  listStatements,
  listTopUps,
} from '#contracts/wallet'
import { aProblem, never, onCall, requestsTo } from '../../testing/api.ts'
import { aMe, aMember, anEntry, anId, aPage } from '../../testing/factories.ts'
import { aWallet } from '../../testing/office-factories.ts'
import { renderScreen } from '../../testing/screen.tsx'
import { aCard, aRecharge, aStatement, aTopUp, aUsage } from '../../testing/wallet-factories.ts'
import { WalletScreen } from './wallet-screen.tsx'

beforeEach(() => {
  onCall(getWallet, aWallet())
  onCall(getWalletStatus, { status: 'available' })
  onCall(getAutoRecharge, aRecharge())
  onCall(getUsage, aUsage())
  onCall(listLedgerEntries, aPage([]))
  onCall(listTopUps, aPage([]))
})

const part = (name: string) => screen.findByRole('region', { name }).then(within)

describe('the balance', () => {
  test('stands with what is set aside, the price and how long it lasts', async () => {
    onCall(getUsage, aUsage({ total: { calls: 9, billableSeconds: 20_160, chargedCents: 14_000 } }))
    renderScreen(<WalletScreen />)
    const balance = await part('Balance')
    expect(balance.getByText('$100.00')).toBeTruthy()
    expect(balance.getByText('$90.00')).toBeTruthy()
    expect(balance.getByText('Calls can start')).toBeTruthy()
    // 90 dollars at 20 dollars a day.
    expect(await balance.findByText(/About 4 days left .* \(\$20\.00 a day\)/)).toBeTruthy()
    expect(balance.getByText('3.6 hr of the calls that run now')).toBeTruthy()
  })

  test('spent up, says what is stopped, since when, and what is owed', async () => {
    onCall(
      getWallet,
      aWallet({ balanceCents: 10, heldCents: 0, availableCents: 10, deficitCents: 700 }),
    )
    onCall(getWalletStatus, { status: 'exhausted' })
    onCall(
      listLedgerEntries,
      aPage([
        anEntry({
          id: anId(3),
          at: '2025-03-03T12:00:00Z',
          balanceAfterCents: 10,
          heldAfterCents: 0,
        }),
        anEntry({
          id: anId(2),
          at: '2025-03-02T12:00:00Z',
          balanceAfterCents: 5,
          heldAfterCents: 0,
        }),
        anEntry({
          id: anId(1),
          at: '2025-03-01T12:00:00Z',
          balanceAfterCents: 90,
          heldAfterCents: 0,
        }),
      ]),
    )
    renderScreen(<WalletScreen />)
    const balance = await part('Balance')
    expect(await balance.findByText('No money for calls')).toBeTruthy()
    expect(balance.getByText('New calls are refused')).toBeTruthy()
    expect((await balance.findByText(/At least since/)).textContent).toContain('Mar 2, 2025')
    expect(balance.getByText(/\$7\.00 is owed and has to be paid back/)).toBeTruthy()
  })

  test('that cannot be loaded leaves the rest of the screen standing', async () => {
    onCall(getWallet, () => aProblem(500, 'internal'))
    renderScreen(<WalletScreen />)
    expect(await screen.findByText('The wallet could not be loaded.')).toBeTruthy()
    expect(await screen.findByRole('region', { name: 'Automatic top-up' })).toBeTruthy()
  })

  test('before the first answer skeletons say what is loading', async () => {
    for (const each of [getWallet, getAutoRecharge, getUsage, listLedgerEntries])
      onCall(each, never)
    renderScreen(<WalletScreen />)
    for (const name of ['Loading the wallet', 'Loading the usage', 'Loading the ledger'])
      expect(await screen.findByRole('status', { name })).toBeTruthy()
  })
})

describe('who sees what', () => {
  test('a sales person sees the state and no amount is asked for', async () => {
    onCall(getWalletStatus, { status: 'exhausted' })
    renderScreen(<WalletScreen />, { me: aMember('sales_person') })
    expect(await screen.findByText('No money for calls')).toBeTruthy()
    expect(screen.getByText(/Ask an admin to top up the wallet/)).toBeTruthy()
    expect(requestsTo(getWallet)).toHaveLength(0)
    expect(requestsTo(listLedgerEntries)).toHaveLength(0)
    expect(screen.queryByRole('button', { name: 'Top up' })).toBeNull()
  })

  test('who belongs to no organization is refused', () => {
    renderScreen(<WalletScreen />, { me: aMe({ membership: null, platformRole: 'manager' }) })
    expect(screen.getByRole('heading', { name: 'You have no access to this page' })).toBeTruthy()
  })

  test('in a paused organization the button stays and says why it does nothing', async () => {
    const me = aMe()
    renderScreen(<WalletScreen />, {
      me: {
        ...me,
        membership: me.membership && { ...me.membership, organizationStatus: 'paused' },
      },
    })
    const button = await screen.findByRole('button', { name: 'Top up' })
    expect(button.getAttribute('aria-disabled')).toBe('true')
    expect(screen.getAllByText('The organization is paused: nothing can be changed.')).toBeTruthy()
  })
})

describe('topping up', () => {
  async function openDialog() {
    const leftTo: string[] = []
    const view = renderScreen(<WalletScreen leaveTo={(url) => leftTo.push(url)} />)
    await view.user.click(await screen.findByRole('button', { name: 'Top up' }))
    return { ...view, leftTo, dialog: within(await screen.findByRole('dialog')) }
  }

  test('a usual amount is sent in cents under one key and the payment page opened', async () => {
    onCall(createTopUp, aTopUp({ amountCents: 10_000 }))
    const { user, dialog, leftTo } = await openDialog()
    await user.click(dialog.getByRole('button', { name: '$100' }))
    expect(dialog.getByRole('button', { name: '$100' }).getAttribute('aria-pressed')).toBe('true')
    await user.click(dialog.getByRole('checkbox', { name: 'Keep the card' }))
    await user.click(dialog.getByRole('button', { name: 'Go to payment' }))
    await waitFor(() => expect(leftTo).toEqual(['http://pay.test/c/pay/cs_1']))
    const [request] = requestsTo(createTopUp)
    expect(request?.body).toEqual({ amountCents: 10_000, saveCard: true })
    expect(request?.idempotencyKey).toMatch(/^[\da-f-]{36}$/)
    const busy = dialog.getByRole('button', { name: 'Opening the payment page' })
    expect(busy.hasAttribute('disabled')).toBe(true)
  })

  test('an amount below the minimum is not sent', async () => {
    const { user, dialog } = await openDialog()
    await user.clear(dialog.getByLabelText('Amount in USD'))
    await user.type(dialog.getByLabelText('Amount in USD'), '4.99')
    await user.click(dialog.getByRole('button', { name: 'Go to payment' }))
    expect(await dialog.findByText(/An amount from \$5\.00 to \$10,000\.00/)).toBeTruthy()
    expect(requestsTo(createTopUp)).toHaveLength(0)
  })

  test('after a lost answer the same amount goes out under the same key', async () => {
    onCall(createTopUp, () => aProblem(503, 'internal'))
    const { user, dialog, leftTo } = await openDialog()
    await user.click(dialog.getByRole('button', { name: 'Go to payment' }))
    await dialog.findByRole('alert')
    onCall(createTopUp, aTopUp())
    await user.click(dialog.getByRole('button', { name: 'Go to payment' }))
    await waitFor(() => expect(leftTo).toHaveLength(1))
    const [first, second] = requestsTo(createTopUp)
    expect(second?.idempotencyKey).toBe(first?.idempotencyKey)
  })

  test('a page that was not made is said to be none', async () => {
    onCall(createTopUp, aTopUp({ checkoutUrl: null }))
    const { user, dialog, leftTo } = await openDialog()
    await user.click(dialog.getByRole('button', { name: 'Go to payment' }))
    expect((await dialog.findByRole('alert')).textContent).toContain('Nothing was charged')
    expect(leftTo).toEqual([])
  })
})

describe('coming back from the payment page', () => {
  const comeBack = (paid: boolean) =>
    renderScreen(<WalletScreen />, { search: `?top-up=${anId(600)}${paid ? '&paid=1' : ''}` })

  test('paid: the confirmation is waited for, then the new balance is fetched', async () => {
    let isConfirmed = false
    onCall(getTopUp, () =>
      isConfirmed
        ? aTopUp({ state: 'paid', receivedCents: 5_000, receiptUrl: 'http://pay.test/receipt' })
        : aTopUp(),
    )
    const view = comeBack(true)
    expect(await screen.findByText('Waiting for the confirmation of $50.00')).toBeTruthy()
    const asked = requestsTo(getWallet).length
    isConfirmed = true
    expect(await screen.findByText('$50.00 was added')).toBeTruthy()
    await waitFor(() => expect(requestsTo(getWallet).length).toBeGreaterThan(asked))
    expect(screen.getByRole('link', { name: /Receipt/ }).getAttribute('href')).toBe(
      'http://pay.test/receipt',
    )
    await view.user.click(screen.getByRole('button', { name: 'Close' }))
    await waitFor(() => expect(view.search()).toBe(''))
  })

  test('late: says so, and that nobody should pay twice', async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true })
    try {
      onCall(getTopUp, aTopUp())
      comeBack(true)
      await screen.findByText('Waiting for the confirmation of $50.00')
      await vi.advanceTimersByTimeAsync(20_000)
      expect(await screen.findByText('The confirmation of $50.00 is late')).toBeTruthy()
      expect(screen.getByText(/Please do not pay again/)).toBeTruthy()
    } finally {
      vi.useRealTimers()
    }
  })

  test('canceled: nothing was paid, and the page can be opened again', async () => {
    onCall(getTopUp, aTopUp())
    comeBack(false)
    expect(await screen.findByText('Nothing was paid')).toBeTruthy()
    expect(screen.getByRole('link', { name: 'Go on paying' }).getAttribute('href')).toBe(
      'http://pay.test/c/pay/cs_1',
    )
  })

  test('declined: the reason in words, and another card', async () => {
    onCall(getTopUp, aTopUp({ failureCode: 'insufficient_funds' }))
    comeBack(false)
    expect(await screen.findByText('The card was refused')).toBeTruthy()
    expect(screen.getByText('There is not enough money on the card.')).toBeTruthy()
    expect(screen.getByRole('link', { name: 'Try another card' })).toBeTruthy()
  })

  test('expired: starting again opens the dialog', async () => {
    onCall(getTopUp, aTopUp({ state: 'expired', checkoutUrl: null }))
    const { user } = comeBack(true)
    await screen.findByText('The payment page has expired')
    await user.click(screen.getByRole('button', { name: 'Start again' }))
    expect(await screen.findByRole('dialog')).toBeTruthy()
  })

  test('an unknown top-up is told as a failure of its own', async () => {
    onCall(getTopUp, () => aProblem(404, 'not_found', 'There is no such top-up.'))
    comeBack(true)
    expect(await screen.findByText('The state of your payment could not be loaded.')).toBeTruthy()
    expect(await screen.findByRole('region', { name: 'Balance' })).toBeTruthy()
  })
})

describe('automatic top-up', () => {
  test('is off, and cannot be set up without a saved card', async () => {
    renderScreen(<WalletScreen />)
    const card = await part('Automatic top-up')
    expect(card.getByText('Off')).toBeTruthy()
    expect(card.getByRole('button', { name: 'Set up' }).getAttribute('aria-disabled')).toBe('true')
  })

  test('is set up with threshold, amount and a monthly cap', async () => {
    onCall(getAutoRecharge, aRecharge({ card: aCard }))
    onCall(changeAutoRecharge, aRecharge({ card: aCard, enabled: true, thresholdCents: 2_000 }))
    const { user } = renderScreen(<WalletScreen />)
    const card = await part('Automatic top-up')
    expect(card.getByText(/Visa ending in 4242/)).toBeTruthy()
    await user.click(card.getByRole('button', { name: 'Set up' }))
    const dialog = within(await screen.findByRole('dialog'))
    const cap = dialog.getByLabelText('At most this much a month, in USD')
    await user.clear(cap)
    await user.type(cap, '20')
    await user.click(dialog.getByRole('button', { name: 'Save' }))
    expect(await dialog.findByText('Less than one top-up: it would never happen')).toBeTruthy()
    await user.clear(cap)
    await user.type(cap, '200')
    await user.click(dialog.getByRole('button', { name: 'Save' }))
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
    expect(requestsTo(changeAutoRecharge)[0]?.body).toEqual({
      enabled: true,
      thresholdCents: 1_000,
      amountCents: 5_000,
      monthlyCapCents: 20_000,
    })
    expect(card.getByText('Adds $50.00 when less than $20.00 is available.')).toBeTruthy()
  })

  test('that stopped says why and is switched on again', async () => {
    const stopped = { enabled: true, card: aCard, pausedReason: 'declined' as const }
    onCall(getAutoRecharge, aRecharge(stopped))
    onCall(changeAutoRecharge, aRecharge({ ...stopped, pausedReason: null }))
    const { user } = renderScreen(<WalletScreen />)
    const card = await part('Automatic top-up')
    expect(card.getByText('Paused')).toBeTruthy()
    expect(card.getByText(/the card was refused several times/)).toBeTruthy()
    await user.click(card.getByRole('button', { name: 'Switch on again' }))
    expect(await card.findByText('On')).toBeTruthy()
    expect(requestsTo(changeAutoRecharge)[0]?.body).toEqual({ enabled: true })
  })
})

describe('usage', () => {
  const days = [
    { day: '2026-11-02', kind: 'agent', calls: 2, billableSeconds: 600, chargedCents: 417 },
    { day: '2026-11-02', kind: 'mock', calls: 1, billableSeconds: 120, chargedCents: 0 },
    { day: '2026-11-03', kind: 'agent', calls: 1, billableSeconds: 60, chargedCents: 42 },
  ] as const
  const search = '?range=custom&from=2026-11-01&to=2026-11-03'

  test('is summed up in a sentence and readable as a table, in money and in minutes', async () => {
    onCall(
      getUsage,
      aUsage({
        days: [...days],
        total: { calls: 4, billableSeconds: 780, chargedCents: 459 },
      }),
    )
    const { user } = renderScreen(<WalletScreen />, { search })
    expect(await screen.findByText('$4.59 in 4 calls; the most on Nov 2: $4.17.')).toBeTruthy()
    await user.click(screen.getByRole('button', { name: 'Minutes' }))
    expect(await screen.findByText('13 min in 4 calls; the most on Nov 2: 12 min.')).toBeTruthy()
    await user.click(screen.getByRole('switch', { name: 'Show as table' }))
    const table = screen.getByRole('table', { name: 'Usage' })
    const rows = within(table)
      .getAllByRole('row')
      .map((row) => row.textContent)
    expect(rows).toEqual([
      'DayAgent callsPractice calls',
      'Nov 31 min0 min',
      'Nov 210 min2 min',
      'Nov 10 min0 min',
    ])
  })
})

describe('the ledger', () => {
  test('tells sign, balance after, the call, and unfolds why', async () => {
    onCall(
      listLedgerEntries,
      aPage([
        anEntry({
          id: anId(802),
          kind: 'capture',
          fromAccount: 'held',
          toAccount: 'revenue',
          balanceAfterCents: 48_208,
          explanation: {
            billedSeconds: 60,
            fundedSeconds: 60,
            pricePerHourCents: 2_500,
            unroundedCents: '41.67',
            heldCents: 42,
          },
        }),
        anEntry({ id: anId(801) }),
        anEntry({
          id: anId(800),
          kind: 'top_up',
          fromAccount: 'payments',
          toAccount: 'available',
          amountCents: 5_000,
          callId: null,
          explanation: { origin: 'checkout', topUpId: anId(600) },
        }),
      ]),
    )
    const { user, search } = renderScreen(<WalletScreen />)
    const table = within(await screen.findByRole('table', { name: 'Ledger' }))
    const texts = table.getAllByRole('row').map((row) => row.textContent)
    expect(texts[1]).toContain('-$0.42')
    expect(texts[1]).toContain('$482.08')
    expect(texts[2]).toContain('$0.42 (Stays in the balance)')
    expect(texts[3]).toContain('+$50.00')
    expect(table.getAllByRole('link', { name: 'Call' })[0]?.getAttribute('href')).toBe(
      `/calls/${anId(1)}?tab=billing`,
    )
    await user.click(table.getByRole('button', { name: 'Charged', expanded: false }))
    expect(await table.findByText(/60 s at \$25\.00 an hour make 41\.67 cents/)).toBeTruthy()
    expect(search()).toBe(`?line=${anId(802)}`)
  })

  test('is narrowed by kind and days of the address, apart from the range of the chart', async () => {
    renderScreen(<WalletScreen />, {
      search: '?kind=top_up&days=custom&since=2026-11-01&until=2026-11-02',
    })
    expect(await screen.findByText('No line matches the filters')).toBeTruthy()
    expect(requestsTo(listLedgerEntries).at(-1)?.query).toMatchObject({
      kind: 'top_up',
      from: '2026-11-01T04:00:00.000Z',
      to: '2026-11-03T05:00:00.000Z',
    })
    expect(screen.getByRole('button', { name: '30 days' }).getAttribute('aria-pressed')).toBe(
      'true',
    )
  })

  test('of a new organization says that nothing has moved', async () => {
    renderScreen(<WalletScreen />)
    expect(await screen.findByText('No money has moved yet')).toBeTruthy()
  })
})

test('payments lead to their receipt, or to the page on which they can still be paid', async () => {
  onCall(
    listTopUps,
    aPage([
      aTopUp({ failureCode: 'expired_card' }),
      aTopUp({ id: anId(601), state: 'paid', receiptUrl: 'http://pay.test/r', checkoutUrl: null }),
    ]),
  )
  renderScreen(<WalletScreen />, { search: '?tab=payments' })
  const table = within(await screen.findByRole('table', { name: 'Payments' }))
  expect(table.getByText('The card has expired.')).toBeTruthy()
  expect(table.getByRole('link', { name: 'Go on paying' })).toBeTruthy()
  expect(table.getByRole('link', { name: /Receipt/ }).getAttribute('href')).toBe(
    'http://pay.test/r',
  )
})

test('a statement unfolds from its opening to its closing balance', async () => {
  onCall(listStatements, { items: [{ month: '2026-10', isComplete: true }] })
  onCall(getStatement, aStatement())
  const { user } = renderScreen(<WalletScreen />, { search: '?tab=statements' })
  const table = within(await screen.findByRole('table', { name: 'Statements by month' }))
  expect(table.getByRole('button', { name: 'PDF of October 2026' })).toBeTruthy()
  await user.click(table.getByRole('button', { name: 'October 2026', expanded: false }))
  await table.findByText('Opening balance')
  const lines = [...document.querySelectorAll('table dl > div')].map((line) => line.textContent)
  expect(lines).toEqual([
    'Opening balance$100.00',
    'Top-ups2 lines+$75.00',
    'Agent calls12 calls, 1:30:00-$37.50',
    'Refunds1 line-$5.00',
    'Closing balance$132.50',
  ])
})
