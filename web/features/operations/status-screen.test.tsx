import { screen, waitFor, within } from '@testing-library/react'
import { expect, test } from 'vitest'
import type { z } from 'zod'
import { getPlatformStatus, type platformStatus } from '#contracts/operations'
import { aProblem, onCall, requestsTo } from '../../testing/api.ts'
import { anId } from '../../testing/factories.ts'
import { platformManager, superAdmin } from '../../testing/office-factories.ts'
import { renderScreen } from '../../testing/screen.tsx'
import { StatusScreen } from './status-screen.tsx'

type Wire = z.input<typeof platformStatus>
const AT = '2026-11-20T15:00:00.000Z'

const aStatus = (over: Partial<Wire> = {}): Wire => ({
  checkedAt: AT,
  features: [
    { name: 'wallet', state: 'works', failing: null },
    { name: 'inbound-calls', state: 'degraded', failing: 'elevenlabs' },
  ],
  hops: [
    { name: 'database', state: 'works', reason: null, settings: [] },
    {
      name: 'elevenlabs',
      state: 'degraded',
      reason: 'breaker_open',
      settings: ['ELEVENLABS_API_KEY'],
    },
    {
      name: 'stripe',
      state: 'not configured',
      reason: 'not_configured',
      settings: ['STRIPE_SECRET_KEY', 'STRIPE_WEBHOOK_SECRET'],
    },
    { name: 'voice gateway', state: 'fails', reason: 'no_process', settings: [] },
  ],
  processes: [
    {
      id: anId(1),
      kind: 'voice',
      name: 'gateway-3102',
      version: '0.1.0',
      startedAt: AT,
      seenAt: AT,
      state: 'draining',
      eventLoopDelayMs: 12,
      gateway: { calls: 4, pendingCalls: 2, unwrittenTapeBytes: 0 },
      breakers: [{ vendor: 'elevenlabs', state: 'open' }],
      tenantAccountsAway: 1,
    },
  ],
  queues: { waiting: 7, active: 1, failed: 2, oldestWaitingSeconds: 65 },
  holds: { open: 3, heldCents: 1_234 },
  verification: { checkedAt: AT, ok: false, findings: 2, unfinished: [] },
  webhooks: [
    { vendor: 'stripe', lastReceivedAt: AT, open: 2, oldestOpenSeconds: 90 },
    { vendor: 'clerk', lastReceivedAt: null, open: 0, oldestOpenSeconds: null },
  ],
  ...over,
})
const show = () => renderScreen(<StatusScreen />, { me: superAdmin() })
const rowOf = async (table: string, text: string | RegExp) => {
  const rows = within(await screen.findByRole('table', { name: table })).getAllByRole('row')
  const found = rows.find((row) => row.textContent?.match(text))
  if (!found) throw new Error(`no row says ${text}`)
  return found
}

test('what does not work says which hop is in its way and what to do', async () => {
  onCall(getPlatformStatus, aStatus())
  show()
  const calls = await rowOf('Features', 'Inbound agent calls')
  expect(calls.textContent).toContain('Degraded')
  expect(calls.textContent).toContain('ElevenLabs: It has not been answering')
  expect((await rowOf('Features', 'Wallet and ledger')).textContent).toContain('Works')
  const stripe = await rowOf('What they stand on', 'Stripe')
  expect(stripe.textContent).toContain('Set STRIPE_SECRET_KEY, STRIPE_WEBHOOK_SECRET.')
  expect((await rowOf('What they stand on', 'Voice gateway')).textContent).toContain('None runs')
})

test('processes, queues, holds, checks and webhooks are told, each with the way to its screen', async () => {
  onCall(getPlatformStatus, aStatus())
  show()
  const gateway = await rowOf('Processes', 'gateway-3102')
  expect(gateway.textContent).toContain('Draining')
  expect(gateway.textContent).toContain('ElevenLabs open, one organization’s account')
  const figures = within(screen.getByRole('list', { name: 'Figures' }))
  expect(figures.getByText(/\$12\.34 set aside/)).toBeTruthy()
  expect(figures.getByText(/2 findings/)).toBeTruthy()
  const jobs = figures.getAllByRole('link').map((link) => link.getAttribute('href'))
  expect(jobs).toEqual(['/platform/jobs', '/platform/jobs'])
  const open = screen.getByRole('link', { name: 'Show 2 unfinished deliveries of Stripe' })
  expect(open.getAttribute('href')).toBe('/platform/webhooks?vendor=stripe&status=open')
  expect((await rowOf('Webhooks', 'Clerk')).textContent).toContain('Never')
})

test('before anything has run it says so, not nought', async () => {
  onCall(getPlatformStatus, aStatus({ processes: [], verification: null }))
  show()
  expect(await screen.findByText('No process has said that it lives')).toBeTruthy()
  expect(screen.getByText(/It runs every night/)).toBeTruthy()
  expect(screen.getByText(/No gateway runs/)).toBeTruthy()
})

test('what cannot be loaded can be asked for again, and what was known stays', async () => {
  onCall(getPlatformStatus, () => aProblem(503, 'request.unavailable', 'Busy.'))
  const { user } = show()
  expect((await screen.findByRole('alert', {}, { timeout: 5_000 })).textContent).toContain(
    'The platform’s status could not be loaded.',
  )
  onCall(getPlatformStatus, aStatus())
  await user.click(screen.getByRole('button', { name: 'Try again' }))
  await rowOf('Features', 'Wallet and ledger')
  await waitFor(() => expect(screen.queryByRole('alert')).toBeNull())
})

test('a platform manager is refused, and nothing is asked', () => {
  renderScreen(<StatusScreen />, { me: platformManager() })
  expect(screen.getByRole('heading', { name: 'You have no access to this page' })).toBeTruthy()
  expect(requestsTo(getPlatformStatus)).toHaveLength(0)
})
