import { screen, waitFor, within } from '@testing-library/react'
import { beforeEach, describe, expect, test } from 'vitest'
import { listAgents } from '#contracts/agents'
import {
  connectCarrierAccount,
  disconnectCarrierAccount,
  listCarrierAccounts,
  renameCarrierAccount,
  rotateCarrierToken,
} from '#contracts/carrier-accounts'
import { listPhoneNumbers, updatePhoneNumber } from '#contracts/phone-numbers'
import { aReception } from '../../../testing/agent-factories.ts'
import { aProblem, never, onCall, requestsTo } from '../../../testing/api.ts'
import { aMe, aMember, anId, aPage } from '../../../testing/factories.ts'
import { aNumber, anAccount } from '../../../testing/number-factories.ts'
import { renderScreen } from '../../../testing/screen.tsx'
import { NumbersScreen } from './numbers-screen.tsx'

const night = aReception({ id: anId(651), name: 'Night shift' })

beforeEach(() => {
  onCall(listAgents, aPage([aReception(), night]))
  onCall(listCarrierAccounts, aPage([]))
})

const rowOf = async (text: string): Promise<HTMLElement> => {
  const row = (await screen.findByText(text)).closest('tr')
  if (!row) throw new Error(`${text} stands in no row`)
  return row
}

const paused = () => {
  const person = aMe()
  return {
    ...person,
    membership: person.membership && {
      ...person.membership,
      organizationStatus: 'paused' as const,
    },
  }
}

const paste = async (
  user: ReturnType<typeof renderScreen>['user'],
  field: Element,
  text: string,
) => {
  await user.click(field)
  await user.paste(text)
}

