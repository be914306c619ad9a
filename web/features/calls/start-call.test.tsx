import { screen, waitFor, within } from '@testing-library/react'
import { beforeAll, describe, expect, test } from 'vitest'
import type { z } from 'zod'
import { listAgents } from '#contracts/agents'
import { checkOutboundCall, startCall } from '#contracts/calls'
import { listPhoneNumbers } from '#contracts/phone-numbers'
import { previewCost } from '#contracts/wallet'
import { anAgent } from '../../testing/agent-factories.ts'
import { aProblem, never, onCall, requestsTo } from '../../testing/api.ts'
import { aCall, aMe, aMember, anId, aPage } from '../../testing/factories.ts'
import { aNumber } from '../../testing/number-factories.ts'
import { renderScreen } from '../../testing/screen.tsx'
import { aPreview } from '../../testing/wallet-factories.ts'
import { StartCall } from './start-call.tsx'

// What is loaded when it is needed takes seconds to be compiled here the first time.
beforeAll(() => import('./start-call-dialog.tsx'))

type Check = z.input<typeof checkOutboundCall.response>

const aCheck = (over: Partial<Check> = {}): Check => ({
  isAllowed: true,
  reason: null,
  country: 'DE',
  localTimes: [{ zone: 'Europe/Berlin', minute: 872 }],
  opensAt: null,
  ...over,
})

function answer(check: Check = aCheck()): void {
  onCall(previewCost, aPreview())
  onCall(listAgents, aPage([anAgent()]))
  onCall(listPhoneNumbers, aPage([aNumber()]))
  onCall(checkOutboundCall, check)
}

async function open(options: Parameters<typeof renderScreen>[1] = {}) {
  const { user } = renderScreen(<StartCall />, options)
  await user.click(await screen.findByRole('button', { name: 'Call a number' }))
  const to = await screen.findByLabelText(/^Number to call/)
  const dialog = screen.getByRole('dialog', { name: 'Call a number' })
  const call = within(dialog).getByRole('button', { name: 'Call' })
  return { user, dialog, to, call }
}

describe('the button', () => {
  test('is not there for a sales person, who sees no agents', async () => {
    answer()
    const asRep = renderScreen(<StartCall />, { me: aMember('sales_person') })
    expect(screen.queryByRole('button')).toBeNull()
    asRep.unmount()
    renderScreen(<StartCall />, { me: aMember('org_manager') })
    expect(await screen.findByRole('button', { name: 'Call a number' })).toBeTruthy()
  })

  test('says why no call can start: no money, switched off, paused', async () => {
    onCall(previewCost, aPreview({ canStart: false, reason: 'insufficient_balance' }))
    const broke = renderScreen(<StartCall />, { me: aMember('org_manager') })
    const button = () => screen.getByRole('button', { name: 'Call a number' })
    await waitFor(() => expect(button().getAttribute('aria-disabled')).toBe('true'))
    await broke.user.click(button())
    expect(screen.queryByRole('dialog')).toBeNull()
    broke.unmount()

    onCall(previewCost, aPreview())
    const { membership } = aMe()
    const off = membership && { ...membership, featuresOff: ['outbound_calls' as const] }
    renderScreen(<StartCall />, { me: { ...aMe(), membership: off } })
    expect(await screen.findByText('Calls out are switched off for this organization')).toBeTruthy()
  })
})

