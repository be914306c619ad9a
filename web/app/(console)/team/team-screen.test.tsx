import { screen, waitFor, within } from '@testing-library/react'
import { describe, expect, test } from 'vitest'
import {
  createInvitation,
  getInvitationLink,
  listInvitations,
  resendInvitation,
  revokeInvitation,
} from '#contracts/invitations'
import { changeRole, leaveOrganization, listMembers, removeMember } from '#contracts/members'
import { aProblem, never, onCall, requestsTo } from '../../../testing/api.ts'
import { aMe, aMember, anId, aPage } from '../../../testing/factories.ts'
import { renderScreen } from '../../../testing/screen.tsx'
import { anInvitation, aPerson, aRep } from '../../../testing/team-factories.ts'
import { TeamScreen } from './team-screen.tsx'

const answerMembers = (people = [aRep(), aPerson()]) =>
  onCall(listMembers, ({ query }: { query: URLSearchParams }) =>
    aPage(query.get('role') === 'admin' ? people.filter(({ role }) => role === 'admin') : people),
  )

const rowOf = async (name: string): Promise<HTMLElement> => {
  const table = await screen.findByRole('table')
  const row = (await within(table).findByText(name)).closest('tr')
  if (!row) throw new Error(`${name} stands in no row`)
  return row
}

