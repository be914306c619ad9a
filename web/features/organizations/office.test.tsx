import { screen, waitFor, within } from '@testing-library/react'
import { describe, expect, test } from 'vitest'
import {
  changeLimits,
  getOrganizationDetail,
  listOrganizations,
  pauseOrganization,
  resumeOrganization,
} from '#contracts/organizations'
import { aProblem, onCall, requestsTo } from '../../testing/api.ts'
import { aMember, anId, aPage } from '../../testing/factories.ts'
import {
  aDetail,
  anOrganization,
  platformManager,
  superAdmin,
} from '../../testing/office-factories.ts'
import { renderScreen } from '../../testing/screen.tsx'
import { OfficeListScreen } from './office-list-screen.tsx'
import { OfficeScreen } from './office-screen.tsx'

const office = <OfficeScreen organizationId={anId(1)} more={[]} />

describe('the list', () => {
  test('a row tells status, money and use, and leads to the organization', async () => {
    onCall(listOrganizations, aPage([anOrganization({ status: 'paused' })]))
    const { user, visited } = renderScreen(<OfficeListScreen />, { me: platformManager() })
    const row = (await screen.findAllByRole('row'))[1]
    expect(row?.textContent).toContain('Paused')
    expect(row?.textContent).toContain('$482.50')
    expect(row?.textContent).toContain('120')
    await user.click(await screen.findByText('$482.50'))
    expect(visited).toEqual([`/platform/organizations/${anId(1)}`])
  })

  test('search and status of the address are asked for', async () => {
    onCall(listOrganizations, aPage([anOrganization()]))
    renderScreen(<OfficeListScreen />, { me: superAdmin(), search: '?q=north&status=active' })
    await screen.findByRole('table')
    expect(requestsTo(listOrganizations)[0]?.query).toEqual({ search: 'north', status: 'active' })
  })

  test('more come by the cursor', async () => {
    onCall(listOrganizations, ({ query }: { query: URLSearchParams }) =>
      query.get('cursor') === 'next'
        ? aPage([anOrganization({ id: anId(2), name: 'Blue Door Realty' })])
        : aPage([anOrganization()], 'next'),
    )
    const { user } = renderScreen(<OfficeListScreen />, { me: superAdmin() })
    await user.click(await screen.findByRole('button', { name: 'Load more' }))
    expect(await screen.findByText('Blue Door Realty')).toBeTruthy()
    expect(screen.getByText('All organizations are shown.')).toBeTruthy()
  })

  test('none at all and none that match are different news', async () => {
    onCall(listOrganizations, aPage([]))
    const empty = renderScreen(<OfficeListScreen />, { me: superAdmin() })
    expect(await screen.findByText('No organizations yet')).toBeTruthy()
    empty.unmount()
    const { user, search } = renderScreen(<OfficeListScreen />, {
      me: superAdmin(),
      search: '?q=zzz',
    })
    await user.click(await screen.findByRole('button', { name: 'Clear filters' }))
    await waitFor(() => expect(search()).toBe(''))
  })

  test('an admin of an organization is refused', () => {
    renderScreen(<OfficeListScreen />, { me: aMember('admin') })
    expect(screen.getByRole('heading', { name: 'You have no access to this page' })).toBeTruthy()
    expect(requestsTo(listOrganizations)).toHaveLength(0)
  })
})

describe('one organization', () => {
  test('a platform manager reads it and finds no button', async () => {
    onCall(getOrganizationDetail, aDetail({ statusReason: 'Unpaid invoice', status: 'paused' }))
    renderScreen(office, { me: platformManager() })
    await screen.findByRole('heading', { level: 1, name: 'Northwind Dental' })
    expect(screen.getByText('Reason given: Unpaid invoice')).toBeTruthy()
    expect(screen.getByRole('link', { name: 'ana@northwind.test' })).toBeTruthy()
    // What is left copies the id.
    expect(screen.getAllByRole('button').map((button) => button.ariaLabel)).toEqual([
      'Copy organization id',
    ])
  })

  test('an id that does not exist, and one that is none, lead back to the list', async () => {
    onCall(getOrganizationDetail, () => aProblem(404, 'organizations.not_found'))
    renderScreen(office, { me: superAdmin() })
    expect(await screen.findByText('There is no such organization')).toBeTruthy()
  })

  test('pausing needs a reason and the name, and says what was done', async () => {
    onCall(getOrganizationDetail, aDetail())
    onCall(pauseOrganization, anOrganization({ status: 'paused' }))
    const { user } = renderScreen(office, { me: superAdmin() })
    await user.click(await screen.findByRole('button', { name: 'Pause' }))
    const dialog = within(await screen.findByRole('dialog'))
    const send = dialog.getByRole<HTMLButtonElement>('button', { name: 'Pause' })
    const name = dialog.getByLabelText('Type Northwind Dental to go on')
    await user.type(name, 'northwind')
    expect(send.disabled).toBe(true)
    await user.clear(name)
    await user.type(name, 'Northwind Dental')
    await user.click(send)
    expect(await dialog.findByText('Fill this in')).toBeTruthy()
    expect(requestsTo(pauseOrganization)).toHaveLength(0)

    await user.type(dialog.getByLabelText('Reason'), 'Unpaid invoice')
    await user.click(send)
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
    expect(requestsTo(pauseOrganization)[0]?.body).toEqual({ reason: 'Unpaid invoice' })
    await waitFor(() => expect(requestsTo(getOrganizationDetail).length).toBeGreaterThan(1))
  })

  test('a refusal stays in the dialog, with what was typed', async () => {
    onCall(getOrganizationDetail, aDetail({ status: 'paused' }))
    onCall(resumeOrganization, () => aProblem(409, 'organizations.busy', 'Somebody was faster.'))
    const { user } = renderScreen(office, { me: superAdmin() })
    await user.click(await screen.findByRole('button', { name: 'Resume' }))
    const dialog = within(await screen.findByRole('dialog'))
    await user.type(dialog.getByLabelText('Reason'), 'Paid')
    await user.click(dialog.getByRole('button', { name: 'Resume' }))
    expect((await dialog.findByRole('alert')).textContent).toContain('Somebody was faster.')
    expect(dialog.getByLabelText<HTMLTextAreaElement>('Reason').value).toBe('Paid')
  })

  test('the focus goes to the first field that is wrong, and back to the button on closing', async () => {
    onCall(getOrganizationDetail, aDetail())
    const { user } = renderScreen(office, { me: superAdmin() })
    const open = await screen.findByRole('button', { name: 'Change' })
    await user.click(open)
    const dialog = within(await screen.findByRole('dialog'))
    const calls = dialog.getByLabelText('Calls at once')
    await user.clear(calls)
    await user.type(calls, '0')
    await user.click(dialog.getByRole('button', { name: 'Change' }))
    expect(await dialog.findByText('At least 1')).toBeTruthy()
    await waitFor(() => expect(document.activeElement).toBe(calls))
    expect(requestsTo(changeLimits)).toHaveLength(0)
    await user.keyboard('{Escape}')
    await waitFor(() => expect(document.activeElement).toBe(open))
  })
})
