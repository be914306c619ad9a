import '../../testing/dom.ts'
import { screen } from '@testing-library/react'
import { expect, test } from 'vitest'
import { aMe } from '../../testing/factories.ts'
import { renderScreen } from '../../testing/screen.tsx'
import { Landing } from './landing.tsx'
import { NoOrganization } from './no-organization.tsx'

test('a member lands on the calls', () => {
  const { visited } = renderScreen(<Landing />)
  expect(visited).toEqual(['/calls'])
})

test('a platform role lands on the overview', () => {
  const { visited } = renderScreen(<Landing />, {
    me: aMe({ membership: null, platformRole: 'manager' }),
  })
  expect(visited).toEqual(['/platform'])
})

test('a person without an organization is told under which address to be invited', async () => {
  const done: string[] = []
  const { user } = renderScreen(
    <NoOrganization
      onSignOut={() => done.push('signed out')}
      onCheckAgain={() => done.push('checked')}
      isChecking={false}
    />,
    { me: aMe({ membership: null }) },
  )
  expect(screen.getByText('ana@northwind.test')).toBeTruthy()
  await user.click(screen.getByRole('button', { name: 'Check again' }))
  await user.click(screen.getByRole('button', { name: 'Sign out' }))
  expect(done).toEqual(['checked', 'signed out'])
})