describe('members', () => {
  test('are shown with role, activity and a mark at oneself', async () => {
    answerMembers()
    renderScreen(<TeamScreen />)
    expect((await rowOf('Rita Rep')).textContent).toContain('Never')
    expect((await rowOf('Ana Morales')).textContent).toContain('(you)')
  })

  test('the only admin keeps the role, and the reason stands there', async () => {
    answerMembers()
    renderScreen(<TeamScreen />)
    const own = await rowOf('Ana Morales')
    const select = within(own).getByRole('combobox', { name: 'Role of Ana Morales' })
    await waitFor(() => expect((select as HTMLSelectElement).disabled).toBe(true))
    expect(own.textContent).toContain('The only admin')
    const remove = within(own).getByRole('button', { name: 'Remove Ana Morales' })
    expect(remove.getAttribute('aria-disabled')).toBe('true')
  })

  test('with two admins either can be changed', async () => {
    answerMembers([aPerson(), aPerson({ id: anId(12), userId: anId(912), name: 'Bo Berg' })])
    renderScreen(<TeamScreen />)
    const select = within(await rowOf('Bo Berg')).getByRole('combobox')
    await waitFor(() => expect(requestsTo(listMembers).length).toBeGreaterThan(1))
    expect((select as HTMLSelectElement).disabled).toBe(false)
  })

  test('a role changes only after it was confirmed', async () => {
    answerMembers()
    onCall(changeRole, aRep({ role: 'org_manager' }))
    const { user } = renderScreen(<TeamScreen />)
    await user.selectOptions(within(await rowOf('Rita Rep')).getByRole('combobox'), 'org_manager')
    expect(requestsTo(changeRole)).toHaveLength(0)
    const dialog = await screen.findByRole('dialog', { name: 'Make Rita Rep Manager?' })
    await user.click(within(dialog).getByRole('button', { name: 'Change role' }))
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
    expect(requestsTo(changeRole)).toMatchObject([
      { path: `/v1/members/${anId(11)}`, body: { role: 'org_manager' } },
    ])
  })

  test('a refused change says why and leaves the question open', async () => {
    answerMembers()
    onCall(changeRole, () =>
      aProblem(409, 'members.last_admin', 'An organization keeps at least one admin.'),
    )
    const { user } = renderScreen(<TeamScreen />)
    await user.selectOptions(within(await rowOf('Rita Rep')).getByRole('combobox'), 'admin')
    const dialog = await screen.findByRole('dialog')
    await user.click(within(dialog).getByRole('button', { name: 'Change role' }))
    expect((await within(dialog).findByRole('alert')).textContent).toContain('at least one admin')
  })

  test('removing somebody asks first, names the effect and then asks for the list again', async () => {
    answerMembers()
    onCall(removeMember, () => new Response(null, { status: 204 }))
    const { user } = renderScreen(<TeamScreen />)
    await user.click(within(await rowOf('Rita Rep')).getByRole('button', { name: /Remove/ }))
    const dialog = await screen.findByRole('dialog', { name: /Remove Rita Rep/ })
    expect(dialog.textContent).toContain('They lose access at once')
    const before = requestsTo(listMembers).length
    await user.click(within(dialog).getByRole('button', { name: 'Remove' }))
    await waitFor(() => expect(requestsTo(listMembers).length).toBeGreaterThan(before))
    expect(requestsTo(removeMember)).toHaveLength(1)
  })

  test('removing oneself is leaving, and a refusal stays with the question', async () => {
    answerMembers([aPerson(), aPerson({ id: anId(12), userId: anId(912), name: 'Bo Berg' })])
    const answers = [
      aProblem(409, 'members.last_admin', 'An organization keeps at least one admin.'),
      new Response(null, { status: 204 }),
    ]
    onCall(leaveOrganization, () => answers.shift() ?? never())
    const { user } = renderScreen(<TeamScreen />)
    await user.click(within(await rowOf('Ana Morales')).getByRole('button', { name: /Remove/ }))
    const dialog = await screen.findByRole('dialog', { name: 'Leave the organization?' })
    const leave = within(dialog).getByRole('button', { name: 'Leave' })
    await user.click(leave)
    expect((await within(dialog).findByRole('alert')).textContent).toContain('at least one admin')
    await user.click(leave)
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
    expect(requestsTo(leaveOrganization)).toHaveLength(2)
  })

  test('search and role narrow the list and stand in the address', async () => {
    answerMembers()
    const { user, search } = renderScreen(<TeamScreen />)
    await user.type(await screen.findByRole('searchbox', { name: 'Name or address' }), 'rita')
    await waitFor(() => expect(search()).toContain('q=rita'))
    await user.click(screen.getByRole('button', { name: 'Role' }))
    await user.click(await screen.findByRole('menuitemradio', { name: 'Sales' }))
    await waitFor(() =>
      expect(requestsTo(listMembers).at(-1)?.query).toMatchObject({
        search: 'rita',
        role: 'sales_person',
      }),
    )
    expect(search()).toContain('role=sales_person')
  })

  test('none that match is other news than nobody', async () => {
    onCall(listMembers, aPage([]))
    const { user, search } = renderScreen(<TeamScreen />, { search: '?q=zz' })
    expect(await screen.findByText('No member matches these filters')).toBeTruthy()
    await user.click(screen.getByRole('button', { name: 'Clear filters' }))
    await waitFor(() => expect(search()).not.toContain('q='))
  })

  test('a manager reads: no selects, no buttons, no invitations', async () => {
    answerMembers()
    renderScreen(<TeamScreen />, { me: aMember('org_manager') })
    const row = await rowOf('Rita Rep')
    expect(row.textContent).toContain('Sales')
    expect(screen.queryByRole('combobox')).toBeNull()
    expect(screen.queryByRole('button', { name: /Remove|Invite/ })).toBeNull()
    expect(screen.queryByRole('tab')).toBeNull()
    expect(requestsTo(listMembers)).toHaveLength(1)
  })

  test('a sales person is refused before anything is asked, and told which roles may', () => {
    renderScreen(<TeamScreen />, { me: aMember('sales_person') })
    expect(screen.getByRole('heading', { level: 1 }).textContent).toContain('no access')
    expect(screen.getByText('It needs the role Admin or Manager.')).toBeTruthy()
    expect(requestsTo(listMembers)).toHaveLength(0)
  })

  test('in a paused organization everything is read and nothing can be pressed', async () => {
    answerMembers([aRep(), aPerson(), aPerson({ id: anId(12), name: 'Bo Berg' })])
    const me = aMe()
    const paused = aMe({
      membership: me.membership && { ...me.membership, organizationStatus: 'paused' },
    })
    const { user } = renderScreen(<TeamScreen />, { me: paused })
    const row = await rowOf('Rita Rep')
    expect(row.textContent).toContain('The organization is paused')
    await user.click(screen.getByRole('button', { name: 'Invite' }))
    expect(screen.queryByRole('dialog')).toBeNull()
  })
})

