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
  const member = renderScreen(<Forbidden />, { me: aMember('sales_person') })
  expect(screen.getByText(/An admin of your organization/)).toBeTruthy()
  member.unmount()
  renderScreen(<Forbidden needs="calls.listen" />, {
    me: aMe({ membership: null, platformRole: 'manager' }),
  })
  expect(screen.queryByText(/It needs the role/)).toBeNull()
  expect(screen.getByText(/As platform manager/)).toBeTruthy()
})
