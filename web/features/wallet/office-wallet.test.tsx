import { screen, waitFor, within } from '@testing-library/react'
import { HttpResponse } from 'msw'
import { describe, expect, test } from 'vitest'
import { listPlatformAdmins } from '#contracts/access'
import {
  adjustWallet,
  changeOrganizationPrice,
  changePrice,
  getOrganizationWallet,
  grantFunds,
  listOrganizationPrices,
  listPrices,
} from '#contracts/wallet'
import { parseMoney, typedMoney } from '../../lib/format/money.ts'
import { aProblem, onCall, requestsTo } from '../../testing/api.ts'
import { anId } from '../../testing/factories.ts'
import { aPrice, aWallet, platformManager, superAdmin } from '../../testing/office-factories.ts'
import { renderScreen } from '../../testing/screen.tsx'
import { OfficeWallet } from './office-wallet.tsx'
import { OrganizationPrices, PricesDesk } from './prices-desk.tsx'

const asSuperAdmin = { me: superAdmin() }

async function openDialog(button: string) {
  const view = renderScreen(<OfficeWallet organizationId={anId(1)} />, asSuperAdmin)
  await view.user.click(await screen.findByRole('button', { name: button }))
  const dialog = within(await screen.findByRole('dialog'))
  const fill = async (amount: string, reason: string) => {
    await view.user.clear(dialog.getByLabelText('Amount in USD'))
    await view.user.type(dialog.getByLabelText('Amount in USD'), amount)
    await view.user.clear(dialog.getByLabelText('Reason'))
    await view.user.type(dialog.getByLabelText('Reason'), reason)
  }
  const send = () => view.user.click(dialog.getByRole('button', { name: button }))
  return { ...view, dialog, fill, send }
}

describe('an adjustment', () => {
  test('shows the balance it leads to and is sent as cents with one key', async () => {
    onCall(getOrganizationWallet, aWallet())
    onCall(adjustWallet, aWallet({ balanceCents: 11_250 }))
    const { dialog, fill, send } = await openDialog('Credit')
    await fill('12,50', 'Goodwill')
    expect(dialog.getByText('Balance $100.00 → $112.50')).toBeTruthy()
    await send()
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
    const [request] = requestsTo(adjustWallet)
    expect(request?.body).toEqual({
      amountCents: 1_250,
      note: 'Goodwill',
      requestId: request?.idempotencyKey,
    })
  })

  test('a debit is sent as a negative amount and warns when running calls hold the rest', async () => {
    onCall(getOrganizationWallet, aWallet())
    onCall(adjustWallet, () => aProblem(402, 'wallet.insufficient_balance'))
    const { dialog, fill, send } = await openDialog('Debit')
    await fill('95', 'Chargeback')
    expect(dialog.getByText(/Only \$90.00 can be taken now/)).toBeTruthy()
    await send()
    expect(await dialog.findByRole('alert')).toBeTruthy()
    expect(requestsTo(adjustWallet)[0]?.body).toMatchObject({ amountCents: -9_500 })
  })

  test('what is no amount is not sent', async () => {
    onCall(getOrganizationWallet, aWallet())
    const { dialog, fill, send } = await openDialog('Credit')
    await fill('0', 'Goodwill')
    await send()
    expect(await dialog.findByText('An amount such as 25 or 12.50')).toBeTruthy()
    expect(requestsTo(adjustWallet)).toHaveLength(0)
  })

  test('when no answer came, the next try carries the same key, even if the amount was changed', async () => {
    onCall(getOrganizationWallet, aWallet())
    onCall(adjustWallet, () => HttpResponse.error())
    const { dialog, fill, send } = await openDialog('Credit')
    await fill('10', 'Goodwill')
    await send()
    await dialog.findByRole('alert')
    onCall(adjustWallet, () => aProblem(409, 'wallet.request_id_reused'))
    await fill('20', 'Goodwill')
    await send()
    expect(await dialog.findByText(/may be posted already/)).toBeTruthy()
    const keys = requestsTo(adjustWallet).map((request) => request.idempotencyKey)
    expect(keys).toHaveLength(2)
    expect(keys[1]).toBe(keys[0])
  })

  test('a grant is sent with its reason, and only those who may override see it', async () => {
    onCall(
      getOrganizationWallet,
      aWallet({ balanceCents: 0, availableCents: 0, deficitCents: 700 }),
    )
    onCall(grantFunds, aWallet())
    const { fill, send, unmount } = await openDialog('Grant')
    expect(screen.getByText('$7.00 is owed: calls are refused')).toBeTruthy()
    await fill('25', 'Trial goes on')
    await send()
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
    const [request] = requestsTo(grantFunds)
    expect(request?.body).toEqual({
      amountCents: 2_500,
      reason: 'Trial goes on',
      requestId: request?.idempotencyKey,
    })
    expect(requestsTo(adjustWallet)).toHaveLength(0)
    unmount()
    renderScreen(<OfficeWallet organizationId={anId(1)} />, { me: platformManager() })
    await screen.findByRole('button', { name: 'Credit' })
    expect(screen.queryByRole('button', { name: 'Grant' })).toBeNull()
  })

  test('after a refusal nothing was posted, so the next try is a new one', async () => {
    onCall(getOrganizationWallet, aWallet())
    onCall(adjustWallet, () => aProblem(402, 'wallet.insufficient_balance'))
    const { dialog, fill, send } = await openDialog('Debit')
    await fill('95', 'Chargeback')
    await send()
    await dialog.findByRole('alert')
    onCall(adjustWallet, aWallet())
    await fill('90', 'Chargeback')
    await send()
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
    const [first, second] = requestsTo(adjustWallet)
    expect(second?.idempotencyKey).not.toBe(first?.idempotencyKey)
  })
})