describe('invitations', () => {
  const opened = { search: '?tab=invitations' }

  test('show how each stands', async () => {
    onCall(
      listInvitations,
      aPage([
        anInvitation({ sentAt: null }),
        anInvitation({ id: anId(22), email: 'old@x.test', status: 'expired' }),
        anInvitation({ id: anId(23), email: 'in@x.test', status: 'accepted' }),
      ]),
    )
    renderScreen(<TeamScreen />, opened)
    expect((await rowOf('new@northwind.test')).textContent).toContain('Being sent')
    expect((await rowOf('old@x.test')).textContent).toContain('Expired')
    expect(within(await rowOf('in@x.test')).queryByRole('button')).toBeNull()
  })

  test('loading, failing and empty each have words of their own', async () => {
    onCall(listInvitations, never)
    const waiting = renderScreen(<TeamScreen />, opened)
    expect(await screen.findByRole('status', { name: 'Loading invitations' })).toBeTruthy()
    waiting.unmount()
    onCall(listInvitations, () => aProblem(500, 'internal'))
    const failing = renderScreen(<TeamScreen />, opened)
    expect((await screen.findByRole('alert')).textContent).toContain('could not be loaded')
    failing.unmount()
    onCall(listInvitations, aPage([]))
    renderScreen(<TeamScreen />, opened)
    expect(await screen.findByText('Nobody has been invited yet')).toBeTruthy()
  })

  test('somebody is invited with a role, under a key of its own', async () => {
    onCall(listInvitations, aPage([]))
    onCall(createInvitation, anInvitation())
    const { user } = renderScreen(<TeamScreen />, opened)
    await user.click((await screen.findAllByRole('button', { name: 'Invite' }))[0] as HTMLElement)
    const dialog = await screen.findByRole('dialog', { name: 'Invite a colleague' })
    await user.type(within(dialog).getByLabelText('E-mail address'), 'new@northwind.test')
    await user.click(within(dialog).getByRole('radio', { name: 'Manager' }))
    await user.click(within(dialog).getByRole('button', { name: 'Send invitation' }))
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
    const [sent] = requestsTo(createInvitation)
    expect(sent?.body).toEqual({ email: 'new@northwind.test', role: 'org_manager' })
    expect(sent?.idempotencyKey).toMatch(/^[\w-]{36}$/)
  })

  test('a mistyped address is told at the field and sends nothing', async () => {
    onCall(listInvitations, aPage([]))
    const { user } = renderScreen(<TeamScreen />, opened)
    await user.click((await screen.findAllByRole('button', { name: 'Invite' }))[0] as HTMLElement)
    const field = await screen.findByLabelText('E-mail address')
    await user.click(screen.getByRole('button', { name: 'Send invitation' }))
    expect(await screen.findByText('Fill this in')).toBeTruthy()
    await user.type(field, 'new@')
    expect(await screen.findByText('This is not an e-mail address')).toBeTruthy()
    expect(field.getAttribute('aria-invalid')).toBe('true')
    expect(requestsTo(createInvitation)).toHaveLength(0)
  })

  test('what the server has against it stays in the dialog; the same content keeps its key', async () => {
    onCall(listInvitations, aPage([]))
    onCall(createInvitation, () =>
      aProblem(409, 'invitations.already_invited', 'This address is invited already.'),
    )
    const { user } = renderScreen(<TeamScreen />, opened)
    await user.click((await screen.findAllByRole('button', { name: 'Invite' }))[0] as HTMLElement)
    const field = await screen.findByLabelText('E-mail address')
    await user.type(field, 'a@x.test')
    const send = screen.getByRole('button', { name: 'Send invitation' })
    await user.click(send)
    expect((await screen.findByRole('alert')).textContent).toContain('invited already')
    await user.click(send)
    await waitFor(() => expect(requestsTo(createInvitation)).toHaveLength(2))
    await user.type(field, 'x')
    await user.click(send)
    await waitFor(() => expect(requestsTo(createInvitation)).toHaveLength(3))
    const keys = requestsTo(createInvitation).map(({ idempotencyKey }) => idempotencyKey)
    expect(keys[0]).toBe(keys[1])
    expect(keys[2]).not.toBe(keys[0])
  })

  test('is sent again, copied and taken back from its menu', async () => {
    onCall(listInvitations, aPage([anInvitation()]))
    onCall(resendInvitation, anInvitation())
    onCall(getInvitationLink, { url: 'https://vox.test/invite#token' })
    onCall(revokeInvitation, anInvitation({ status: 'revoked' }))
    const { user } = renderScreen(<TeamScreen />, opened)
    const choose = async (item: string) => {
      await user.click(await screen.findByRole('button', { name: /Actions for new@/ }))
      await user.click(await screen.findByRole('menuitem', { name: item }))
    }
    await choose('Send again')
    await waitFor(() => expect(requestsTo(resendInvitation)).toHaveLength(1))
    await choose('Copy link')
    await waitFor(async () =>
      expect(await navigator.clipboard.readText()).toBe('https://vox.test/invite#token'),
    )
    await choose('Take back')
    const dialog = await screen.findByRole('dialog')
    expect(requestsTo(revokeInvitation)).toHaveLength(0)
    await user.click(within(dialog).getByRole('button', { name: 'Take back' }))
    await waitFor(() => expect(requestsTo(revokeInvitation)).toHaveLength(1))
  })
})