describe('the list', () => {
  test('shows each number with agent, state, abilities and its calls', async () => {
    onCall(
      listPhoneNumbers,
      aPage([
        aNumber(),
        aNumber({
          id: anId(601),
          e164: '+14155550190',
          label: '',
          state: 'failed',
          health: 'failed',
          step: 'buying',
          error: { vendor: 'twilio', code: '21422', message: 'PhoneNumber is not available.' },
          callsLast7Days: 0,
        }),
        aNumber({ id: anId(602), e164: '+14155550191', health: 'drifted' }),
      ]),
    )
    renderScreen(<NumbersScreen />)
    const row = await rowOf('(500) 555-0006')
    expect(within(row).getByText('Front desk')).toBeTruthy()
    expect(within(row).getByText('Active')).toBeTruthy()
    expect(within(row).getByText('Voice, SMS')).toBeTruthy()
    const calls = within(row).getByRole('link', { name: '12' })
    expect(calls.getAttribute('href')).toBe('/calls?number=%2B15005550006')
    const failed = await rowOf('(415) 555-0190')
    expect(within(failed).getByText('PhoneNumber is not available.')).toBeTruthy()
    expect(within(await rowOf('(415) 555-0191')).getByText('Changed outside')).toBeTruthy()
  })

  test('a row opens the number; choosing an agent in it does not', async () => {
    onCall(listPhoneNumbers, aPage([aNumber()]))
    onCall(updatePhoneNumber, never)
    const { user, visited } = renderScreen(<NumbersScreen />)
    const row = await rowOf('(500) 555-0006')
    await within(row).findByRole('option', { name: 'Night shift' })
    await user.selectOptions(within(row).getByRole('combobox'), 'Night shift')
    expect(visited).toEqual([])
    await user.click(within(row).getByText('Active'))
    expect(visited).toEqual([`/numbers/${anId(600)}`])
  })

  test('another agent counts once the API has taken it', async () => {
    let taken = aNumber()
    onCall(listPhoneNumbers, () => aPage([taken]))
    let answer = () => {}
    onCall(updatePhoneNumber, async () => {
      await new Promise<void>((resolve) => {
        answer = resolve
      })
      taken = aNumber({ agentId: night.id, agentName: night.name })
      return taken
    })
    const { user } = renderScreen(<NumbersScreen />)
    const choice = await screen.findByRole<HTMLSelectElement>('combobox', {
      name: 'Agent of (500) 555-0006',
    })
    await within(choice).findByRole('option', { name: 'Night shift' })
    await user.selectOptions(choice, 'Night shift')
    await waitFor(() => expect(choice.disabled).toBe(true))
    await waitFor(() => expect(requestsTo(updatePhoneNumber)).toHaveLength(1))
    answer()
    await waitFor(() => expect(choice.disabled).toBe(false))
    expect(choice.value).toBe(night.id)
    expect(requestsTo(updatePhoneNumber)).toMatchObject([{ body: { agentId: night.id } }])
  })

  test('a refused agent leaves the old one and says why in the row', async () => {
    onCall(listPhoneNumbers, aPage([aNumber()]))
    onCall(updatePhoneNumber, () =>
      aProblem(409, 'phone-numbers.agent_not_ready', 'Publish the agent first.'),
    )
    const { user } = renderScreen(<NumbersScreen />)
    const choice = await screen.findByRole<HTMLSelectElement>('combobox', { name: /Agent of/ })
    await user.selectOptions(choice, 'No agent')
    expect((await screen.findByRole('alert')).textContent).toBe('Publish the agent first.')
    expect(choice.value).toBe(anId(650))
    expect(requestsTo(updatePhoneNumber)).toMatchObject([{ body: { agentId: null } }])
  })

  test('is asked for again while a number is being set up, until it is', async () => {
    let asked = 0
    onCall(listPhoneNumbers, () => {
      asked += 1
      return aPage([asked < 2 ? aNumber({ state: 'importing', health: 'working' }) : aNumber()])
    })
    renderScreen(<NumbersScreen />)
    expect(await screen.findByText('Being set up')).toBeTruthy()
    expect(await screen.findByText('Active')).toBeTruthy()
    expect(asked).toBe(2)
  })

  test('none at all, and none that match, are different news', async () => {
    onCall(listPhoneNumbers, aPage([]))
    const { user, visited } = renderScreen(<NumbersScreen />, { search: '?state=released' })
    expect(await screen.findByText('No number matches these filters')).toBeTruthy()
    expect(requestsTo(listPhoneNumbers)[0]?.query).toMatchObject({ state: 'released' })
    await user.click(screen.getByRole('button', { name: 'Clear filters' }))
    expect(await screen.findByText('No numbers yet')).toBeTruthy()
    await user.click(screen.getAllByRole('button', { name: 'Import number' })[0] as HTMLElement)
    expect(visited).toEqual(['/numbers/import'])
  })

  test('while it loads the bones say so; a failure says why and tries again', async () => {
    onCall(listPhoneNumbers, never)
    const { unmount } = renderScreen(<NumbersScreen />)
    expect(await screen.findByRole('status', { name: 'Loading numbers' })).toBeTruthy()
    unmount()
    onCall(listPhoneNumbers, () => aProblem(500, 'internal'))
    const { user } = renderScreen(<NumbersScreen />)
    expect((await screen.findByRole('alert')).textContent).toContain('req_1')
    onCall(listPhoneNumbers, aPage([aNumber()]))
    await user.click(screen.getByRole('button', { name: 'Try again' }))
    expect(await rowOf('(500) 555-0006')).toBeTruthy()
  })

  test('readers see it without a way to change anything', async () => {
    onCall(listPhoneNumbers, aPage([aNumber()]))
    renderScreen(<NumbersScreen />, { me: aMember('org_manager') })
    const row = await rowOf('(500) 555-0006')
    expect(within(row).getByText('Reception')).toBeTruthy()
    expect(screen.queryByRole('combobox')).toBeNull()
    expect(screen.queryByRole('button', { name: 'Import number' })).toBeNull()
  })

  test('sales people are told whom to ask', async () => {
    renderScreen(<NumbersScreen />, { me: aMember('sales_person') })
    expect(await screen.findByText('It needs the role Admin or Manager.')).toBeTruthy()
    expect(requestsTo(listPhoneNumbers)).toHaveLength(0)
  })

  test('in a paused organization agents stay as they are', async () => {
    onCall(listPhoneNumbers, aPage([aNumber()]))
    const { user, visited } = renderScreen(<NumbersScreen />, { me: paused() })
    const choice = await screen.findByRole<HTMLSelectElement>('combobox', { name: /Agent of/ })
    expect(choice.disabled).toBe(true)
    await user.click(screen.getByRole('button', { name: 'Import number' }))
    expect(visited).toEqual([])
  })
})