describe('prices', () => {
  test('the one in force, one to come and one that is past are told apart', async () => {
    onCall(listPlatformAdmins, { items: [] })
    onCall(listPrices, {
      currency: 'usd',
      current: aPrice(),
      items: [
        aPrice({ id: anId(302), pricePerHourCents: 2_700, effectiveFrom: '2100-01-01T00:00:00Z' }),
        aPrice(),
        aPrice({ id: anId(301), pricePerHourCents: 2_000, effectiveFrom: '2025-01-01T00:00:00Z' }),
      ],
    })
    renderScreen(<PricesDesk />, asSuperAdmin)
    const rows = (await screen.findAllByRole('row')).slice(1).map((row) => row.textContent)
    expect(rows[0]).toContain('To come')
    expect(rows[1]).toContain('In force')
    expect(rows[1]).toContain('The system')
    expect(rows[2]).toContain('Past')
  })

  test('a change for later is sent with its moment, one in the past is not sent', async () => {
    onCall(listPlatformAdmins, { items: [] })
    onCall(listPrices, { currency: 'usd', current: aPrice(), items: [aPrice()] })
    onCall(changePrice, aPrice())
    const { user } = renderScreen(<PricesDesk />, asSuperAdmin)
    await user.click(await screen.findByRole('button', { name: 'Change the price' }))
    const dialog = within(await screen.findByRole('dialog'))
    await user.type(dialog.getByLabelText('Reason'), 'New year')
    const from = dialog.getByLabelText(/^From/)
    await user.type(from, '2020-01-01T00:00')
    await user.click(dialog.getByRole('button', { name: 'Change' }))
    expect(await dialog.findByText('This moment has passed already')).toBeTruthy()
    expect(requestsTo(changePrice)).toHaveLength(0)

    await user.clear(from)
    await user.type(from, '2100-01-01T00:00')
    await user.click(dialog.getByRole('button', { name: 'Change' }))
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
    expect(requestsTo(changePrice)[0]?.body).toEqual({
      pricePerHourCents: 2_500,
      mockPricePercent: 0,
      reason: 'New year',
      effectiveFrom: new Date('2100-01-01T00:00').toISOString(),
    })
  })

  test('an organization goes back to everybody’s price with null', async () => {
    onCall(listPlatformAdmins, { items: [] })
    onCall(listPrices, { currency: 'usd', current: aPrice(), items: [aPrice()] })
    onCall(listOrganizationPrices, { items: [aPrice({ pricePerHourCents: 2_000 })] })
    onCall(changeOrganizationPrice, aPrice({ pricePerHourCents: null }))
    const { user } = renderScreen(<OrganizationPrices organizationId={anId(1)} />, asSuperAdmin)
    expect((await screen.findAllByText('$20.00')).length).toBeGreaterThan(0)
    await user.click(screen.getByRole('button', { name: 'Change its price' }))
    const dialog = within(await screen.findByRole('dialog'))
    await user.click(dialog.getByLabelText('Everybody’s price'))
    await user.type(dialog.getByLabelText('Reason'), 'Contract ended')
    await user.click(dialog.getByRole('button', { name: 'Change' }))
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
    expect(requestsTo(changeOrganizationPrice)[0]?.body).toMatchObject({ pricePerHourCents: null })
  })
})

test('typed money becomes cents, or nothing', () => {
  expect(['12', '12.5', '12,50', ' 0.07 '].map(parseMoney)).toEqual([1_200, 1_250, 1_250, 7])
  expect(['', '-1', '1.234', '1e3', '1,234.00', 'abc'].map(parseMoney)).toEqual(
    Array.from({ length: 6 }, () => null),
  )
  expect(typedMoney(1_250)).toBe('12.50')
})
