import { screen, waitFor, within } from '@testing-library/react'
import { HttpResponse } from 'msw'
import { beforeEach, describe, expect, test } from 'vitest'
import { listAgents } from '#contracts/agents'
import { connectCarrierAccount, listCarrierAccounts } from '#contracts/carrier-accounts'
import {
  buyPhoneNumber,
  importPhoneNumber,
  listHeldNumbers,
  searchAvailableNumbers,
} from '#contracts/phone-numbers'
import { aReception } from '../../../../testing/agent-factories.ts'
import { aProblem, onCall, requestsTo } from '../../../../testing/api.ts'
import { aMember, anId, aPage } from '../../../../testing/factories.ts'
import { aNumber, anAccount } from '../../../../testing/number-factories.ts'
import { renderScreen } from '../../../../testing/screen.tsx'
import { ImportNumber } from './import-number.tsx'

const capabilities = { voice: true, sms: true, mms: true }
const offers = {
  items: ['+14155550100', '+14155550101'].map((e164) => ({
    e164,
    locality: 'San Francisco',
    region: 'CA',
    country: 'US',
    capabilities,
  })),
  monthlyPrice: { amountMicros: 1_150_000, currency: 'usd' },
  paidBy: 'platform',
}
const held = {
  items: [
    {
      e164: '+14155550190',
      friendlyName: 'Front desk',
      capabilities,
      voiceUrl: 'https://old.test/',
    },
  ],
}

beforeEach(() => {
  onCall(listAgents, aPage([aReception()]))
  onCall(listCarrierAccounts, aPage([anAccount()]))
  onCall(searchAvailableNumbers, offers)
  onCall(listHeldNumbers, held)
})

const choose = async (user: ReturnType<typeof renderScreen>['user'], name: RegExp | string) =>
  user.click(await screen.findByRole('radio', { name }))

const paste = async (
  user: ReturnType<typeof renderScreen>['user'],
  field: Element,
  text: string,
) => {
  await user.click(field)
  await user.paste(text)
}

describe('buying', () => {
  test('goes by search, price, the number typed, and leads to the number', async () => {
    onCall(buyPhoneNumber, aNumber({ id: anId(601), state: 'importing', health: 'working' }))
    const { user, visited, search } = renderScreen(<ImportNumber />)
    await choose(user, 'A new number from VoxCalls')
    expect(await screen.findByText(/\$1\.15 a month for each, paid by VoxCalls/)).toBeTruthy()
    await user.type(screen.getByLabelText('Area code'), '415{Enter}')
    await waitFor(() =>
      expect(requestsTo(searchAvailableNumbers).at(-1)?.query).toMatchObject({
        country: 'US',
        areaCode: '415',
      }),
    )
    await choose(user, /\(415\) 555-0101/)
    expect(search()).toContain('number=')
    const step = within(await screen.findByRole('region', { name: 'Who answers it' }))
    await step.findByRole('option', { name: 'Reception' })
    await user.selectOptions(step.getByLabelText('Agent'), 'Reception')
    await user.click(step.getByRole('button', { name: 'Buy (415) 555-0101' }))
    const dialog = within(await screen.findByRole('dialog', { name: 'Buy (415) 555-0101?' }))
    expect(dialog.getByText(/\$1\.15 a month/)).toBeTruthy()
    const action = dialog.getByRole<HTMLButtonElement>('button', { name: 'Buy' })
    await user.type(dialog.getByLabelText(/^Type \+14155550101/), '+1 415 555 010')
    expect(action.disabled).toBe(true)
    await user.type(dialog.getByLabelText(/^Type/), '1')
    await user.dblClick(action)
    await waitFor(() => expect(visited).toEqual([`/numbers/${anId(601)}`]))
    expect(requestsTo(buyPhoneNumber)).toMatchObject([
      {
        body: {
          e164: '+14155550101',
          confirmE164: '+14155550101',
          carrierAccountId: null,
          agentId: anId(650),
          route: 'gateway',
        },
      },
    ])
  })

  test('a purchase without an answer is sent again under the same key', async () => {
    onCall(buyPhoneNumber, () => HttpResponse.error())
    const { user } = renderScreen(<ImportNumber />, {
      search: '?from=platform&number=%2B14155550100',
    })
    const buy = async () => {
      await user.click(await screen.findByRole('button', { name: 'Buy (415) 555-0100' }))
      const dialog = within(await screen.findByRole('dialog'))
      await user.type(dialog.getByLabelText(/^Type/), '+14155550100{Enter}')
      expect(await dialog.findByRole('alert')).toBeTruthy()
      await user.click(dialog.getByRole('button', { name: 'Cancel' }))
    }
    await buy()
    await buy()
    const keys = requestsTo(buyPhoneNumber).map(({ idempotencyKey }) => idempotencyKey)
    expect(keys).toHaveLength(2)
    expect(keys[0]).toBeTruthy()
    expect(keys[1]).toBe(keys[0])
  })

  test('what is typed wrong is not asked for; nothing found says what to try', async () => {
    onCall(searchAvailableNumbers, { ...offers, items: [] })
    const { user } = renderScreen(<ImportNumber />, { search: '?from=platform' })
    expect(await screen.findByText(/Twilio has no such number now/)).toBeTruthy()
    await user.type(screen.getByLabelText('Contains'), 'abc{Enter}')
    expect(await screen.findByText('Two digits or more, and *')).toBeTruthy()
    expect(requestsTo(searchAvailableNumbers)).toHaveLength(1)
  })
})

