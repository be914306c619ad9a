import { screen, waitFor } from '@testing-library/react'
import { expect, test } from 'vitest'
import { getMe } from '#contracts/access'
import { acceptOwnInvitation, listOwnInvitations } from '#contracts/invitations'
import { createOrganization } from '#contracts/organizations'
import { aProblem, onCall, requestsTo } from '../../testing/api.ts'
import { aMe, anId } from '../../testing/factories.ts'
import { renderScreen } from '../../testing/screen.tsx'
import { anOwnInvitation, someSettings } from '../../testing/team-factories.ts'
import { Onboarding } from './onboarding.tsx'

const TOKEN = 'aB3_-'.repeat(8).concat('xyz')

function open(invitations = [anOwnInvitation()]) {
  onCall(listOwnInvitations, { items: invitations })
  onCall(getMe, aMe())
  return renderScreen(<Onboarding onSignOut={() => undefined} />, { me: aMe({ membership: null }) })
}

test('an organization is founded with the browser’s time zone; the currency stands there', async () => {
  const { user } = open([])
  onCall(createOrganization, someSettings())
  expect(screen.getByText(/US Dollar \(USD\)/)).toBeTruthy()
  await user.type(screen.getByLabelText('Name of the organization'), 'Sunrise Yoga')
  await user.click(screen.getByRole('button', { name: 'Create organization' }))
  await waitFor(() => expect(requestsTo(createOrganization)).toHaveLength(1))
  expect(requestsTo(createOrganization)[0]?.body).toEqual({
    name: 'Sunrise Yoga',
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
  })
})

test('a name is asked for at the field, and a refusal leaves what was typed', async () => {
  const { user } = open([])
  onCall(createOrganization, () =>
    aProblem(409, 'members.already_member', 'This person belongs to an organization already.'),
  )
  await user.click(screen.getByRole('button', { name: 'Create organization' }))
  expect(await screen.findByText('Fill this in')).toBeTruthy()
  const name = screen.getByLabelText('Name of the organization')
  expect(document.activeElement).toBe(name)
  await user.type(name, 'Sunrise Yoga')
  await user.click(screen.getByRole('button', { name: 'Create organization' }))
  expect((await screen.findByRole('alert')).textContent).toContain('belongs to an organization')
  expect((name as HTMLInputElement).value).toBe('Sunrise Yoga')
})

test('a waiting invitation comes first and is a press away', async () => {
  const { user } = open()
  onCall(acceptOwnInvitation, { organizationId: anId(901), role: 'org_manager' })
  await screen.findByText(/Manager, invited by Bo Berg/)
  await user.click(screen.getByRole('button', { name: 'Join Northwind Dental' }))
  await waitFor(() => expect(requestsTo(acceptOwnInvitation)).toHaveLength(1))
  expect(requestsTo(acceptOwnInvitation)[0]?.path).toBe(`/v1/me/invitations/${anId(21)}/accept`)
})

test('without one the person learns which address to be invited under, and can paste a link', async () => {
  const { user, visited } = open([])
  await user.click(screen.getByRole('tab', { name: 'I have an invitation' }))
  expect(await screen.findByText('ana@northwind.test')).toBeTruthy()
  const link = screen.getByLabelText('Link from the mail')
  await user.type(link, 'https://vox.test/invite')
  await user.click(screen.getByRole('button', { name: 'Open' }))
  expect(await screen.findByText('This is not the link of an invitation')).toBeTruthy()
  await user.clear(link)
  await user.type(link, `https://vox.test/invite#${TOKEN}`)
  await user.click(screen.getByRole('button', { name: 'Open' }))
  expect(visited).toEqual([`/invite#${TOKEN}`])
})
