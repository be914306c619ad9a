import { screen } from '@testing-library/react'
import { describe, expect, test } from 'vitest'
import { getWallet, getWalletStatus } from '#contracts/wallet'
import { onCall, requestsTo } from '../../testing/api.ts'
import { aMember } from '../../testing/factories.ts'
import { renderScreen } from '../../testing/screen.tsx'
import { BalancePill } from './balance-pill.tsx'
import { levelOf } from './wallet-level.ts'
import { WalletNotice } from './wallet-notice.tsx'

const aWallet = (over: object = {}) => ({
  currency: 'usd',
  balanceCents: 48_250,
  heldCents: 168,
  availableCents: 48_082,
  usedPercent: 12,
  pricePerHourCents: 2_500,
  deficitCents: 0,
  burnCentsPerHour: 2_500,
  minutesLeft: 1_153,
  updatedAt: '2026-11-20T15:00:00.000Z',
  ...over,
})

describe('the pill', () => {
  test('shows an admin the amount and what is set aside', async () => {
    onCall(getWallet, aWallet())
    renderScreen(<BalancePill />)
    const amount = await screen.findByText('$480.82')
    expect(amount.closest('[title]')?.getAttribute('title')).toContain('$1.68')
  })

  test('shows everybody else a word and never asks for the amount', async () => {
    onCall(getWalletStatus, { status: 'exhausted' })
    renderScreen(<BalancePill />, { me: aMember('org_manager') })
    expect(await screen.findByText('Exhausted')).toBeTruthy()
    expect(requestsTo(getWallet)).toHaveLength(0)
  })

  test('says in words what the colour says', async () => {
    onCall(getWallet, aWallet({ usedPercent: 85 }))
    renderScreen(<BalancePill />)
    expect((await screen.findByText('(Low)')).className).toContain('sr-only')
  })
})

describe('the notice', () => {
  test('tells an empty wallet, and members whom to ask', async () => {
    onCall(getWalletStatus, { status: 'exhausted' })
    const member = renderScreen(<WalletNotice />, { me: aMember('sales_person') })
    expect((await screen.findByText(/The wallet is empty/)).textContent).toContain('Ask an admin')
    member.unmount()
    renderScreen(<WalletNotice />)
    expect((await screen.findByText(/The wallet is empty/)).textContent).not.toContain(
      'Ask an admin',
    )
  })
})

test('the level follows the thresholds admins are written to at, and what is owed', () => {
  const level = (availableCents: number, usedPercent: number, deficitCents = 0) =>
    levelOf({ availableCents, usedPercent, deficitCents })
  expect(level(100, 79)).toBe('available')
  expect(level(100, 80)).toBe('low')
  expect(level(0, 0)).toBe('exhausted')
  expect(level(100, 0, 1)).toBe('exhausted')
})