describe('an own account', () => {
  test('gives one of its numbers, which is imported once', async () => {
    onCall(importPhoneNumber, aNumber({ id: anId(602) }))
    const { user, visited } = renderScreen(<ImportNumber />)
    await choose(user, 'Main account')
    await choose(user, /\(415\) 555-0190/)
    expect(screen.getByText('Front desk, answered by https://old.test/ today')).toBeTruthy()
    await user.click(await screen.findByRole('button', { name: 'Import (415) 555-0190' }))
    await waitFor(() => expect(visited).toEqual([`/numbers/${anId(602)}`]))
    expect(requestsTo(importPhoneNumber)).toMatchObject([
      { body: { e164: '+14155550190', carrierAccountId: anId(620), agentId: null } },
    ])
    expect(requestsTo(importPhoneNumber)[0]?.idempotencyKey).toBeTruthy()
  })

  test('a number somebody else has is refused in place', async () => {
    onCall(importPhoneNumber, () => aProblem(409, 'phone-numbers.taken', 'It is in service.'))
    const { user, visited } = renderScreen(<ImportNumber />, {
      search: `?from=${anId(620)}&number=%2B14155550190`,
    })
    await user.click(await screen.findByRole('button', { name: 'Import (415) 555-0190' }))
    expect((await screen.findByRole('alert')).textContent).toContain('It is in service.')
    expect(visited).toEqual([])
  })

  test('buys in its own name where it is asked to', async () => {
    onCall(searchAvailableNumbers, { ...offers, paidBy: 'carrier_account' })
    const { user } = renderScreen(<ImportNumber />, { search: `?from=${anId(620)}` })
    await choose(user, 'Buy a new one in this account')
    expect(await screen.findByText(/charged to your Twilio account/)).toBeTruthy()
    expect(requestsTo(searchAvailableNumbers)[0]?.query).toMatchObject({
      carrierAccountId: anId(620),
    })
  })

  test('is connected on the way and chosen at once', async () => {
    onCall(listCarrierAccounts, aPage([]))
    onCall(connectCarrierAccount, () => {
      onCall(listCarrierAccounts, aPage([anAccount()]))
      return anAccount()
    })
    const { user } = renderScreen(<ImportNumber />)
    await user.click(await screen.findByRole('button', { name: 'Connect a Twilio account' }))
    const dialog = within(await screen.findByRole('dialog'))
    await paste(user, dialog.getByLabelText('Account SID'), `AC${'1'.repeat(32)}`)
    await paste(user, dialog.getByLabelText('Auth token'), 'a'.repeat(32))
    await user.click(dialog.getByRole('button', { name: 'Connect' }))
    expect(await screen.findByRole('radio', { name: /\(415\) 555-0190/ })).toBeTruthy()
  })

  test('without numbers, or without an answer of Twilio’s, says so', async () => {
    onCall(listHeldNumbers, { items: [] })
    const { unmount } = renderScreen(<ImportNumber />, { search: `?from=${anId(620)}` })
    expect(await screen.findByText(/holds no voice number/)).toBeTruthy()
    unmount()
    onCall(listHeldNumbers, () => aProblem(503, 'vendor.unavailable'))
    renderScreen(<ImportNumber />, { search: `?from=${anId(620)}` })
    expect((await screen.findByRole('alert')).textContent).toContain(
      'Twilio could not be asked for the numbers.',
    )
  })
})

test('readers cannot begin', async () => {
  renderScreen(<ImportNumber />, { me: aMember('org_manager') })
  expect(await screen.findByText('It needs the role Admin.')).toBeTruthy()
})
