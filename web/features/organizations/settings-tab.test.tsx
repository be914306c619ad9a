import { screen, waitFor, within } from '@testing-library/react'
import { describe, expect, test } from 'vitest'
import { getMe } from '#contracts/access'
import { getOrganization, updateOrganization } from '#contracts/organizations'
import { aProblem, never, onCall, requestsTo } from '../../testing/api.ts'
import { aMe } from '../../testing/factories.ts'
import { renderScreen } from '../../testing/screen.tsx'
import { someSettings } from '../../testing/team-factories.ts'
import { SettingsTab } from './settings-tab.tsx'

function open(me = aMe()) {
  onCall(getOrganization, someSettings())
  onCall(getMe, me)
  onCall(updateOrganization, ({ body }: { body: unknown }) => ({
    ...someSettings(),
    ...(body as object),
  }))
  return renderScreen(
    <>
      <a href="/calls">Elsewhere</a>
      <SettingsTab />
    </>,
    { me },
  )
}

describe('saving', () => {
  test('sends what was changed and nothing else, then the bar goes', async () => {
    const { user } = open()
    const name = await screen.findByLabelText('Name')
    expect(screen.queryByText('There are unsaved changes.')).toBeNull()
    await user.clear(name)
    await user.type(name, 'Northwind Care')
    await user.click(screen.getByRole('checkbox', { name: /Sales people see/ }))
    await user.click(await screen.findByRole('button', { name: 'Save' }))
    await waitFor(() => expect(screen.queryByText('There are unsaved changes.')).toBeNull())
    expect(requestsTo(updateOrganization).map(({ body }) => body)).toEqual([
      { name: 'Northwind Care', repSeesAnalysisFirst: true },
    ])
  })

  test('works by Ctrl S, and Discard brings back what was', async () => {
    const { user } = open()
    const days = await screen.findByLabelText('Recordings, in days')
    await user.clear(days)
    await user.type(days, '30')
    await user.keyboard('{Control>}s{/Control}')
    await waitFor(() =>
      expect(requestsTo(updateOrganization)[0]?.body).toEqual({ recordingRetentionDays: 30 }),
    )
    await user.clear(days)
    await user.type(days, '7')
    await user.click(await screen.findByRole('button', { name: 'Discard' }))
    expect((days as HTMLInputElement).value).toBe('30')
  })

  test('of what the contract refuses is told at the field and not sent', async () => {
    const { user } = open()
    const days = await screen.findByLabelText('Recordings, in days')
    await user.clear(days)
    await user.type(days, '5000')
    await user.click(await screen.findByRole('button', { name: 'Save' }))
    expect(await screen.findByText('At most 3,650')).toBeTruthy()
    expect(requestsTo(updateOrganization)).toHaveLength(0)
  })

  test('a field the server refuses is marked; another refusal stands below the form', async () => {
    const { user } = open()
    onCall(updateOrganization, () =>
      Response.json(
        {
          type: 'about:blank',
          title: 'Refused',
          status: 400,
          detail: 'Some fields are not valid.',
          code: 'request.invalid',
          requestId: 'req_1',
          errors: [{ path: 'body.name', message: 'is taken' }],
        },
        { status: 400 },
      ),
    )
    await user.type(await screen.findByLabelText('Name'), ' Two')
    await user.click(await screen.findByRole('button', { name: 'Save' }))
    expect(await screen.findByText('is taken')).toBeTruthy()
    onCall(updateOrganization, () => aProblem(403, 'organization.not_active', 'It is paused.'))
    await user.click(screen.getByRole('button', { name: 'Save' }))
    expect((await screen.findByRole('alert')).textContent).toContain('It is paused.')
    expect(screen.getByText('There are unsaved changes.')).toBeTruthy()
  })
})

describe('lists within the form', () => {
  test('addresses are added by Enter, checked, and removed', async () => {
    const { user } = open()
    const field = await screen.findByLabelText('Further addresses')
    await user.type(field, 'nonsense{Enter}')
    expect(await screen.findByText('This is not an e-mail address')).toBeTruthy()
    await user.clear(field)
    await user.type(field, 'money@northwind.test{Enter}')
    const list = screen.getByRole('list', { name: 'Further addresses' })
    expect(within(list).getByText('money@northwind.test')).toBeTruthy()
    expect(requestsTo(updateOrganization)).toHaveLength(0)
    await user.click(screen.getByRole('button', { name: 'Remove money@northwind.test' }))
    expect(screen.queryByText('There are unsaved changes.')).toBeNull()
  })

  test('countries are named; without any the effect is said', async () => {
    const { user } = open()
    await user.click(await screen.findByRole('button', { name: 'Remove United States' }))
    expect(screen.getByText('None is chosen: every outgoing call is refused.')).toBeTruthy()
    await user.click(await screen.findByRole('button', { name: 'Save' }))
    await waitFor(() =>
      expect(requestsTo(updateOrganization)[0]?.body).toEqual({ allowedCountries: [] }),
    )
  })
})

describe('leaving', () => {
  test('by a link with unsaved changes asks first', async () => {
    const { user } = open()
    await user.type(await screen.findByLabelText('Name'), ' Two')
    const followed: string[] = []
    const link = screen.getByRole('link', { name: 'Elsewhere' })
    link.addEventListener('click', (event) => {
      event.preventDefault()
      followed.push('followed')
    })
    await user.click(link)
    const dialog = await screen.findByRole('dialog', { name: 'Leave without saving?' })
    expect(followed).toEqual([])
    await user.click(within(dialog).getByRole('button', { name: 'Leave' }))
    await waitFor(() => expect(followed).toEqual(['followed']))
  })

  test('without changes asks nothing', async () => {
    const { user } = open()
    await screen.findByLabelText('Name')
    const followed: string[] = []
    const link = screen.getByRole('link', { name: 'Elsewhere' })
    link.addEventListener('click', (event) => {
      event.preventDefault()
      followed.push('followed')
    })
    await user.click(link)
    expect(followed).toEqual(['followed'])
  })
})

describe('states', () => {
  test('loading and failing stand where the form would be', async () => {
    onCall(getOrganization, never)
    const waiting = renderScreen(<SettingsTab />)
    expect(await screen.findByRole('status', { name: 'Loading settings' })).toBeTruthy()
    waiting.unmount()
    onCall(getOrganization, () => aProblem(500, 'internal'))
    renderScreen(<SettingsTab />)
    expect((await screen.findByRole('alert')).textContent).toContain('could not be loaded')
  })

  test('a paused organization is read, with the reason, and cannot be typed into', async () => {
    const me = aMe()
    open(aMe({ membership: me.membership && { ...me.membership, organizationStatus: 'paused' } }))
    const name = await screen.findByLabelText('Name')
    expect(name.matches(':disabled')).toBe(true)
    expect(screen.getByText(/The organization is paused/)).toBeTruthy()
  })
})
