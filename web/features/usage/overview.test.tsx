import { screen, within } from '@testing-library/react'
import { describe, expect, test } from 'vitest'
import { getPlatformMetrics } from '#contracts/usage'
import { aProblem, never, onCall, requestsTo } from '../../testing/api.ts'
import { aMember } from '../../testing/factories.ts'
import { platformManager, someMetrics, superAdmin } from '../../testing/office-factories.ts'
import { renderScreen } from '../../testing/screen.tsx'
import { everyDay, peakOf, vendorCostCents } from './metrics.ts'
import { OverviewScreen } from './overview-screen.tsx'
import { UsageScreen } from './usage-screen.tsx'

const asManager = { me: platformManager() }
const tile = async (label: string) => (await screen.findByText(label)).parentElement?.textContent

describe('the overview', () => {
  test('shows organizations, calls, hours, money and the margin', async () => {
    onCall(getPlatformMetrics, someMetrics())
    renderScreen(<OverviewScreen />, asManager)
    expect(await tile('Active organizations')).toContain('9 with calls · 2 paused · 1 archived')
    expect(await tile('Running calls')).toContain('3 of 1,000 at once')
    const calls = screen.getByRole('link', { name: /1\.5 hr/ })
    expect(calls.textContent).toContain('12')
    expect(await tile('Margin')).toContain('$25.16')
  })

  test('a margin nobody knows is called unknown, not nothing', async () => {
    onCall(
      getPlatformMetrics,
      someMetrics({ marginCents: null, vendorCostMicroUsd: 0, callsWithoutVendorCost: 12 }),
    )
    renderScreen(<OverviewScreen />, asManager)
    expect(await tile('Margin')).toContain('Unknown')
    expect(screen.getAllByText('No call whose vendor cost is known')).toHaveLength(2)
  })

  test('a cost known in part says of how many calls it is not', async () => {
    onCall(getPlatformMetrics, someMetrics({ callsWithoutVendorCost: 5 }))
    renderScreen(<OverviewScreen />, asManager)
    await screen.findByText('Margin')
    expect(screen.getAllByText('Without 5 of 12 calls whose cost is not known')).toHaveLength(2)
  })

  test('a chart can be read as a table', async () => {
    onCall(getPlatformMetrics, someMetrics())
    const { user } = renderScreen(<OverviewScreen />, asManager)
    const chart = await screen.findByRole('region', { name: 'Calls per day' })
    await user.click(within(chart).getByRole('switch'))
    const rows = within(chart).getAllByRole('row')
    expect(rows).toHaveLength(31)
    expect(rows[1]?.textContent).toContain('12')
  })

  test('the range of the address is asked for; choosing another one changes the address', async () => {
    onCall(getPlatformMetrics, someMetrics())
    const search = '?range=custom&from=2026-11-01&to=2026-11-10'
    const view = renderScreen(<OverviewScreen />, { ...asManager, search })
    await screen.findByText('Margin')
    expect(requestsTo(getPlatformMetrics)[0]?.query).toEqual({
      from: '2026-11-01',
      to: '2026-11-10',
    })
    await view.user.click(screen.getByRole('button', { name: '7 days' }))
    expect(view.search()).toBe('?range=7d')
  })

  test('days that make no range are said to be none, and nothing is asked', async () => {
    const search = '?range=custom&from=2026-11-10&to=2026-11-01'
    renderScreen(<OverviewScreen />, { ...asManager, search })
    expect(await screen.findByText(/Not a range/)).toBeTruthy()
    expect(requestsTo(getPlatformMetrics)).toHaveLength(0)
  })

  test('a failure leaves the rest of the screen standing', async () => {
    onCall(getPlatformMetrics, () => aProblem(500, 'internal'))
    renderScreen(<OverviewScreen health={<p>All is well</p>} />, { me: superAdmin() })
    expect((await screen.findByRole('alert')).textContent).toContain('could not be loaded')
    expect(screen.getByText('All is well')).toBeTruthy()
  })

  test('before the first answer a skeleton says what is loading', async () => {
    onCall(getPlatformMetrics, never)
    renderScreen(<OverviewScreen />, asManager)
    expect(await screen.findByRole('status', { name: 'Loading the figures' })).toBeTruthy()
  })

  test('members of an organization are refused and nothing is asked for them', () => {
    renderScreen(<OverviewScreen />, { me: aMember('admin') })
    expect(screen.getByRole('heading', { name: 'You have no access to this page' })).toBeTruthy()
    expect(requestsTo(getPlatformMetrics)).toHaveLength(0)
  })
})

test('the usage screen lists each day of the range, newest first', async () => {
  onCall(getPlatformMetrics, someMetrics({ days: [], top: [] }))
  renderScreen(<UsageScreen />, {
    ...asManager,
    search: '?range=custom&from=2026-11-01&to=2026-11-03',
  })
  const table = await screen.findByRole('table', { name: 'By day' })
  const days = within(table)
    .getAllByRole('row')
    .slice(1)
    .map((row) => row.querySelector('td')?.textContent)
  expect(days).toEqual(['Nov 3, 2026', 'Nov 2, 2026', 'Nov 1, 2026'])
  expect(screen.getByText('No organization made a call in these days.')).toBeTruthy()
})

describe('figures', () => {
  const sums = {
    calls: 0,
    billableSeconds: 0,
    chargedCents: 0,
    vendorCostMicroUsd: 0,
    callsWithoutVendorCost: 0,
  }

  test('without calls the vendor cost is nothing; with calls none of which is known it is unknown', () => {
    expect(vendorCostCents(sums)).toBe(0)
    expect(vendorCostCents({ ...sums, calls: 2, callsWithoutVendorCost: 2 })).toBeNull()
    expect(vendorCostCents({ ...sums, calls: 2, vendorCostMicroUsd: 1_234_567 })).toBe(123)
  })

  test('days on which nothing happened are filled in, across a change of clocks too', () => {
    const filled = everyDay([{ day: '2026-10-25', ...sums, calls: 3 }], {
      from: '2026-10-24',
      to: '2026-10-26',
    })
    expect(filled.map(({ day, calls }) => [day, calls])).toEqual([
      ['2026-10-24', 0],
      ['2026-10-25', 3],
      ['2026-10-26', 0],
    ])
  })

  test('the peak is the first of the highest days, and none where nothing happened', () => {
    const day = (name: string, calls: number) => ({ day: name, ...sums, calls })
    const days = [day('a', 2), day('b', 5), day('c', 5)]
    expect(peakOf(days, ({ calls }) => calls)).toEqual({ day: 'b', value: 5 })
    expect(peakOf([day('a', 0)], ({ calls }) => calls)).toBeNull()
  })
})
