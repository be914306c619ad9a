import { screen } from '@testing-library/react'
import { expect, test } from 'vitest'
import { listAdmins } from '#contracts/members'
import { AdminNames } from '../features/members/admin-names.tsx'
import { GrantersProvider } from '../lib/granters.tsx'
import { onCall } from '../testing/api.ts'
import { aMe, aMember, anId } from '../testing/factories.ts'
import { renderScreen } from '../testing/screen.tsx'
import { Forbidden } from './refusals.tsx'

test('a refused member learns which role it takes, who can give it, and a way out', async () => {
  onCall(listAdmins, {
    items: [
      { userId: anId(1), name: 'Ana Morales', email: 'ana@northwind.test' },
      { userId: anId(2), name: '', email: 'bo@northwind.test' },
    ],
  })
  renderScreen(
    <GrantersProvider people={<AdminNames />}>
      <Forbidden needs="audit.read" />
    </GrantersProvider>,
    { me: aMember('sales_person') },
  )
  expect(screen.getByText('It needs the role Admin.')).toBeTruthy()
  expect(
    await screen.findByText('Ana Morales or bo@northwind.test can give you another role.'),
  ).toBeTruthy()
  expect(screen.getByRole('link').getAttribute('href')).toBe('/')
})

test('without names the advice is general; a platform role is told why it stands outside', () => {
  const member = renderScreen(<Forbidden needs="audit.read" />, { me: aMember('sales_person') })
  expect(screen.getByText(/An admin of your organization/)).toBeTruthy()
  member.unmount()
  renderScreen(<Forbidden needs="calls.listen" />, {
    me: aMe({ membership: null, platformRole: 'manager' }),
  })
  expect(screen.queryByText(/It needs the role/)).toBeNull()
  expect(screen.getByText(/As platform manager/)).toBeTruthy()
})

test.each([
  ['an admin', aMember('admin')],
  ['a platform manager', aMe({ membership: null, platformRole: 'manager' })],
])('%s learns that a right of the platform comes from a super admin', (_, me) => {
  renderScreen(
    <GrantersProvider people={<p>Ana Morales can give you another role.</p>}>
      <Forbidden needs="system.read" />
    </GrantersProvider>,
    { me },
  )
  expect(screen.getByText('It needs the role Super admin.')).toBeTruthy()
  expect(screen.getByText(/given by one of its super admins/)).toBeTruthy()
  expect(screen.queryByText(/can give you another role/)).toBeNull()
  expect(screen.queryByText(/As platform manager/)).toBeNull()
})

test('a right of several roles of the platform names them all', () => {
  renderScreen(<Forbidden needs="platform.metrics" />, { me: aMember('sales_person') })
  expect(screen.getByText('It needs the role Super admin or Platform manager.')).toBeTruthy()
})