describe('asking for a call', () => {
  test('shows where it rings and what it costs, and sends it once', async () => {
    answer()
    onCall(startCall, aCall({ id: anId(77), direction: 'outbound', state: 'authorized' }))
    const { user, dialog, to, call } = await open()
    await user.type(to, '+49 (30) 1234 5678')
    expect(await within(dialog).findByText('Can be called now')).toBeTruthy()
    expect(dialog.textContent).toContain('Germany: 14:32 Berlin')
    expect(dialog.textContent).toContain('$0.42 a minute')
    await user.type(within(dialog).getByLabelText(/^Note on the consent/), 'Contract 12')
    await user.click(call)
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
    const [sent, ...others] = requestsTo(startCall)
    expect(others).toEqual([])
    expect(sent?.idempotencyKey).toBeTruthy()
    expect(sent?.body).toMatchObject({
      kind: 'agent',
      to: '+493012345678',
      consent: { basis: 'written', note: 'Contract 12' },
      onMachine: 'hang_up',
    })
  })

  test.each([
    ['calls.country_not_allowed', 'This country is not called'],
    ['calls.do_not_call', 'Asked not to be called'],
    ['calls.number_special', 'Premium and special numbers are not called'],
  ])('is kept from sending what would be refused: %s', async (reason, words) => {
    answer(aCheck({ isAllowed: false, reason }))
    const { user, dialog, to, call } = await open()
    await user.type(to, '+493012345678')
    expect(await within(dialog).findByText(words)).toBeTruthy()
    expect((call as HTMLButtonElement).disabled).toBe(true)
    expect(requestsTo(startCall)).toEqual([])
  })

  test('outside the hours it says from when on', async () => {
    answer(
      aCheck({
        isAllowed: false,
        reason: 'calls.outside_hours',
        opensAt: '2026-11-23T07:00:00.000Z',
      }),
    )
    const { user, dialog, to } = await open()
    await user.type(to, '+493012345678')
    expect(await within(dialog).findByText('Outside the hours for calls there')).toBeTruthy()
    expect(dialog.textContent).toMatch(/Possible from .*23/)
  })

  test('a refusal is shown and the next try is another call; a lost answer is the same one', async () => {
    answer()
    onCall(startCall, () => aProblem(429, 'calls.organization_at_capacity', 'All lines are busy.'))
    const { user, dialog, to, call } = await open()
    await user.type(to, '+493012345678')
    await within(dialog).findByText('Can be called now')
    await user.click(call)
    expect((await within(dialog).findByRole('alert')).textContent).toContain('All lines are busy.')
    onCall(startCall, () => aProblem(503, 'request.unavailable'))
    await user.click(call)
    await waitFor(() => expect(requestsTo(startCall)).toHaveLength(2))
    await user.click(call)
    await waitFor(() => expect(requestsTo(startCall)).toHaveLength(3))
    const keys = requestsTo(startCall).map(({ idempotencyKey }) => idempotencyKey)
    expect(keys[0]).not.toBe(keys[1])
    expect(keys[1]).toBe(keys[2])
  })

  test('what is wrong stands at its field, and nothing is sent', async () => {
    answer()
    const { user, dialog, to, call } = await open()
    await user.type(to, '030 12345')
    await user.click(call)
    expect(await within(dialog).findByText('Write the number with its country code')).toBeTruthy()
    expect(document.activeElement).toBe(to)
    expect(requestsTo(startCall)).toEqual([])
    expect(requestsTo(checkOutboundCall)).toEqual([])
  })

  test('loading, failing and having nobody to send are told apart', async () => {
    answer()
    onCall(listAgents, never)
    const loading = renderScreen(<StartCall />)
    await loading.user.click(await screen.findByRole('button', { name: 'Call a number' }))
    expect(await screen.findByRole('status', { name: 'Loading agents and numbers' })).toBeTruthy()
    loading.unmount()

    onCall(listAgents, () => aProblem(403, 'request.forbidden', 'Not for this role.'))
    const failing = renderScreen(<StartCall />)
    await failing.user.click(await screen.findByRole('button', { name: 'Call a number' }))
    expect((await screen.findByRole('alert')).textContent).toContain('Not for this role.')
    failing.unmount()

    onCall(listAgents, aPage([]))
    const { user } = renderScreen(<StartCall />)
    await user.click(await screen.findByRole('button', { name: 'Call a number' }))
    expect(await screen.findByText('No agent is published yet. Publish one first.')).toBeTruthy()
  })
})