describe('Twilio accounts', () => {
  const show = (search = '?tab=accounts') => renderScreen(<NumbersScreen />, { search })
  const openMenu = async (user: ReturnType<typeof show>['user'], item: string) => {
    await user.click(await screen.findByRole('button', { name: 'Actions for Main account' }))
    await user.click(await screen.findByRole('menuitem', { name: item }))
  }

  test('stand with their state, their numbers and only the end of the token', async () => {
    onCall(
      listCarrierAccounts,
      aPage([
        anAccount({ phoneNumbers: 2 }),
        anAccount({ id: anId(621), label: 'Old one', state: 'refused' }),
      ]),
    )
    show()
    const row = await rowOf('Main account')
    expect(row.textContent).toContain('ends in 9f3a')
    expect(within(row).getByText('Verified', { selector: 'td span' })).toBeTruthy()
    const numbers = within(row).getByRole('link', { name: '2' })
    expect(numbers.getAttribute('href')).toBe(`/numbers?account=${anId(620)}`)
    const old = await rowOf('Old one')
    expect(old.textContent).toContain('Twilio does not take the token any more. Replace it.')
  })

  test('connecting asks Twilio; its refusal keeps what was typed and says why', async () => {
    onCall(connectCarrierAccount, () =>
      aProblem(422, 'carrier-accounts.refused', 'Twilio does not take this token.'),
    )
    const { user } = show()
    await user.click(
      (await screen.findAllByRole('button', { name: 'Connect account' }))[0] as never,
    )
    const dialog = await screen.findByRole('dialog', { name: 'Connect a Twilio account' })
    await user.click(within(dialog).getByRole('button', { name: 'Connect' }))
    expect(await within(dialog).findByText('AC and 32 hexadecimal digits')).toBeTruthy()
    expect(within(dialog).getByText('At least 16 characters without spaces')).toBeTruthy()
    const sid = `AC${'2'.repeat(32)}`
    await paste(user, within(dialog).getByLabelText('Account SID'), ` ${sid} `)
    const token = within(dialog).getByLabelText<HTMLInputElement>('Auth token')
    await paste(user, token, 'a'.repeat(32))
    expect(token.type).toBe('password')
    await user.click(within(dialog).getByRole('button', { name: 'Connect' }))
    const alert = await within(dialog).findByRole('alert')
    expect(alert.textContent).toContain('Twilio does not take this token.')
    expect(requestsTo(connectCarrierAccount)).toMatchObject([
      { body: { twilioAccountSid: sid, authToken: 'a'.repeat(32), label: '' } },
    ])
    onCall(connectCarrierAccount, anAccount())
    onCall(listCarrierAccounts, aPage([anAccount()]))
    await user.click(within(dialog).getByRole('button', { name: 'Connect' }))
    expect(await rowOf('Main account')).toBeTruthy()
    expect(screen.queryByRole('dialog')).toBeNull()
  })

  test('a token is replaced, a label changed', async () => {
    onCall(listCarrierAccounts, aPage([anAccount()]))
    onCall(rotateCarrierToken, anAccount({ authTokenLastFour: 'bbbb' }))
    onCall(renameCarrierAccount, anAccount({ label: 'Clinic' }))
    const { user } = show()
    await openMenu(user, 'Replace token')
    const rotating = await screen.findByRole('dialog')
    expect(rotating.textContent).toContain('ends in 9f3a')
    await paste(user, within(rotating).getByLabelText('Auth token'), 'b'.repeat(32))
    await user.click(within(rotating).getByRole('button', { name: 'Replace' }))
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
    expect(requestsTo(rotateCarrierToken)).toMatchObject([{ body: { authToken: 'b'.repeat(32) } }])
    await openMenu(user, 'Rename')
    const label = within(await screen.findByRole('dialog')).getByLabelText('Label')
    await user.clear(label)
    await user.type(label, 'Clinic{Enter}')
    await waitFor(() => expect(requestsTo(renameCarrierAccount)).toHaveLength(1))
    expect(requestsTo(renameCarrierAccount)).toMatchObject([{ body: { label: 'Clinic' } }])
  })

  test('one that numbers need stays connected, also where the API knows of them first', async () => {
    onCall(listCarrierAccounts, aPage([anAccount({ phoneNumbers: 1 })]))
    const first = show()
    await first.user.click(await screen.findByRole('button', { name: /^Actions for/ }))
    const item = await screen.findByRole('menuitem', { name: /^Disconnect/ })
    expect(item.getAttribute('aria-disabled')).toBe('true')
    expect(screen.getByText('One number needs it: release it first')).toBeTruthy()
    first.unmount()
    onCall(listCarrierAccounts, aPage([anAccount()]))
    onCall(disconnectCarrierAccount, () =>
      aProblem(409, 'carrier-accounts.in_use', 'Release its numbers first.'),
    )
    const { user } = show()
    await openMenu(user, 'Disconnect')
    const dialog = await screen.findByRole('dialog', { name: 'Disconnect Main account?' })
    await user.click(within(dialog).getByRole('button', { name: 'Disconnect' }))
    const alert = await within(dialog).findByRole('alert')
    expect(alert.textContent).toContain('Release its numbers first.')
  })

  test('none yet says what one is good for; readers get no button', async () => {
    renderScreen(<NumbersScreen />, { search: '?tab=accounts', me: aMember('org_manager') })
    expect(await screen.findByText('No Twilio account is connected')).toBeTruthy()
    expect(screen.queryByRole('button', { name: 'Connect account' })).toBeNull()
  })
})
